"""The subset of Markdown that a partner's description may use, and that nothing else gets through."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.parts.description import safe_markdown


@pytest.mark.parametrize(
    ("typed", "markdown"),
    [
        ("Plain text", "Plain text"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("a **bold** b", "a **bold** b"),
        ("*it* and _it_ again", "*it* and *it* again"),
        ("`lists:write` scope", "`lists:write` scope"),
        ("- one\n* two\n+ three", "- one\n- two\n- three"),
        ("1. one\n2) two", "1. one\n2. two"),
        ("## Head", "\n**Head**\n"),
        ("the [guide](https://docs.acme.test/a?b=c).", r"the [guide](https://docs.acme.test/a?b=c)\."),
    ],
)
def test_what_partners_write_stays_markdown(typed: str, markdown: str):
    assert safe_markdown(typed) == markdown


@pytest.mark.parametrize(
    ("typed", "markdown"),
    [
        ("![x](https://evil.test/x.png)", r"!\[x\](https\:" + "\u200b//evil.test/x.png)"),
        ("[x](javascript:alert)", r"\[x\](javascript\:alert)"),
        ("<b>x</b>", r"\<b\>x\</b\>"),
        ("$x$", r"\$x\$"),
        (":red[x]", r"\:red\[x\]"),
        ("    code", "code"),
        ("| a | b |", r"\| a \| b \|"),
        ("snake_case_name", r"snake\_case\_name"),
        ("2 * 3 * 4", r"2 \* 3 \* 4"),
        ("---", r"\---"),
        ("**$x$**", r"**\$x\$**"),
    ],
)
def test_everything_else_is_shown_as_typed(typed: str, markdown: str):
    assert safe_markdown(typed) == markdown


@given(st.text(alphabet="![]()<>$:`*_-#1. \nahtps/x", max_size=60))
def test_no_image_formula_directive_or_tag_is_left(typed: str):
    text = re.sub(r"`[^`\n]*`", "", re.sub(r"\\.", "", safe_markdown(typed)))
    assert not re.search(r"!\[|<|\$|:[a-z]", re.sub(r"\]\(https:", "](", text))
