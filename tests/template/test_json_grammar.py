r"""The grammar of RFC 8259: what is JSON compiles and keeps its value, what is not is refused with a mistake.

No text makes the compiler crash or hang.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.template import JsonTemplate, TemplateError, compile_json, to_bytes
from tests.template.template_names import NAMES

VALID = (
    "[]", "{}", "[[]]", "[[],[[]]]", '""', '" "', '"a"', "true", "false", "null", "0", "-0", "-1", "123", "20e1",
    "1E22", "1e+2", "1E-2", "0.5", "-0.0", "123.456e78", "0e1", "0E+1", "1e400", "-" + "9" * 400,
    "0." + "0" * 400 + "1", "[1 ]", "[ 4]", " [] ", "\t[\n1\r,\n2 ]\n", "[null, 1, \"1\", {}]", '{"a":[]}',
    '{"":0}', '{"a":"b","c":"d"}', '{"a":{"b":{"c":[{"d":1}]}}}', '{"a":1,"a":2}', '{"a":1,"a":1}', '{"\\u0000":1}',
    r'["\u0060\u012a\u12AB"]', r'["\uD801\udc37"]', r'["\ud83d\ude39\ud83d\udc8d"]', r'["\"\\\/\b\f\n\r\t"]',
    r'["\\u0000"]', r'["\\n"]', r'["\u0000"]', r'["\ud800"]', r'["\uDFAA"]', r'["\ud888\u1234"]',
    r'["\uDd1e\uD834"]', '["\x7f"]', '["\u2028\u2029"]', '["€𝄞"]', '["/*comment*/"]', '["//"]', '["a\u00a0b"]',
    '["\ufeff"]', '["\uffff"]', '["new\\u000Aline"]', '{"asd":"sdf", "dfg":"fgh"}',
    '{"min": -1.0e+28, "max": 1.0e+28}', "[" * 100 + "]" * 100, '{"a":' * 99 + "1" + "}" * 99,
)  # fmt: skip

REFUSED = (
    "", " ", "\n", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[,", "[1 true]", "[a]",
    "[1:2]", '["": 1]', '["a"', '["a",\n4\n,1,', '["x"]]', "[1]x", "1]", "[][]", "{}{}", "[}", "{]", "{]}",
    '{"a":]', '[1}', '{"a"', '{"a":', '{"a":"b"', '{"a":"a', '{"a" "b"}', '{"a"::1}', '{"a":1,}', '{"a":1,,"b":2}',
    '{,"a":1}', '{"a":}', '{:"b"}', "{1:1}", "{a: 1}", "{a:'b'}", "{'a':0}", '{"a" b}', '{"a":"b"}/**/',
    '{"a":"b"}//', '{"a":"b"}#', "{null:1}", '{"a":1 "b":2}', '{"a",1}', '{[:"x"}', '{"x", null}', '{"a":/*c*/"b"}',
    "{9999E9999:1}", '{"id":0,,,,,}', "{🎉}", "nul", "tru", "fals", "True", "None", "NaN", "-NaN", "Infinity",
    "-Infinity", "Inf", "nan", "undefined", "[-foo]", "+1", "++1", "-", "--1", "-01", "01", "-012", "012", "-.1",
    ".1", ".-1", "1.", "2.e3", "0.e1", "0.3e", "0.3e+", "0e", "0E+", "1e", "1.0e-", "1eE2", "1_000", "0x1", "1+2",
    "1 000.0", "-1x", "1.2a-3", "1.8011670033376514H-308", "１", "'a'", "'", '"', '"a', '"\\', '"\\"', '"\\x00"',
    '"\\a"', '"\\u"', '"\\u00"', '"\\u00A"', '"\\uqqqq"', '"\\u00zz"', '"\\🌀"', '"\\\\\\"', '"a\nb"', '"a\tb"',
    '"a\x00b"', '"\x1f"', '["a', '[\\n]', '\\u000A""', "&", "<.>", "[<null>]", "*", "#c\n1", "// c\n1", "/* c */ 1",
    "1 // c", "[1]/*", "\ufeff{}", "{}\ufeff", "[\u00a01]", "[\u20601]", "\f[]", "[\x0b1]", "\u2028[]", "[1\u0085]",
    '\x00', '[1]\x00', '"a"b"', '""""', '" "x', "[\ud800]", "\ud800", "[1,\n1\n,1", '{"a":"b",',
)  # fmt: skip


def refusal(text: str) -> TemplateError | None:
    try:
        compile_json(text, NAMES)
    except TemplateError as error:
        return error
    return None


def outcome(text: str) -> JsonTemplate | TemplateError:
    try:
        return compile_json(text, NAMES)
    except TemplateError as error:
        return error


@pytest.mark.parametrize("text", VALID)
def test_every_json_document_is_a_template_of_itself(text: str) -> None:
    body = to_bytes(compile_json(text, NAMES).render({}))
    pairs = json.loads(body, parse_int=str, parse_float=str, object_pairs_hook=list)
    assert pairs == json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=list)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_json_is_refused_with_a_place_inside_the_text(text: str) -> None:
    error = refusal(text)
    assert error is not None
    for mistake in error.mistakes:
        assert 0 <= mistake.start <= len(text)
        assert mistake.start < mistake.end <= len(text) + 1
        before = text[: mistake.start]
        assert mistake.line == before.count("\n") + 1
        assert mistake.column == len(before.rpartition("\n")[2]) + 1
        assert mistake.message.endswith(".")


@pytest.mark.parametrize(
    "opener", ["[", '{"a":', "[{", '{"a":[', "{", "[[],", '{"a":{},"b":', "(", ",", ":", '"', "'", "$"]
)
def test_a_hundred_thousand_brackets_are_refused_like_any_mistake(opener: str) -> None:
    text = opener * 100_000
    error = refusal(text)
    assert error is not None
    assert 1 <= len(error.mistakes) <= 50


def test_nesting_too_deep_is_said_once() -> None:
    error = refusal("[" * 101 + "]" * 101)
    assert error is not None
    assert [(mistake.code, mistake.column) for mistake in error.mistakes] == [("too-deep", 101)]


RICH = (
    '{"name": "[Amplitude] $name é\\u00e9\\"\\\\", "$note": [1, -2.5e+3, true, null],\n'
    ' "ids": $items, "all": "${items|join:, }", "who": {"id": $count, "x": "$$${user_id|trim|default:a\\"b}"}, "e": {}}'
)
INSERTED = (
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "$",
    "${",
    "|",
    "\n",
    "\x00",
    "'",
    "/",
    "-",
    "\ud800",
    "\u00a0",
    "a",
)


def test_a_template_cut_off_anywhere_is_refused_and_never_crashes() -> None:
    assert isinstance(outcome(RICH), JsonTemplate)
    for at in range(len(RICH)):
        assert isinstance(outcome(RICH[:at]), TemplateError), at


def test_a_template_with_any_character_missing_or_added_compiles_or_is_refused() -> None:
    for at in range(len(RICH)):
        outcome(RICH[:at] + RICH[at + 1 :])
        for inserted in INSERTED:
            outcome(RICH[:at] + inserted + RICH[at:])


@given(
    st.lists(st.sampled_from([*INSERTED, "0", "1", "true", "$name", "${name", "}", "  ", "//", "/*", "*/", "\ufeff"]))
)
def test_any_heap_of_tokens_compiles_or_is_refused(tokens: list[str]) -> None:
    text = "".join(tokens)
    made = outcome(text)
    if "$" not in text:
        try:
            value = json.loads(text, parse_constant=lambda name: pytest.fail(name))
        except ValueError:
            assert isinstance(made, TemplateError)
        else:
            assert isinstance(made, JsonTemplate)
            assert json.loads(made.render({})) == value


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_at_all_compiles_or_is_refused(text: str) -> None:
    outcome(text)
    outcome(f'{{"a": "{text}", "b": {text}}}')
