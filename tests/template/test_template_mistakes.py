"""Every mistake comes back with its place, what is wrong and the way out; and all of them at once."""

from __future__ import annotations

import pytest

from core.template import Mistake, TemplateError, compile_json, compile_text, compile_url, names_in
from tests.template.template_names import NAMES


def mistakes(text: str) -> tuple[Mistake, ...]:
    with pytest.raises(TemplateError) as caught:
        compile_json(text, NAMES)
    return caught.value.mistakes


CASES = [
    # template, code, line, column, marked text, a word of the message or hint
    ("", "empty", 1, 1, "", "Write a JSON value"),
    ('{"a": 1} x', "text-after-end", 1, 10, "x", "bracket too many"),
    ('{"a":\u00a01}', "odd-space", 1, 6, "\u00a0", "U+00A0"),
    ("[1, // c\n2]", "comment", 1, 5, "// c", "no comments"),
    ("[[1, 2]", "not-closed", 1, 1, "[", 'Add "]"'),
    ("[1}", "wrong-bracket", 1, 3, "}", 'Use "]"'),
    ("[1, ]", "extra-comma", 1, 3, ",", "Remove it"),
    ("[, 1]", "extra-comma", 1, 2, ",", "where a value is expected"),
    ('{"a": 1\n "b": 2}', "comma-missing", 2, 2, '"', "comma is missing"),
    ('{"a" 1}', "colon-missing", 1, 6, "1", "colon is missing"),
    ("{: 1}", "key-missing", 1, 2, ":", "before the colon"),
    ("{1: 2}", "key-missing", 1, 2, "1", "double quotes"),
    ("{a: 1}", "bare-key", 1, 2, "a", 'Write "a"'),
    ("{$name: 1}", "bare-key", 1, 2, "$name", 'Write "$name"'),
    ('{"a": }', "value-missing", 1, 7, "}", 'before "}"'),
    ('{"a": &}', "unexpected", 1, 7, "&", "cannot stand here"),
    ("[01]", "bad-number", 1, 2, "01", "without the leading zero"),
    ("[+5]", "bad-number", 1, 2, "+5", "quotes"),
    ("[True]", "bare-word", 1, 2, "True", "it is true"),
    ("[yes]", "bare-word", 1, 2, "yes", '"yes"'),
    ("['a']", "single-quotes", 1, 2, "'a'", "instead of '"),
    ('{"a": "b\n}', "string-not-closed", 1, 7, '"b', 'closing "'),
    (r'["\x"]', "bad-escape", 1, 3, r"\x", "\\\\"),
    ('["a\tb"]', "control-character", 1, 4, "\t", "\\t"),
    ("[$$]", "dollar-outside-string", 1, 2, "$$", "inside quotes"),
    ('["5 $ a"]', "lone-dollar", 1, 5, "$", "$$"),
    ('["$5"]', "lone-dollar", 1, 3, "$", "$$"),
    ('["${name"]', "brace-not-closed", 1, 3, "${", "not closed"),
    ('["${}"]', "bad-name", 1, 3, "${}", "empty"),
    ('["${user id}"]', "bad-name", 1, 3, "${user id}", "e.g. ${user_id}"),
    ('["$nmae"]', "unknown-variable", 1, 3, "$nmae", "Did you mean $name?"),
    ("[$itmes]", "unknown-variable", 1, 2, "$itmes", "Did you mean $items?"),
    ('["$zzzzzz"]', "unknown-variable", 1, 3, "$zzzzzz", "$$zzzzzz"),
    ('["$in_cohort"]', "not-allowed-here", 1, 3, "$in_cohort", "there is no cohort here"),
    ('["${name|lowr}"]', "unknown-filter", 1, 3, "${name|lowr}", 'Did you mean "lower"?'),
    ('["${name|qqqq}"]', "unknown-filter", 1, 3, "${name|qqqq}", "Known filters: trim"),
    ('["${name|trim:x}"]', "filter-argument", 1, 3, "${name|trim:x}", "takes no argument"),
    ('["${note|default}"]', "filter-argument", 1, 3, "${note|default}", "default:unknown"),
    ("[${count|default:x}]", "filter-argument", 1, 2, "${count|default:x}", "does not fit"),
    (r'["${note|default:\q}"]', "filter-argument", 1, 3, r"${note|default:\q}", "broken escape"),
    ("[${items|lower}]", "filter-on-items", 1, 2, "${items|lower}", "item template"),
    ('["${name|join:,}"]', "filter-on-value", 1, 3, "${name|join:,}", "works on $items only"),
    ('["${items|query:id}"]', "query-outside-url", 1, 3, "${items|query:id}", "URL"),
    ('{"ids": "$items"}', "items-in-text", 1, 10, "$items", "Drop the quotes"),
    ('{"ids": "x $items"}', "items-in-text", 1, 12, "$items", "join"),
]


@pytest.mark.parametrize(("text", "code", "line", "column", "marked", "word"), CASES)
def test_a_mistake_has_its_place_its_reason_and_a_way_out(
    text: str, code: str, line: int, column: int, marked: str, word: str
) -> None:
    found = {mistake.code: mistake for mistake in mistakes(text)}
    assert code in found
    mistake = found[code]
    assert (mistake.line, mistake.column) == (line, column)
    assert text[mistake.start : mistake.end].startswith(marked)
    assert word in f"{mistake.message} {mistake.hint}"
    assert f"line {line}, column {column}" in str(mistake)


@pytest.mark.parametrize(
    "text", [case[0] for case in CASES if case[1] not in ("brace-not-closed", "bad-escape", "bare-key")]
)
def test_one_mistake_is_reported_once(text: str) -> None:
    found = mistakes(text)
    assert len({mistake.start for mistake in found}) == len(found) <= 2


def test_all_mistakes_come_back_at_once_in_the_order_of_the_text() -> None:
    text = '{\n  "ids": "$items",\n  name: $nmae,\n  "n": 01,\n  "x": "${name|lowr}",\n}'
    found = [(mistake.code, mistake.line) for mistake in mistakes(text)]
    assert found == [
        ("items-in-text", 2),
        ("bare-key", 3),
        ("unknown-variable", 3),
        ("bad-number", 4),
        ("unknown-filter", 5),
        ("extra-comma", 5),
    ]


def test_the_error_says_the_first_mistake_and_counts_the_rest() -> None:
    with pytest.raises(TemplateError, match=r"line 1, column 2: \$a is not a known .* \(and 2 more\)"):
        compile_json("[$a, $b, $c]", NAMES)


def test_columns_count_characters_not_bytes() -> None:
    assert mistakes('["🎉é$nope"]')[0].column == 5


def test_an_alias_is_the_variable_it_stands_for() -> None:
    (reference,) = compile_json('"$listId"', NAMES).references
    assert (reference.name, reference.written) == ("list_id", "listId")


@pytest.mark.parametrize("text", ['"${ name }"', '"${name | trim}"', '"${name| trim |lower}"'])
def test_spaces_around_names_and_filters_do_not_matter(text: str) -> None:
    assert compile_json(text, NAMES).render({"name": "A"}) in ('"A"', '"a"')


def test_names_ends_where_letters_digits_and_underscores_end() -> None:
    assert compile_json('"$name-$name.x$name"', NAMES).render({"name": "a"}) == '"a-a.xa"'
    assert mistakes('"$namex"')[0].hint == "Did you mean $name?"


def test_names_can_be_listed_from_a_text_that_does_not_compile() -> None:
    assert names_in('{"a": $x, $$y, "${z|nope}" ${') == [("x", 6), ("z", 16)]


def test_a_filter_after_query_is_a_mistake() -> None:
    with pytest.raises(TemplateError, match="last filter"):
        compile_url("https://a.example/?${items|query:id|lower}", NAMES)


def test_a_list_cannot_stand_in_a_header() -> None:
    with pytest.raises(TemplateError, match="list of users"):
        compile_text("x $items", NAMES, "header")
