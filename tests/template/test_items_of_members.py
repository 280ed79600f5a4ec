"""Whole columns of members render to the same items as one member after the other."""

from __future__ import annotations

import itertools
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.template import Scope, ValueFault, compile_json, to_bytes
from tests.template.template_names import HOSTILE, NAMES, any_text

TEMPLATES = (
    '"$user_id"',
    "$user_id",
    '{"id": "$user_id", "email": "$email", "phone": $phone}',
    '{"id": "$user_id", "$email": true, "tags": ["${phone|digits}", $age]}',
    '{"id": "u-$user_id 100%", "in": $on, "list": $list_id, "who": "$email/$phone"}',
    '["${email|email|sha256}", "${phone|default:none}", ${age|default:0}]',
    '{"a": ${age|string}, "b": ${phone|number}, "c": $subscribed, "%s": "$user_id"}',
    '{"zip": $zip_code, "h": "${user_id|trim|lower|md5|upper}", "j": "${email|trim|base64}"}',
    "$email",
)
cell = st.none() | any_text | st.sampled_from(["", " ", "1", "07", "1.10", "true", "no", "12345", "a@b.c"])
columns = st.integers(0, 6).flatmap(
    lambda count: st.fixed_dictionaries(
        {
            name: st.lists(cell, min_size=count, max_size=count)
            for name in ("user_id", "email", "phone", "age", "subscribed", "zip_code")
        }
    )
)


def one_by_one(template: str, member: Scope, shared: Scope) -> str | None:
    """The item of a single member, or None when the member cannot be sent."""
    try:
        return compile_json(template, NAMES).render({**shared, **member})
    except ValueFault:
        return None


@given(st.sampled_from(TEMPLATES), columns)
def test_rendering_columns_equals_rendering_members_one_by_one(
    template: str, columns: dict[str, list[str | None]]
) -> None:
    shared: Scope = {"list_id": 42, "on": True}
    count = len(columns["user_id"])
    rendered = compile_json(template, NAMES).render_members(columns, shared, count)
    assert len(rendered.texts) == count
    for row in range(count):
        expected = one_by_one(template, {name: values[row] for name, values in columns.items()}, shared)
        if expected == "null":  # one value would be null; a member of whom nothing is left is not sent
            assert "nothing is left that names the user" in rendered.faults[row]
            expected = None
        assert rendered.texts[row] == (None if expected is None else to_bytes(expected).decode())
        assert (rendered.texts[row] is None) == (row in rendered.faults)
        if expected is not None:
            json.loads(expected)


plain = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)


@given(
    st.sampled_from(
        ["trim", "lower", "upper", "email", "trim|lower|sha256", "upper|md5", "sha1|upper", "email|sha256"]
    ),
    st.lists(plain | plain.map(lambda text: f" {text} "), max_size=6),
)
def test_columns_of_plain_text_are_filtered_as_single_values_are(chain: str, values: list[str]) -> None:
    template = f'["${{email|{chain}}}", "$user_id"]'
    keys = [str(row) for row in range(len(values))]
    rendered = compile_json(template, NAMES).render_members({"user_id": keys, "email": pa.array(values)}, {}, len(keys))
    alone = [
        one_by_one(template, {"user_id": key, "email": value}, {}) for key, value in zip(keys, values, strict=True)
    ]
    assert rendered.texts == alone


@pytest.mark.parametrize("present", list(itertools.product([True, False], repeat=4)))
def test_every_combination_of_missing_optional_values(present: tuple[bool, ...]) -> None:
    values = {"email": "a@b.c", "phone": "+1", "age": "7", "subscribed": "yes"}
    given_values = {name: value if there else "" for (name, value), there in zip(values.items(), present, strict=True)}
    template = compile_json(
        '{"id": "$user_id", "email": "$email", "phone": $phone, "age": $age, "sub": $subscribed}', NAMES
    )
    rendered = template.render_members({"user_id": ["u"], **{name: [v] for name, v in given_values.items()}}, {}, 1)
    item = json.loads(rendered.texts[0] or "")
    whole = {"email": "a@b.c", "phone": "+1", "age": 7, "sub": True}
    assert item == {
        "id": "u",
        **{key: value for (key, value), there in zip(whole.items(), present, strict=True) if there},
    }


def test_hostile_values_in_one_batch_come_back_member_by_member() -> None:
    rendered = compile_json('{"id": "$user_id"}', NAMES).render_members({"user_id": HOSTILE}, {}, len(HOSTILE))
    assert [json.loads(text or "")["id"] for text in rendered.texts] == list(HOSTILE)
    assert rendered.faults == {}


def test_a_member_without_a_required_value_is_a_fault_and_the_others_go_on() -> None:
    rendered = compile_json('{"id": "$user_id"}', NAMES).render_members({"user_id": ["a", "", None, "b"]}, {}, 4)
    assert rendered.texts == ['{"id":"a"}', None, None, '{"id":"b"}']
    assert rendered.faults == {1: "user_id has no value", 2: "user_id has no value"}


def test_a_number_that_cannot_be_read_rejects_its_member_with_the_reason() -> None:
    rendered = compile_json('{"id": "$user_id", "age": $age}', NAMES).render_members(
        {"user_id": ["a", "b"], "age": ["old", "7"]}, {}, 2
    )
    assert rendered.texts == [None, '{"id":"b","age":7}']
    assert rendered.faults == {0: 'age: "old" is not a number'}


def test_a_value_that_does_not_match_its_pattern_rejects_its_member() -> None:
    rendered = compile_json('["$zip_code"]', NAMES).render_members({"zip_code": ["12345", "1234x", ""]}, {}, 3)
    assert rendered.texts == ['["12345"]', None, "[null]"]
    assert "does not have the expected form" in rendered.faults[1]


def test_a_default_does_not_hide_a_value_that_cannot_be_read() -> None:
    rendered = compile_json("[${age|default:0}]", NAMES).render_members({"age": ["x", "", "3"]}, {}, 3)
    assert rendered.texts == [None, "[0]", "[3]"]


def test_a_missing_value_of_the_whole_list_is_missing_for_every_member() -> None:
    rendered = compile_json('{"id": "$user_id", "note": $note}', NAMES).render_members({"user_id": ["a", "b"]}, {}, 2)
    assert rendered.texts == ['{"id":"a"}', '{"id":"b"}']


def test_an_item_without_variables_is_the_same_for_everyone() -> None:
    assert compile_json('{"a": 1}', NAMES).render_members({}, {}, 3).texts == ['{"a":1}'] * 3


def test_no_members_give_no_items() -> None:
    assert compile_json('"$user_id"', NAMES).render_members({"user_id": []}, {}, 0).texts == []
