"""Header values and credentials: what would split or garble a header is refused, in the template and in the values."""

from __future__ import annotations

import pytest
from hypothesis import given

from core.template import (
    Items,
    Secret,
    TemplateError,
    ValueFault,
    compile_text,
    header_fault,
    header_name_fault,
    replace_marks,
)
from tests.template.template_names import NAMES, any_text


def test_a_header_is_its_text_with_the_values_in_it() -> None:
    assert compile_text("App $name-$count $$5", NAMES, "header").render({"name": "a", "count": "07"}) == "App a-7 $5"


@pytest.mark.parametrize(
    "value", ["a\r\nX: 1", "a\nb", "a\rb", "a\0b", "a\x7fb", "a\x1bb", "é", "日本", "\ud800", "🎉"]
)
def test_a_value_that_would_break_a_header_is_a_fault_that_does_not_quote_it(value: str) -> None:
    with pytest.raises(ValueFault) as caught:
        compile_text("x $name", NAMES, "header").render({"name": value})
    assert caught.value.variable == "name"
    assert value not in str(caught.value)


@pytest.mark.parametrize("text", ["a\r\nb", "a\nb", "a\0b", "é", "${note|default:é}\n"])
def test_a_header_template_that_would_break_a_header_is_a_mistake(text: str) -> None:
    with pytest.raises(TemplateError):
        compile_text(text, NAMES, "header")


@given(any_text)
def test_what_goes_into_a_header_is_printable_ascii(value: str) -> None:
    template = compile_text("x$note", NAMES, "header")
    try:
        text = template.render({"note": value})
    except ValueFault:
        assert header_fault(value) is not None
        return
    assert text == "x" + value.strip(" \t")
    assert all(char == "\t" or " " <= char <= "~" for char in text)


def test_white_space_around_a_pasted_token_is_not_sent() -> None:
    assert compile_text("Bearer $name", NAMES, "header").render({"name": " abc\t"}) == "Bearer abc"


def test_a_password_may_hold_what_a_header_may_not() -> None:
    assert compile_text("$name", NAMES, "text").render({"name": "pässwört\n"}) == "pässwört\n"


def test_a_missing_optional_value_is_nothing_and_a_missing_required_one_a_fault() -> None:
    assert compile_text("a$note", NAMES, "header").render({}) == "a"
    with pytest.raises(ValueFault, match="name has no value"):
        compile_text("a$name", NAMES, "header").render({})


def test_items_joined_in_a_header_text() -> None:
    assert compile_text("${items|join:-}", NAMES, "text").render({"items": Items(['"a"', "1"])}) == "a-1"


def test_a_secret_is_a_mark_that_tells_its_filters() -> None:
    text = compile_text("Key ${name|base64}", NAMES, "header").render({"name": Secret("name", "abc")})
    assert replace_marks(text) == "Key ***"
    assert replace_marks(text, {"name|base64": "YWJj"}) == "Key YWJj"


@pytest.mark.parametrize("name", ["X-Api-Key", "x_y.z", "api-key", "!#$%&'*+.^_`|~"])
def test_a_header_name_is_a_token(name: str) -> None:
    assert header_name_fault(name) is None


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "é", "(x)", "a\x00", "X "])
def test_any_other_header_name_is_refused(name: str) -> None:
    assert header_name_fault(name) is not None
