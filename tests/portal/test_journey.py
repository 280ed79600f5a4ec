"""The six steps of the process: how far one is, at every point of the way."""

from __future__ import annotations

import pytest

from core.portal.journey import journey
from core.portal.people import Organisation


def progress(organisation: Organisation, projects: int = 1, state: str = "draft", *, deployed: bool = False) -> str:
    """The first letter of each step's progress: Done, Current, Waiting, aTtention, Ahead."""
    letters = {"done": "D", "current": "C", "waiting": "W", "attention": "T", "ahead": "A"}
    return "".join(letters[step.progress] for step in journey(organisation, projects, state, deployed=deployed))


def test_the_steps_are_those_of_the_process_in_their_order() -> None:
    titles = [step.title for step in journey(Organisation("1", "Acme", "plus", "none"), 0)]

    assert titles == [
        "Plan", "Organization and project", "Settings entry", "Set up and submit", "Review", "Approved, deployed, tile",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "access", "projects", "expected"),
    [
        ("starter", "none", 0, "CAAAAA"),
        ("plus", "none", 0, "DCAAAA"),
        ("plus", "none", 1, "DDCAAA"),
        ("plus", "requested", 1, "DDWAAA"),
        ("plus", "granted", 1, "DDDCAA"),
    ],
)
def test_before_the_first_submission_one_step_is_the_organisations_own_turn(
    plan: str, access: str, projects: int, expected: str
) -> None:
    assert progress(Organisation("1", "Acme", plan, access), projects) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "deployed", "expected"),
    [
        ("released_internally", False, "DDDCAA"),
        ("submitted", False, "DDDDWA"),
        ("in_review", False, "DDDDWA"),
        ("changes_requested", False, "DDDTTA"),
        ("rejected", False, "DDDTTA"),
        ("withdrawn", False, "DDDCAA"),
        ("approved", True, "DDDDDD"),
        ("draft", True, "DDDDDD"),
        ("submitted", True, "DDDDWD"),
        ("deprecated", True, "DDDDDD"),
    ],
)
def test_the_state_says_whose_turn_it_is(state: str, deployed: bool, expected: str) -> None:
    assert progress(Organisation("1", "Acme", "plus", "granted"), 1, state, deployed=deployed) == expected
