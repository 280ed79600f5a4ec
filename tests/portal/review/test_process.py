"""What each step of the life does besides the state: releases, what customers have, mail, two people at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import ConflictError, DocumentError, ForbiddenError, NotFoundError, PortalError
from core.portal import Store
from core.portal.review import (
    Evidence,
    approve,
    deprecate,
    end_internal_release,
    evidence_for,
    process,
    reject,
    release_internally,
    released,
    released_logo,
    released_to,
    request_changes,
    restore,
    restore_revision,
    roll_back,
    start_review,
    submit,
    withdraw,
)
from core.portal.tables import releases
from core.request import Connection
from tests.portal.conftest import Clock
from tests.portal.review.world import ACCOUNT, WAYS, World, picture


def _has(world: World, org: str) -> list[tuple[int, str, str]]:
    found = released_to(world.store, org)
    return [(one.release_number, one.channel, str(one.document["summary"])) for one in found]


def test_a_release_keeps_the_document_and_the_logo_of_its_moment(world: World):
    made = world.integration()
    number = world.submitted(made)
    world.edit(made, summary="Later.")
    world.store.set_logo("acme", made, picture(96), by=world.partner)
    release = world.store.get_release(world.reviewer, made, number)
    assert release.document["summary"] != "Later."
    assert world.store.release_logo(world.reviewer, made, number) == picture()
    assert (release.submitted_by, release.note, release.state, release.kind) == (
        "Pat",
        "Please look.",
        "open",
        "review",
    )
    assert release.due_at - release.submitted_at == timedelta(days=7)


def test_customers_get_what_was_approved_and_keep_it_while_the_draft_moves_on(world: World):
    made = world.integration(summary="First.")
    assert _has(world, "other") == []
    world.approved(made)
    assert _has(world, "other") == [(1, "deployed", "First.")]
    world.edit(made, summary="Second.")
    assert world.state(made) == "draft"
    world.submitted(made)
    assert _has(world, "other") == [(1, "deployed", "First.")]
    start_review(world.store, world.reviewer, made, 2)
    reject(world.store, world.reviewer, made, 2, reason="No.")
    assert _has(world, "other") == [(1, "deployed", "First.")]
    world.approved(made)
    assert _has(world, "other") == [(3, "deployed", "Second.")]


def test_an_internal_release_is_for_the_own_organisation_and_wins_while_it_is_newer(world: World):
    made = world.integration(summary="First.")
    release_internally(world.store, world.partner, made)
    assert (_has(world, "acme"), _has(world, "other")) == ([(1, "internal", "First.")], [])
    world.approved(made)
    assert _has(world, "acme") == [(2, "deployed", "First.")]
    world.edit(made, summary="Second.")
    release_internally(world.store, world.partner, made)
    release_internally(world.store, world.partner, made)
    assert _has(world, "acme") == [(4, "internal", "Second.")]
    assert _has(world, "other") == [(2, "deployed", "First.")]
    end_internal_release(world.store, world.partner, made)
    assert _has(world, "acme") == [(2, "deployed", "First.")]
    states = [release.state for release in world.store.list_releases(world.partner, made)]
    assert states == ["ended", "ended", "approved", "ended"]


def test_the_logo_and_the_single_release_are_told_to_those_who_have_it(world: World):
    made = world.integration()
    with pytest.raises(NotFoundError):
        released(world.store, "other", made)
    world.approved(made)
    assert released(world.store, "other", made).name == "Acme Messaging"
    assert released_logo(world.store, "other", made) == picture()


def test_a_deprecated_one_is_gone_for_all_who_are_not_connected(world: World):
    made = world.integration()
    world.approved(made)
    _connect(world, "other", made)
    deprecate(world.store, world.reviewer, made, reason="Unsafe.")
    assert (_has(world, "acme"), len(_has(world, "other"))) == ([], 1)
    assert released(world.store, "other", made).deprecated
    restore(world.store, world.reviewer, made)
    assert not released(world.store, "acme", made).deprecated
    assert world.state(made) == "approved"


def test_what_a_reviewer_deprecated_only_a_reviewer_restores(world: World):
    made = world.integration()
    world.approved(made)
    deprecate(world.store, world.reviewer, made, reason="Unsafe.")
    assert "restore" not in world.store.standing(world.partner, made).actions(world.partner)
    with pytest.raises(ForbiddenError):
        restore(world.store, world.partner, made)
    assert "restore" in world.store.standing(world.reviewer, made).actions(world.reviewer)
    restore(world.store, world.reviewer, made)
    deprecate(world.store, world.partner, made, reason="A new one comes.")
    assert restore(world.store, world.partner, made).state == "approved"


def test_a_roll_back_gives_customers_the_earlier_release_and_leaves_the_draft(world: World):
    made = world.integration(summary="First.")
    WAYS["approved twice"](world, made)
    assert world.store.standing(world.partner, made).earlier == (1,)
    roll_back(world.store, world.reviewer, made, 1, reason="It loses users.")
    assert _has(world, "other") == [(1, "deployed", "First.")]
    assert world.store.get("acme", made).document["summary"] == "Another line."
    assert [one.action for one in world.store.timeline(world.partner, made)][-2:] == ["roll_back", "edit"]
    with pytest.raises(ConflictError):
        roll_back(world.store, world.partner, made, 2, reason="Forward again.")
    assert world.submitted(made) == 3


@pytest.mark.parametrize("change", ["document", "logo"])
def test_an_approval_of_what_was_edited_meanwhile_leaves_a_draft(world: World, change: str):
    made = world.integration()
    number = world.in_review(made)
    if change == "logo":
        world.store.set_logo("acme", made, picture(80), by=world.partner)
    else:
        world.edit(made, summary="Later.")
    approve(world.store, world.reviewer, made, number)
    assert (world.state(made), world.deployed(made)) == ("draft", number)


@pytest.mark.parametrize("change", ["document", "logo"])
def test_the_first_change_after_an_approval_makes_a_draft_and_says_who(world: World, change: str):
    made = world.integration()
    world.approved(made)
    stored = world.store.get("acme", made)
    world.store.save("acme", made, stored.revision, stored.document, by=world.partner)
    world.store.set_logo("acme", made, picture(), by=world.partner)
    assert world.state(made) == "approved"  # nothing was changed
    if change == "logo":
        world.store.set_logo("acme", made, picture(80), by=world.partner)
    else:
        world.edit(made, summary="Later.")
    assert world.state(made) == "draft"
    last = world.store.timeline(world.partner, made)[-1]
    assert (last.action, last.person_name) == ("edit", "Pat")


def test_an_earlier_revision_is_saved_as_the_newest(world: World):
    made = world.integration(summary="First.")
    world.edit(made, summary="Second.")
    assert restore_revision(world.store, world.partner, made, 1).revision == 3
    assert world.store.get("acme", made).document["summary"] == "First."


def test_what_does_not_pass_the_checks_is_neither_submitted_nor_released(world: World):
    made = world.integration(mapping_fields=[])
    with pytest.raises(DocumentError) as refused:
        submit(world.store, world.partner, made, test_account=ACCOUNT)
    assert ("Mapping fields", "Without a mapping field no request can name a user. Add one, e.g. for the user id.") in (
        refused.value.problems
    )
    with pytest.raises(DocumentError):
        release_internally(world.store, world.partner, made)
    assert world.store.list_releases(world.partner, made) == []


def test_a_submission_is_of_the_revision_that_was_looked_at(world: World):
    made = world.integration()
    seen = world.store.get("acme", made).revision
    world.edit(made, summary="By a colleague.")
    with pytest.raises(ConflictError, match="meanwhile"):
        submit(world.store, world.partner, made, test_account=ACCOUNT, revision=seen)


def test_what_is_saved_while_the_evidence_is_gathered_is_not_submitted_unchecked(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    made = world.integration()

    def gather(*given: Any) -> Evidence:
        world.edit(made, mapping_fields=[])
        return evidence_for(*given)

    monkeypatch.setattr(process, "evidence_for", gather)
    with pytest.raises(ConflictError, match="meanwhile"):
        world.submitted(made)
    assert (world.state(made), world.store.list_releases(world.partner, made)) == ("draft", [])


def test_a_reviewer_cannot_decide_another_release_than_the_one_on_the_screen(world: World):
    made = world.integration()
    first = world.in_review(made)
    withdraw(world.store, world.partner, made)
    second = world.in_review(made)
    for decide in (lambda: approve(world.store, world.reviewer, made, first), lambda: reject(
        world.store, world.reviewer, made, first, reason="x")):  # fmt: skip
        with pytest.raises(ConflictError, match="Another release"):
            decide()
    assert approve(world.store, world.reviewer, made, second).state == "approved"


def test_of_two_reviewers_at_once_exactly_one_wins(world: World, open_store: Callable[..., Store]):
    stores = (world.store, open_store())
    for _ in range(4):
        made = world.integration(display_name=f"Acme {_}")
        number = world.in_review(made)
        start, results = threading.Barrier(2), {}

        def decide(name: str, step: Callable[[], object], start: threading.Barrier, results: dict[str, object]) -> None:
            start.wait()
            try:
                step()
                results[name] = "won"
            except PortalError as error:
                results[name] = type(error)

        steps: dict[str, Callable[[], object]] = {
            "approve": lambda: approve(stores[0], world.reviewer, made, number),  # noqa: B023
            "reject": lambda: reject(stores[1], world.second_reviewer, made, number, reason="No."),  # noqa: B023
        }
        threads = [threading.Thread(target=decide, args=(name, step, start, results)) for name, step in steps.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(map(str, results.values())) == sorted(map(str, ("won", ConflictError)))
        decided = [one.action for one in world.store.timeline(world.partner, made) if one.action in steps]
        assert decided == [name for name, result in results.items() if result == "won"]
        assert world.deployed(made) == (number if decided == ["approve"] else None)


def test_mail_that_cannot_be_written_takes_the_step_back(world: World, monkeypatch: pytest.MonkeyPatch):
    made = world.integration()
    number = world.in_review(made)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(process, "announce", fail)
    with pytest.raises(RuntimeError):
        approve(world.store, world.reviewer, made, number)
    assert (world.state(made), world.deployed(made)) == ("in_review", None)


def test_submissions_and_decisions_are_told_by_mail(world: World):
    made = world.integration()
    world.approved(made)
    subjects = {(mail.kind, mail.recipient) for mail in world.store.list_mails(world.reviewer)}
    assert {("submitted", "rita@platform.io"), ("submitted", "pat@acme.io"), ("approved", "pat@acme.io")} <= subjects


def test_the_test_account_is_sealed_and_for_reviewers_alone(world: World):
    made = world.integration()
    number = world.submitted(made)
    with world.store._read() as connection:
        kept = str(connection.scalar(select(releases.c.test_account)))
    assert "tok-0123456789abcdef" not in kept
    assert "review@platform.io" not in kept
    assert world.store.test_account(world.reviewer, made, number) == ACCOUNT
    with pytest.raises(PortalError):
        world.store.test_account(world.partner, made, number)


def test_a_resubmission_keeps_how_the_reviewer_sees_the_result_unless_it_says_otherwise(world: World):
    made = world.integration()
    first = world.submitted(made)
    start_review(world.store, world.reviewer, made, first)
    request_changes(world.store, world.reviewer, made, first, reason="A rule for 401, please.")
    again = submit(world.store, world.partner, made, test_account={**ACCOUNT, "access": " "}).number
    assert world.store.test_account(world.reviewer, made, again) == ACCOUNT
    withdraw(world.store, world.partner, made)
    other = submit(world.store, world.partner, made, test_account={**ACCOUNT, "access": "Elsewhere."}).number
    assert world.store.test_account(world.reviewer, made, other)["access"] == "Elsewhere."


def test_what_customers_have_or_reviewers_look_at_is_not_deleted(world: World):
    made = world.integration()
    world.submitted(made)
    with pytest.raises(ConflictError, match="reviewers"):
        world.store.delete("acme", made)
    start_review(world.store, world.reviewer, made, 1)
    approve(world.store, world.reviewer, made, 1)
    with pytest.raises(ConflictError, match="Deprecate"):
        world.store.delete("acme", made)
    _connect(world, "other", made)
    deprecate(world.store, world.partner, made, reason="Over.")
    with pytest.raises(ConflictError, match="connected"):
        world.store.delete("acme", made)
    for connection in world.store.list_connections("other"):
        world.store.delete_connection("other", connection.id)
    world.store.delete("acme", made)
    assert released_to(world.store, "other") == []


def test_the_queue_has_the_oldest_first_and_shows_who_waits_too_long(world: World, clock: Clock):
    first = world.integration()
    second = world.integration(display_name="Beta")
    world.submitted(first)
    clock.now += timedelta(days=8)
    world.in_review(second)
    queue = world.store.review_queue(world.second_reviewer)
    assert [(one.integration_id, one.org_name, one.name, one.number, one.state, one.late) for one in queue] == [
        (first, "Acme", "Acme Messaging", 1, "submitted", True),
        (second, "Acme", "Beta", 1, "in_review", False),
    ]
    reject(world.store, world.reviewer, second, 1, reason="No.")
    assert [one.integration_id for one in world.store.review_queue(world.reviewer)] == [first]
    assert [(one.name, one.state, one.reason) for one in world.store.decisions(world.reviewer)] == [
        ("Beta", "rejected", "No.")
    ]


def _connect(world: World, org: str, integration_id: str) -> None:
    world.store.add_project(f"p-{org}", org, "Project", "key")
    form = Connection(name="Ours", fields=ACCOUNT["fields"])
    world.store.create_connection(org, f"p-{org}", integration_id, form, ["bearer_token"])
