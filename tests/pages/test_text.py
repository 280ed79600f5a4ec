"""What `md` must do to a string. That Streamlit then shows it literally, tests/browser/test_hostile_text.py proves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.parts.text import md

ZERO_WIDTH_SPACE = "\u200b"


def unescaped(markdown: str) -> str:
    """The text that CommonMark reads out of backslash escapes (section 2.4), without the invisible breaks."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace(ZERO_WIDTH_SPACE, "")


@pytest.mark.parametrize("plain", ["Acme Messaging", "Größe 5, (beta)", "日本語", "What is on", ""])
def test_ordinary_names_stay_as_they_are(plain: str) -> None:
    assert md(plain) == plain


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("$EMAIL/$USER_ID", r"\$EMAIL/\$USER\_ID"),
        ("**bold** _it_ `code` ~~gone~~", r"\*\*bold\*\* \_it\_ \`code\` \~\~gone\~\~"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("<img src=x> & &amp;", r"\<img src=x\> \& \&amp;"),
        (":red[x]", r"\:red\[x\]"),
        ("a | b", r"a \| b"),
        ("back\\slash", r"back\\slash"),
        ("# heading", r"\# heading"),
        ("- item", r"\- item"),
        ("12. item", r"12\. item"),
        ("3) item", r"3\) item"),
        ("===", r"\==="),
    ],
)
def test_markdown_is_escaped(text: str, markdown: str) -> None:
    assert md(text) == markdown


@pytest.mark.parametrize(
    "text", [":smile:", ":+1:", ":material_home:", "https://x.test", "www.x.test", "a@x.test", "a -> b", "a -- b", "<="]
)
def test_what_streamlit_reads_after_the_escapes_is_broken_up(text: str) -> None:
    assert ZERO_WIDTH_SPACE in md(text)
    assert unescaped(md(text)) == text


def test_it_is_one_line_with_single_spaces() -> None:
    assert md("  one\n\n- two\tthree\u2028four\r\n\x85five  ") == "one - two three four five"


def test_control_and_direction_characters_go() -> None:
    assert md("a\x00b\x1b[31mc\u202eevil\u2066x\u2069") == r"ab\[31mcevilx"


def test_a_lone_surrogate_cannot_break_the_page() -> None:
    assert md("a\ud800b") == "a\ufffdb"


@given(st.text())
def test_no_character_that_can_be_seen_is_lost(text: str) -> None:
    shown = unescaped(md(text))
    kept = re.sub("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\u200b]", "", text)
    assert shown == " ".join(kept.split())


@given(st.text(alphabet="\\`*_[]<>$:&~|#+-=.!(){}@/ ab1\n", max_size=40))
def test_nothing_that_markdown_acts_on_is_left_unescaped(text: str) -> None:
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]<>$:&~|]", md(text))
