"""Another organisation's ids, and the ids of what was never submitted, in every function there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.errors import ForbiddenError, NotFoundError
from core.portal import Store
from core.portal.people import Person
from core.portal.review import (
    add_comment,
    evidence_for,
    list_comments,
    publication_report,
    released,
    released_logo,
    resolve_comment,
    restore_revision,
)
from core.portal.review.checks import release_report
from core.portal.review.review_runs import release_under_test
from tests.portal.review.world import WAYS, World, act

Call = Callable[[Store, Person, str], object]
LOOKS: dict[str, Call] = {
    "get_release": lambda store, person, made: store.get_release(person, made, 1),
    "list_releases": lambda store, person, made: store.list_releases(person, made),
    "release_logo": lambda store, person, made: store.release_logo(person, made, 1),
    "timeline": lambda store, person, made: store.timeline(person, made),
    "standing": lambda store, person, made: store.standing(person, made),
    "list_comments": list_comments,
    "add_comment": lambda store, person, made: add_comment(store, person, made, "Hello"),
    "resolve_comment": lambda store, person, made: resolve_comment(store, person, made, "x" * 16),
    "release_report": lambda store, person, made: release_report(store, person, made, 1),
}
OF_PARTNERS: dict[str, Call] = {
    "publication_report": publication_report,
    "restore_revision": lambda store, person, made: restore_revision(store, person, made, 1),
    "evidence_for": lambda store, person, made: evidence_for(store, person.org_id, made, {}),
}
OF_REVIEWERS: dict[str, Call] = {
    "test_account": lambda store, person, made: store.test_account(person, made, 1),
    "review_runs": lambda store, person, made: store.review_runs(person, made),
    "release_under_test": lambda store, person, made: release_under_test(store, person, made, 1),
}
ACTIONS: dict[str, Call] = {
    action: lambda store, person, made, action=action: act(World(store, *[person] * 6), person, action, made, 1)
    for action in ("release_internally", "end_internal_release", "submit", "withdraw", "deprecate", "restore",
                   "roll_back")
}  # fmt: skip


@pytest.mark.parametrize("name", [*LOOKS, *OF_PARTNERS, *ACTIONS])
@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_to_another_organisation_it_is_not_there(world: World, name: str, state: str):
    made = world.integration()
    WAYS[state](world, made)
    call = {**LOOKS, **OF_PARTNERS, **ACTIONS}[name]
    for person in (world.other, Person("x", "other", "X", "x@other.io", "partner")):
        for wanted in (made, "A" * 16, "", "../" + made, made + "\0"):
            with pytest.raises(NotFoundError):
                call(world.store, person, wanted)


@pytest.mark.parametrize("name", [*LOOKS, *OF_REVIEWERS])
@pytest.mark.parametrize("state", ["draft", "released_internally"])
def test_to_a_reviewer_it_is_not_there_before_it_is_submitted(world: World, name: str, state: str):
    made = world.integration()
    WAYS[state](world, made)
    with pytest.raises(NotFoundError):
        {**LOOKS, **OF_REVIEWERS}[name](world.store, world.reviewer, made)


@pytest.mark.parametrize("name", [*LOOKS, *OF_REVIEWERS, "review_queue", "decisions"])
def test_a_customer_of_the_same_organisation_sees_nothing_of_the_review(world: World, name: str):
    made = world.integration()
    world.submitted(made)
    calls: dict[str, Call] = {
        **LOOKS,
        **OF_REVIEWERS,
        "review_queue": lambda store, person, made: store.review_queue(person),
        "decisions": lambda store, person, made: store.decisions(person),
    }
    with pytest.raises(ForbiddenError):
        calls[name](world.store, world.customer, made)


@pytest.mark.parametrize("name", [*OF_REVIEWERS, "review_queue", "decisions"])
def test_what_is_for_reviewers_is_refused_to_the_partner(world: World, name: str):
    made = world.integration()
    world.submitted(made)
    calls: dict[str, Call] = {
        **OF_REVIEWERS,
        "review_queue": lambda store, person, made: store.review_queue(person),
        "decisions": lambda store, person, made: store.decisions(person),
    }
    with pytest.raises(ForbiddenError):
        calls[name](world.store, world.partner, made)


def test_a_reviewer_sees_submissions_but_not_the_draft_nor_what_is_internal(world: World):
    made = world.integration(summary="Submitted.")
    WAYS["released_internally"](world, made)
    number = world.submitted(made)
    world.edit(made, display_name="Secret plan", summary="Secret.")
    store, rita = world.store, world.reviewer
    assert [release.number for release in store.list_releases(rita, made)] == [number]
    with pytest.raises(NotFoundError):
        store.get_release(rita, made, 1)
    with pytest.raises(NotFoundError):
        store.get("platform", made)
    assert [one.action for one in store.timeline(rita, made)] == ["submit"]
    standing = store.standing(rita, made)
    assert (standing.name, standing.internal_release, standing.has_logo) == ("Acme Messaging", None, True)


def test_a_customer_reaches_nothing_that_is_not_released(world: World):
    made = world.integration()
    world.submitted(made)
    for org in ("acme", "other"):
        for wanted in (made, "A" * 16, ""):
            for look in (released, released_logo):
                with pytest.raises(NotFoundError):
                    look(world.store, org, wanted)
