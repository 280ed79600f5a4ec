"""The life of an integration as one table: which action leads from which states to which, and who may take it.

The state is the draft's. What customers have is told by the integration's deployed release, and what its own
organisation has besides by its internal release; both stay when the draft moves on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.errors import ConflictError, InputError
from core.portal.people.entities import Person, Role
from core.portal.people.rights import RIGHTS, Right

State = Literal[
    "draft",
    "released_internally",
    "submitted",
    "in_review",
    "changes_requested",
    "approved",
    "rejected",
    "withdrawn",
    "deprecated",
]
Action = Literal[
    "release_internally",
    "end_internal_release",
    "submit",
    "withdraw",
    "start_review",
    "request_changes",
    "approve",
    "reject",
    "edit",
    "deprecate",
    "restore",
    "roll_back",
]

STATE_TITLES: Mapping[State, str] = {
    "draft": "Draft",
    "released_internally": "Released internally",
    "submitted": "Submitted",
    "in_review": "In review",
    "changes_requested": "Changes requested",
    "approved": "Approved",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
    "deprecated": "Deprecated",
}
ACTION_TITLES: Mapping[Action, str] = {
    "release_internally": "Release internally",
    "end_internal_release": "End the internal release",
    "submit": "Submit for review",
    "withdraw": "Withdraw",
    "start_review": "Start the review",
    "request_changes": "Request changes",
    "approve": "Approve and deploy",
    "reject": "Reject",
    "edit": "Edit",
    "deprecate": "Deprecate",
    "restore": "Restore",
    "roll_back": "Roll back",
}

WITH_REVIEWERS: frozenset[State] = frozenset({"submitted", "in_review"})
"""The states in which a submission waits for a reviewer."""
_WITH_PARTNER: tuple[State, ...] = ("draft", "released_internally", "changes_requested", "rejected", "withdrawn")
_ALL: tuple[State, ...] = tuple(STATE_TITLES)


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table. `after` is None where the state stays as it is; `rights` has one for each role that may.

    `needs_deployed`: only while customers have a release; `needs_earlier`: only with an approved release before it.
    """

    before: tuple[State, ...]
    after: State | None
    rights: Mapping[Role, Right]
    reason_required: bool = False
    needs_deployed: bool = False
    needs_earlier: bool = False


_BUILD: Mapping[Role, Right] = {"partner": "build"}
_SUBMIT: Mapping[Role, Right] = {"partner": "submit"}
_REVIEW: Mapping[Role, Right] = {"reviewer": "review"}
_EITHER: Mapping[Role, Right] = {"partner": "submit", "reviewer": "review"}

TRANSITIONS: Mapping[Action, Step] = {
    "release_internally": Step(_WITH_PARTNER, "released_internally", _BUILD),
    "end_internal_release": Step(("released_internally",), "draft", _BUILD),
    "submit": Step(_WITH_PARTNER, "submitted", _SUBMIT),
    "withdraw": Step(("submitted", "in_review", "changes_requested"), "withdrawn", _SUBMIT),
    "start_review": Step(("submitted",), "in_review", _REVIEW),
    "request_changes": Step(("in_review",), "changes_requested", _REVIEW, reason_required=True),
    "approve": Step(("in_review",), "approved", _REVIEW),
    "reject": Step(("in_review",), "rejected", _REVIEW, reason_required=True),
    "edit": Step(("approved",), "draft", _BUILD),
    "deprecate": Step(("approved", *_WITH_PARTNER), "deprecated", _EITHER, reason_required=True, needs_deployed=True),
    "restore": Step(("deprecated",), "approved", _EITHER),
    "roll_back": Step(_ALL, None, _EITHER, reason_required=True, needs_deployed=True, needs_earlier=True),
}


def next_state(action: Action, state: State, *, deployed: bool = False, earlier_approved: bool = False) -> State:
    """The state after `action`. Raises ConflictError when it cannot be taken as things stand (by now)."""
    row = TRANSITIONS[action]
    title = ACTION_TITLES[action]
    if state not in row.before:
        raise ConflictError(
            f'"{title}" is not possible any more: the integration is now "{STATE_TITLES[state]}".',
            remedy="Look at it again, then choose.",
        )
    if row.needs_deployed and not deployed:
        raise ConflictError(f'"{title}" is not possible: no release of it is deployed.')
    if row.needs_earlier and not earlier_approved:
        raise ConflictError(f'"{title}" is not possible: there is no earlier approved release.')
    return row.after or state


def actions(
    state: State, person: Person, *, deployed: bool, earlier_approved: bool, held: bool = False
) -> tuple[Action, ...]:
    """What the person may do next, in the table's order; `edit` is not listed, since saving does it.

    `deployed`: customers have a release; `earlier_approved`: a release before it was approved too; `held`: a reviewer
    deprecated it, so that only a reviewer restores it. The organisation's access to the Developer Portal is not asked
    here; every action asks it.
    """
    found: list[Action] = []
    for action, row in TRANSITIONS.items():
        right = row.rights.get(person.role)
        if action == "edit" or right is None or right not in RIGHTS[person.role]:
            continue
        if action == "restore" and held and person.role != "reviewer":
            continue
        possible = state in row.before and (deployed or not row.needs_deployed)
        if possible and (earlier_approved or not row.needs_earlier):
            found.append(action)
    return tuple(found)


def right_for(action: Action, person: Person) -> Right:
    """The right that `action` asks of a person of this role; for a role that never may, one that it lacks."""
    rights = TRANSITIONS[action].rights
    return rights[person.role] if person.role in rights else next(iter(rights.values()))


def checked_reason(action: Action, reason: str) -> str:
    """The reason without spaces around it. Raises InputError where one is required and there is none."""
    reason = reason.strip()
    if TRANSITIONS[action].reason_required and not reason:
        raise InputError(f'"{ACTION_TITLES[action]}" needs a reason.', where="Reason", remedy="Say why in a sentence.")
    return limited(reason, "Reason")


LONGEST_TEXT = 10_000


def limited(text: str, where: str) -> str:
    """Raises InputError for a text that nobody would read to its end."""
    if len(text) > LONGEST_TEXT:
        message = f"The text has {len(text):,} characters; {LONGEST_TEXT:,} are kept."
        raise InputError(message, where=where, remedy="Shorten it.")
    return text
