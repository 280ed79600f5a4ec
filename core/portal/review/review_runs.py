"""A reviewer runs the tests of a submission: the release's document, the partner's test account, a run of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from core.errors import DocumentError
from core.integration import Integration
from core.portal.people.entities import Person
from core.request import Connection

if TYPE_CHECKING:
    from core.portal.store import Store
    from core.portal.test_runs import Runner, RunOrder

REVIEW = "review"
"""The kind of these runs."""


def release_under_test(
    store: Store, person: Person, integration_id: str, number: int
) -> tuple[Integration, Connection]:
    """What a reviewer tests: the integration as submitted, and the test account as a filled-in form, in plain text.

    Raises ForbiddenError, NotFoundError, DocumentError for a test account that is no filled-in form.
    """
    release = store.get_release(person, integration_id, number)
    account = store.test_account(person, integration_id, number)
    try:
        form = Connection(
            name="Test account", fields=account.get("fields") or {}, mappings=account.get("mappings") or {}
        )
    except ValidationError as fault:
        message = "The test account cannot be used."
        raise DocumentError(message, where="Test account", remedy="Ask the partner for another.") from fault
    return Integration.model_validate(release.document), form


def start_review_run(
    runner: Runner, store: Store, person: Person, integration_id: str, number: int, order: RunOrder
) -> str:
    """Start a run that belongs to the reviewer's organisation; its id, for `get_run(person.org_id, ...)`.

    Raises ForbiddenError, NotFoundError, ConflictError while another review run of the integration goes on.
    """
    store.demand(person, "review")
    store.get_release(person, integration_id, number)
    owner = store.standing(person, integration_id).org_id
    return runner.start(person.org_id, integration_id, order, kind=REVIEW, owner_org=owner)
