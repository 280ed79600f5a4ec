"""Payloads: whatever a value holds, the body is valid JSON and the value comes back exactly."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.template import Items, JsonTemplate, Scalar, Scope, Secret, ValueFault, compile_json, replace_marks, to_bytes
from tests.template.template_names import HOSTILE, NAMES, any_text, as_json_reads_it, some_text


def compiled(text: str) -> JsonTemplate:
    return compile_json(text, NAMES)


def sent(text: str, scope: Scope) -> Any:
    """What a destination reads from the body."""
    return json.loads(to_bytes(compiled(text).render(scope)))


@given(some_text)
def test_any_value_comes_back_exactly_from_a_string_a_key_and_a_bare_place(value: str) -> None:
    body = sent('{"in": "<$name>", "bare": $name, "$name": "key"}', {"name": value})
    read = as_json_reads_it(value)
    assert body["in"] == as_json_reads_it(f"<{value}>")
    assert body["bare"] == read
    assert read in {"in", "bare"} or body[read] == "key"


@given(some_text, any_text)
def test_two_values_side_by_side_stay_two_values(first: str, second: str) -> None:
    body = sent('["$name$note", "$name"]', {"name": first, "note": second})
    assert body == [as_json_reads_it(first + second), as_json_reads_it(first)]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_that_looks_like_syntax_is_only_text(value: str) -> None:
    assert sent('{"a": ["x$name"]}', {"name": value}) == {"a": [f"x{value}"]}


def test_a_value_of_a_megabyte_is_sent_whole() -> None:
    value = '"\\🎉' * 250_000
    assert sent('{"v": $name}', {"name": value}) == {"v": value}


def test_a_quote_in_a_user_id_keeps_the_body_valid() -> None:
    assert compiled('{"id": "$name"}').render({"name": 'a"b'}) == '{"id":"a\\"b"}'


def test_a_double_dollar_is_a_dollar() -> None:
    assert sent('{"$$set": {"price": "$$5", "v": "$$name"}}', {}) == {"$set": {"price": "$5", "v": "$name"}}


def test_literal_text_keeps_the_spelling_of_the_template() -> None:
    assert compiled(r'{"a": "\u00e9\/\n", "n": 1.10, "e": 1E+2}').render({}) == r'{"a":"\u00e9\/\n","n":1.10,"e":1E+2}'


def test_a_variable_may_be_a_key_or_part_of_one() -> None:
    assert sent('{"cohort_${name|slug}": $on}', {"name": "A b", "on": True}) == {"cohort_A-b": True}


def test_a_key_without_a_value_is_left_out() -> None:
    assert sent('{"$note": 1, "x$note": 2}', {"note": ""}) == {"x": 2}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("12345678901234567890", "12345678901234567890"),
        ("1.10", "1.10"),
        ("007", "7"),
        ("+5", "5"),
        ("-0", "-0"),
        ("-007.50", "-7.50"),
        ("1e5", "1e5"),
        ("1E-05", "1E-05"),
        ("000", "0"),
        (" 12 ", "12"),
        (0, "0"),
        (12345678901234567890, "12345678901234567890"),
        (1.5, "1.5"),
        (1e22, "1e+22"),
    ],
)
def test_a_number_keeps_its_digits(value: Scalar, written: str) -> None:
    text = compiled('{"n": $count, "t": "$count"}').render({"count": value})
    assert text == f'{{"n":{written},"t":"{written}"}}'
    json.loads(text)


@pytest.mark.parametrize(
    "value", ["", "x", ".5", "5.", "1,000", "0x10", "NaN", "Infinity", "1e", "٣", "1 2", "--1", math.nan, math.inf]
)
def test_what_is_no_number_is_a_fault_and_no_crash(value: Scalar) -> None:
    with pytest.raises(ValueFault) as caught:
        compiled("$count").render({"count": value})
    assert caught.value.variable == "count"


def test_a_megabyte_of_zeros_is_read_as_quickly_as_anything_else() -> None:
    with pytest.raises(ValueFault, match="is not a number"):
        compiled("$count").render({"count": "0" * 1_000_000 + "x"})


@pytest.mark.parametrize(
    ("value", "written"),
    [("true", "true"), ("Yes", "true"), ("1", "true"), (True, "true"), ("off", "false"), (" N ", "false")],
)
def test_a_boolean_is_read_in_the_usual_spellings(value: Scalar, written: str) -> None:
    assert compiled('[$on, "$on"]').render({"on": value}) == f'[{written},"{written}"]'


def test_a_list_id_keeps_the_type_it_came_with() -> None:
    assert compiled('[$list_id, "$listId"]').render({"list_id": 42}) == '[42,"42"]'
    assert compiled('[$list_id, "$listId"]').render({"list_id": "42"}) == '["42","42"]'


def test_a_list_id_of_zero_is_a_value() -> None:
    assert compiled("$list_id").render({"list_id": 0}) == "0"


def test_a_required_value_that_is_missing_is_named() -> None:
    with pytest.raises(ValueFault, match=r"name has no value after \|trim"):
        compiled('{"a": "${name|trim}"}').render({"name": "   "})


def test_a_missing_optional_value_leaves_its_key_out_but_not_its_neighbours() -> None:
    template = '{"a": $note, "b": "$note", "c": "<$note>", "d": [$note, 1], "e": {"f": $note}}'
    assert sent(template, {}) == {"c": "<>", "d": [None, 1], "e": {}}


def test_a_payload_may_be_nothing_but_the_items() -> None:
    assert sent("$items", {"items": Items(['"a"', "1", '{"b":2}'])}) == ["a", 1, {"b": 2}]
    assert sent(' { "ids" : $items } ', {"items": Items([])}) == {"ids": []}


def test_items_can_be_joined_into_one_text() -> None:
    items = Items(['"a\\"b"', "7", '"c"'])
    assert sent('{"ids": "${items|join:,}"}', {"items": items}) == {"ids": 'a"b,7,c'}
    assert sent("${items|join:|}", {"items": items}) == 'a"b|7|c'
    assert sent(r'["${items|join:\n}"]', {"items": items}) == ['a"b\n7\nc']


def test_filters_after_join_work_on_the_joined_text() -> None:
    assert sent('["${items|join:-|upper}"]', {"items": Items(['"a"', '"b"'])}) == ["A-B"]


def test_a_template_still_renders_after_it_was_copied() -> None:
    template = compiled('{"a": $name, "b": $note}')
    template.render({"name": "x"})
    assert copy.deepcopy(template).render({"name": "x"}) == '{"a":"x"}'


@pytest.mark.parametrize(("template", "plain"), [('"$name"', True), ("$count", True), ("[1]", False), ("{}", False)])
def test_a_template_knows_whether_it_is_one_plain_value(template: str, plain: bool) -> None:
    assert compiled(template).is_plain_value is plain


def test_a_secret_renders_as_a_mark_in_valid_json() -> None:
    text = compiled('{"a": $name, "b": "<$name>"}').render({"name": Secret("name", 'sec"ret')})
    assert "ret" not in text
    assert json.loads(replace_marks(text)) == {"a": "***", "b": "<***>"}
    assert "sec" not in repr(Secret("name", "sec"))


def test_a_secret_that_cannot_be_read_is_not_quoted() -> None:
    with pytest.raises(ValueFault) as caught:
        compiled("${name|number}").render({"name": Secret("name", "hunter2")})
    assert "hunter2" not in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


@given(json_values)
def test_a_template_without_variables_renders_to_its_own_value(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert sent(text.replace("$", "$$"), {}) == value
