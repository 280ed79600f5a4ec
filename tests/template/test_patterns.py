"""Patterns that partners write: the whole value must match, and none can keep a request waiting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.integration import Integration
from core.request import Connection, problems_of
from core.template.patterns import LONGEST_PATTERN, LONGEST_VALUE, PatternError, fits, pattern_fault

CATASTROPHIC = [r"(a+)+$", r"(a|a)*b", r"(a|aa)+$", r"([a-z]+)*@", r"(.*a){12}b", r"(?:a?){500}a{500}b", r"^(\w+\s?)*$"]


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_a_pattern_that_backtracks_for_ever_elsewhere_answers_here(pattern: str) -> None:
    """Each of these takes an engine that backtracks longer than the age of the universe; the test would not end."""
    assert fits(pattern, "a" * (LONGEST_VALUE - 1) + "!") is False


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_the_connect_form_answers_too(pattern: str) -> None:
    field = {"variable": "key", "display_name": "Key", "pattern": pattern}
    integration = Integration.model_validate({"custom_fields": [field]})
    problems = problems_of(integration, Connection(fields={"key": "a" * 5_000 + "!"}))
    assert [problem.message for problem in problems] == [f"The value does not have the expected form ({pattern})."]


@pytest.mark.parametrize(
    ("pattern", "text", "fitting"),
    [
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc1", False),
        ("[a-z]+", "abc\n", False),
        ("^[a-z]+$", "abc", True),
        ("a|ab", "ab", True),
        (r"\d+", "٣", False),
        (r"\p{L}+", "Élan", True),
        ("(?i)abc", "ABC", True),
        ("é{2}", "éé", True),
        (".", "🎉", True),
        (".", "\ud800", True),
        ("(?P<year>[0-9]{4})", "2026", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_the_whole_value_must_match(pattern: str, text: str, fitting: bool) -> None:
    assert fits(pattern, text) is fitting


def test_a_value_too_long_to_be_checked_does_not_fit() -> None:
    assert fits("a*", "a" * LONGEST_VALUE)
    assert not fits("a*", "a" * (LONGEST_VALUE + 1))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?=a)b", "look-around"),
        ("(?<!a)b", "look-around"),
        (r"(a)\1", "back reference"),
        (r"a\Z", "leave it out"),
        ("a{1001}", "repetitions are too large"),
        ("((a{1000}){1000}){1000}", "repetitions are too large"),
        (r"(?:\p{L}{0,100}){9}", "repetitions are too large"),
        ("(", "missing )"),
        ("a" * (LONGEST_PATTERN + 1), "more than 1,000 characters"),
        ("\ud800", "half a character"),
    ],
)
def test_a_pattern_that_the_engine_does_not_take_says_why(pattern: str, reason: str) -> None:
    assert reason in str(pattern_fault(pattern))
    with pytest.raises(PatternError):
        fits(pattern, "a")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_as_a_pattern_answers_or_is_refused(pattern: str, text: str) -> None:
    if pattern_fault(pattern) is None:
        assert fits(pattern, text) in (True, False)
