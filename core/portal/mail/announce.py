"""An event becomes mail in the outbox: letters to those it concerns, and a line for Slack when that is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from core.portal.mail.events import Event, IntegrationEvent, SyncFailed, SyncRecovered
from core.portal.mail.letters import Circle, letters

if TYPE_CHECKING:
    from core.portal.store import Store


def announce(store: Store, event: Event, *, within: Connection | None = None) -> None:
    """Put what is to be told of `event` into the outbox; nothing is sent here. Raises NotFoundError for its
    organisation.

    `within`: a write transaction that is open, so that the mail is written if and only if the event is. Without it the
    call makes a transaction of its own, and must then stand after the one that it tells of: a write transaction waits
    for the one that is open.
    """
    how = store.correspondence
    store.post(letters(event, _circle(store, event), how.public_url, slack=how.slack), within=within)


def _circle(store: Store, event: Event) -> Circle:
    if isinstance(event, IntegrationEvent):
        connected = [org for org in store.organisations_connected(event.integration_id) if org != event.org_id]
        customers = [person for org in connected for person in store.list_people(org)]
        owner = store.get_organisation(event.org_id)
        return Circle(owner.name, store.list_people(owner.id), store.list_reviewers(), customers)
    if isinstance(event, SyncFailed | SyncRecovered):
        organisation = store.get_organisation(event.org_id)
    else:
        organisation = event.organisation
    return Circle(organisation.name, store.list_people(organisation.id), store.list_reviewers())
