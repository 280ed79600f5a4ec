"""What partners and reviewers do with an integration: each function is one step of its life.

Each is one transaction that looks at the state anew, so that of two people who act at once one is told that the other
came first (ConflictError). All raise ForbiddenError for a person without the right, NotFoundError for what is not there
for them, InputError where a required reason is missing; the mail that tells of the step is written with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from core.errors import ConflictError, DocumentError, ForbiddenError
from core.integration import Finding, Integration, check
from core.portal.mail import events
from core.portal.mail.announce import announce
from core.portal.people.entities import Person
from core.portal.review.changes import customer_changes
from core.portal.review.checks import publication_report
from core.portal.review.entities import EXPECTED_REVIEW, Release, Standing
from core.portal.review.evidence import evidence_for
from core.portal.review.move import Move
from core.portal.review.records import held
from core.portal.stored import Saved, Stored

if TYPE_CHECKING:
    from core.portal.store import Store


class _About(TypedDict):
    """What every event about an integration says."""

    integration_id: str
    org_id: str
    name: str
    by: Person
    release: int | None


def release_internally(store: Store, person: Person, integration_id: str, *, note: str = "") -> Release:
    """Give the draft as it stands to the own organisation's customers, in place of an earlier internal release.

    Raises DocumentError with what the checks find to be wrong with it.
    """
    store.demand(person, "build")
    stored = store.get(person.org_id, integration_id)
    taken = store.name_taken(person.org_id, _name(stored.document), integration_id)
    report = check(Integration.model_validate(stored.document), name_taken=taken)
    _refuse(report.errors, "be released")
    with store.moving(person, integration_id, "release_internally", note) as move:
        _same_revision(move, stored)
        move.end_internal()
        number = move.add_release("internal", "internal", evidence={}, test_account={})
        move.set(internal_release=number)
    return store.get_release(person, integration_id, number)


def end_internal_release(store: Store, person: Person, integration_id: str) -> Standing:
    """Take the internal release back: it is not a destination any more, and its syncs stop."""
    with store.moving(person, integration_id, "end_internal_release") as move:
        move.number = move.row.internal_release
        move.end_internal()
    return store.standing(person, integration_id)


def submit(
    store: Store,
    person: Person,
    integration_id: str,
    *,
    test_account: Mapping[str, Any],
    note: str = "",
    revision: int | None = None,
) -> Release:
    """Hand the draft in for review, as it stands, with its evidence.

    `test_account`: {"fields": {variable: value}, "mappings": {variable: column}, "access": text}: a filled-in Connect
    form, and in `access` how reviewers see the result on the partner's side. It is sealed. `revision` is the one that
    the person looked at; ConflictError when the draft has moved on. Raises DocumentError with the errors of the report.
    """
    store.demand(person, "submit")
    stored = store.get(person.org_id, integration_id)
    if revision not in (None, stored.revision):
        raise _changed_meanwhile()
    found = publication_report(store, person, integration_id, test_account=test_account)
    _refuse([finding for finding in found if finding.severity == "error"], "be submitted")
    evidence = evidence_for(store, person.org_id, integration_id, stored.document)
    with store.moving(person, integration_id, "submit", note) as move:
        _same_revision(move, stored)
        number = move.add_release("review", "open", evidence=evidence.as_dict(), test_account=test_account)
        about = _about(move, stored.document)
        event = events.Submitted(**about, due_at=move.now + EXPECTED_REVIEW, note=move.reason)
        announce(store, event, within=move.connection)
    return store.get_release(person, integration_id, number)


def withdraw(store: Store, person: Person, integration_id: str, *, reason: str = "") -> Release:
    """Take the submission back, before it is decided or after changes were requested."""
    with store.moving(person, integration_id, "withdraw", reason) as move:
        number = move.pending(states=("open", "changes_requested"))
        move.decide("withdrawn")
        event = events.Withdrawn(**_about(move, move.document_of(number)), reason=move.reason)
        announce(store, event, within=move.connection)
    return store.get_release(person, integration_id, number)


def start_review(store: Store, person: Person, integration_id: str, number: int) -> Release:
    """Take a submission up.

    `number` is, here and below, the release that the reviewer looks at; ConflictError when it is not the open one.
    """
    with store.moving(person, integration_id, "start_review") as move:
        move.pending(number)
        announce(store, events.ReviewStarted(**_about(move, move.document_of(number))), within=move.connection)
    return store.get_release(person, integration_id, number)


def request_changes(store: Store, person: Person, integration_id: str, number: int, *, reason: str) -> Release:
    """Send it back to the partner, who may change it and submit again."""
    with store.moving(person, integration_id, "request_changes", reason) as move:
        move.pending(number)
        move.decide("changes_requested")
        event = events.ChangesRequested(**_about(move, move.document_of(number)), reason=move.reason)
        announce(store, event, within=move.connection)
    return store.get_release(person, integration_id, number)


def approve(store: Store, person: Person, integration_id: str, number: int, *, note: str = "") -> Release:
    """Approve and deploy: every customer has this release from now on; an internal one of before is over."""
    with store.moving(person, integration_id, "approve", note) as move:
        move.pending(number)
        document = move.document_of(number) or {}
        before = move.document_of(move.row.deployed_release)
        felt = customer_changes(before, document) if before is not None else ()
        said = tuple(change.sentence for change in felt if change.severity != "info")
        move.decide("approved")
        move.end_internal()
        move.set(deployed_release=number)
        event = events.Approved(**_about(move, document), reason=move.reason, changes=said)
        announce(store, event, within=move.connection)
    return store.get_release(person, integration_id, number)


def reject(store: Store, person: Person, integration_id: str, number: int, *, reason: str) -> Release:
    """Refuse it. What customers have already stays."""
    with store.moving(person, integration_id, "reject", reason) as move:
        move.pending(number)
        move.decide("rejected")
        event = events.Rejected(**_about(move, move.document_of(number)), reason=move.reason)
        announce(store, event, within=move.connection)
    return store.get_release(person, integration_id, number)


def deprecate(store: Store, person: Person, integration_id: str, *, reason: str) -> Standing:
    """No new connections from now on; those there are go on. Ends an internal release."""
    with store.moving(person, integration_id, "deprecate", reason) as move:
        move.number = move.row.deployed_release
        move.end_internal()
        event = events.Deprecated(**_about(move, move.document_of(move.number)), reason=move.reason)
        announce(store, event, within=move.connection)
    return store.standing(person, integration_id)


def restore(store: Store, person: Person, integration_id: str, *, reason: str = "") -> Standing:
    """Take a deprecation back. Raises ForbiddenError for a partner when it was a reviewer who deprecated it."""
    with store.moving(person, integration_id, "restore", reason) as move:
        if person.role != "reviewer" and held(move.connection, move.row):
            raise ForbiddenError("A reviewer deprecated it, so a reviewer restores it.", remedy="Ask in a comment.")
        move.number = move.row.deployed_release
        event = events.Restored(**_about(move, move.document_of(move.number)), reason=move.reason)
        announce(store, event, within=move.connection)
    return store.standing(person, integration_id)


def roll_back(store: Store, person: Person, integration_id: str, number: int, *, reason: str) -> Standing:
    """Give customers the earlier approved release `number` again (one of `Standing.earlier`).

    Raises NotFoundError for a release that was not approved, ConflictError for one that is not earlier.
    """
    with store.moving(person, integration_id, "roll_back", reason) as move:
        move.approved(number)
        if number >= move.row.deployed_release:
            raise ConflictError(f"Release {move.row.deployed_release} is deployed, so {number} is no step back.")
        move.set(deployed_release=number)
        event = events.RolledBack(**_about(move, move.document_of(number)), reason=move.reason)
        announce(store, event, within=move.connection)
    return store.standing(person, integration_id)


def restore_revision(store: Store, person: Person, integration_id: str, revision: int) -> Saved:
    """Save an earlier revision of the draft as its newest one, in place of what was saved since."""
    store.demand(person, "build")
    stored = store.get(person.org_id, integration_id)
    document = store.revision(person.org_id, integration_id, revision)
    return store.save(person.org_id, integration_id, stored.revision, document, by=person)


def _about(move: Move, document: Mapping[str, Any] | None) -> _About:
    return {
        "integration_id": move.row.id,
        "org_id": move.row.org_id,
        "name": _name(document or move.row.document),
        "by": move.person,
        "release": move.number,
    }


def _name(document: Mapping[str, Any]) -> str:
    return str(document.get("display_name", ""))


def _same_revision(move: Move, stored: Stored) -> None:
    if (move.row.revision, move.row.logo_digest) != (stored.revision, stored.logo):
        raise _changed_meanwhile()


def _changed_meanwhile() -> ConflictError:
    return ConflictError("The draft was changed meanwhile.", remedy="Look at it as it stands now, then try again.")


def _refuse(errors: Sequence[Finding], what: str) -> None:
    if errors:
        number = "one thing is" if len(errors) == 1 else f"{len(errors)} things are"
        raise DocumentError(
            f"It cannot {what} yet: {number} not right.",
            problems=tuple((finding.where, f"{finding.message} {finding.remedy}".strip()) for finding in errors),
            remedy=str(errors[0]),
        )
