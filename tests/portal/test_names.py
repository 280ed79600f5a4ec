"""When two display names count as the same, and what copies are called."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.portal.names import copy_name, name_key


@pytest.mark.parametrize(
    "other", ["ACME messaging", " Acme  Messaging ", "Acme\u00a0Messaging", "Ａｃｍｅ Messaging", "Acme\u200bMessaging"]
)
def test_names_that_look_alike_count_as_one(other: str):
    assert name_key(other) == name_key("Acme Messaging")


@pytest.mark.parametrize(("one", "other"), [("Café", "Cafe\u0301"), ("STRASSE", "straße"), ("ﬁle", "FILE")])
def test_ways_of_writing_one_name_in_unicode_count_as_one(one: str, other: str):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Acme", "Acme 2"), ("Cafe", "Café"), ("A-B", "AB")])
def test_names_that_differ_in_a_letter_or_a_sign_are_two(one: str, other: str):
    assert name_key(one) != name_key(other)


@given(st.text(st.characters(codec=None, categories=None)))
def test_any_name_has_a_key_that_can_be_stored_and_indexed(name: str):
    key = name_key(name)
    assert key == "" or re.fullmatch("[0-9a-f]{64}", key)


@given(st.text())
def test_a_name_counts_as_the_same_however_it_is_cased_and_normalised(name: str):
    assert name_key(unicodedata.normalize("NFD", name)) == name_key(unicodedata.normalize("NFKC", name))
    assert name_key(f" {name.casefold()} ") == name_key(name)


def test_a_name_of_spaces_and_invisible_signs_has_no_key():
    assert name_key(" \u200b\t") == ""


@pytest.mark.parametrize(
    ("name", "taken", "copy"),
    [
        ("Acme", set(), "Acme (copy)"),
        ("Acme", {"Acme (copy)"}, "Acme (copy 2)"),
        ("Acme", {"Acme (copy)", "Acme (copy 2)"}, "Acme (copy 3)"),
        ("Acme (copy)", {"Acme (copy)"}, "Acme (copy 2)"),
        ("Acme (copy 7)", set(), "Acme (copy)"),
        ("", set(), "(copy)"),
    ],
)
def test_a_copy_gets_the_first_free_number(name: str, taken: set[str], copy: str):
    assert copy_name(name, taken.__contains__) == copy
