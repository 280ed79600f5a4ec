"""The life of an integration as a table: every state, every action, everybody."""

from __future__ import annotations

import pytest

from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from core.portal.people import Person
from core.portal.review import actions, process
from core.portal.review.states import ACTION_TITLES, TRANSITIONS
from tests.portal.review.world import WAYS, World, act

BEFORE_REVIEW = {"release_internally": "released_internally", "submit": "submitted"}
TABLE: dict[str, dict[str, dict[str, str]]] = {
    "draft": {"partner": BEFORE_REVIEW, "reviewer": {}},
    "draft over a deployed release": {
        "partner": {**BEFORE_REVIEW, "deprecate": "deprecated"},
        "reviewer": {"deprecate": "deprecated"},
    },
    "released_internally": {"partner": {**BEFORE_REVIEW, "end_internal_release": "draft"}, "reviewer": {}},
    "submitted": {"partner": {"withdraw": "withdrawn"}, "reviewer": {"start_review": "in_review"}},
    "in_review": {
        "partner": {"withdraw": "withdrawn"},
        "reviewer": {"request_changes": "changes_requested", "approve": "approved", "reject": "rejected"},
    },
    "changes_requested": {"partner": {**BEFORE_REVIEW, "withdraw": "withdrawn"}, "reviewer": {}},
    "approved": {"partner": {"deprecate": "deprecated"}, "reviewer": {"deprecate": "deprecated"}},
    "approved twice": {
        "partner": {"deprecate": "deprecated", "roll_back": "draft"},
        "reviewer": {"deprecate": "deprecated", "roll_back": "draft"},
    },
    "rejected": {"partner": BEFORE_REVIEW, "reviewer": {}},
    "withdrawn": {"partner": BEFORE_REVIEW, "reviewer": {}},
    "deprecated": {"partner": {"restore": "approved"}, "reviewer": {"restore": "approved"}},
}
"""What may be done where, by whom, and where it leads; everything else is refused."""
ACTIONS = [action for action in ACTION_TITLES if action != "edit"]


@pytest.mark.parametrize("state", TABLE)
def test_only_what_the_table_allows_is_done_and_the_rest_changes_nothing(world: World, state: str):
    made = world.integration()
    WAYS[state](world, made)
    number = world.store.standing(world.partner, made).submission or 1
    before = (world.store.get("acme", made), world.store.timeline(world.partner, made))
    for action in ACTIONS:
        for person in (world.partner, world.customer, world.other, world.without_access, world.reviewer):
            if action in TABLE[state].get(person.role, {}) and person in (world.partner, world.reviewer):
                continue
            with pytest.raises((ConflictError, ForbiddenError, NotFoundError)) as refused:
                act(world, person, action, made, number)
            has_right = person.role in TRANSITIONS[action].rights and person is not world.without_access  # type: ignore[index]
            assert (refused.type is ForbiddenError) is not has_right, (action, person.role)
            if person is world.other and has_right:
                assert refused.type is NotFoundError, action
    assert (world.store.get("acme", made), world.store.timeline(world.partner, made)) == before


@pytest.mark.parametrize(
    ("state", "role", "action", "after"),
    [
        (state, role, action, after)
        for state, roles in TABLE.items()
        for role, row in roles.items()
        for action, after in row.items()
    ],
)
def test_each_action_leads_to_its_state_and_is_recorded(world: World, state: str, role: str, action: str, after: str):
    made = world.integration()
    WAYS[state](world, made)
    before = world.state(made)
    person = world.partner if role == "partner" else world.reviewer
    standing = world.store.standing(person, made)
    assert action in standing.actions(person)
    act(world, person, action, made, standing.submission or 1)
    assert world.state(made) == after
    timeline = world.store.timeline(world.partner, made)
    told = [one for one in timeline if one.action == action][-1]
    assert (told.before, told.person_name, told.role) == (before, person.name, role)
    assert [one.ordinal for one in timeline] == list(range(1, len(timeline) + 1))


@pytest.mark.parametrize("state", TABLE)
def test_what_is_offered_is_what_the_table_allows(world: World, state: str):
    made = world.integration()
    WAYS[state](world, made)
    standing = world.store.standing(world.partner, made)
    assert set(standing.actions(world.partner)) == set(TABLE[state]["partner"])
    assert set(standing.actions(world.reviewer)) == set(TABLE[state]["reviewer"])
    assert standing.actions(world.customer) == ()


@pytest.mark.parametrize("action", ["request_changes", "reject", "deprecate", "roll_back"])
@pytest.mark.parametrize("reason", ["", " \n"])
def test_what_hurts_somebody_needs_a_reason(world: World, action: str, reason: str):
    made = world.integration()
    WAYS["approved twice" if action in ("deprecate", "roll_back") else "in_review"](world, made)
    about = () if action == "deprecate" else (1,)
    with pytest.raises(InputError, match="reason"):
        getattr(process, action)(world.store, world.reviewer, made, *about, reason=reason)


def test_a_reviewer_is_offered_nothing_of_a_draft():
    rita = Person("rita", "platform", "Rita", "rita@platform.io", "reviewer")
    assert actions("draft", rita, deployed=False, earlier_approved=False) == ()
