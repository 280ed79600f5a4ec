"""What people do with syncs. Every function asks first whether the person may connect their organisation."""

from __future__ import annotations

import shutil

from core.errors import ConflictError
from core.portal.people import Person
from core.portal.review.releases import released
from core.portal.store import Store
from core.portal.syncs.cadence import Cadence
from core.portal.syncs.preparing import state_folder
from core.portal.syncs.syncs import Sync
from core.settings import Settings


def create_sync(store: Store, person: Person, cohort_id: str, connection_id: str, cadence: Cadence) -> Sync:
    """A new sync, whose first run begins at once. Raises ForbiddenError, NotFoundError (also for a destination that is
    not released to the organisation any more), InputError, ConflictError as `Syncs.create_sync` does.
    """
    store.demand(person, "connect")
    connection = store.get_connection(person.org_id, connection_id)
    released(store, person.org_id, connection.integration_id)
    return store.create_sync(person.org_id, cohort_id, connection_id, cadence, person.name)


def list_syncs(store: Store, person: Person) -> list[Sync]:
    """All of the person's organisation, the newest first. Raises ForbiddenError."""
    store.demand(person, "connect")
    return store.list_syncs(person.org_id)


def get_sync(store: Store, person: Person, sync_id: str) -> Sync:
    """Raises ForbiddenError, NotFoundError."""
    store.demand(person, "connect")
    return store.get_sync(person.org_id, sync_id)


def delete_sync(store: Store, settings: Settings, person: Person, sync_id: str) -> None:
    """Deletes a sync, its runs and what it remembers. Who is at the destination stays there.

    Raises ForbiddenError, NotFoundError, ConflictError while a run of it goes on.
    """
    store.demand(person, "connect")
    store.delete_sync(person.org_id, sync_id)
    shutil.rmtree(state_folder(settings, sync_id), ignore_errors=True)


def set_cadence(store: Store, person: Person, sync_id: str, cadence: Cadence) -> Sync:
    """Raises ForbiddenError, NotFoundError, InputError."""
    store.demand(person, "connect")
    return store.set_cadence(person.org_id, sync_id, cadence)


def pause(store: Store, person: Person, sync_id: str) -> Sync:
    """No run by the schedule from now on. Raises ForbiddenError, NotFoundError."""
    store.demand(person, "connect")
    return store.pause_sync(person.org_id, sync_id)


def resume(store: Store, person: Person, sync_id: str) -> Sync:
    """The schedule goes on; what was missed is made up for by one run. Raises ForbiddenError, NotFoundError."""
    store.demand(person, "connect")
    return store.resume_sync(person.org_id, sync_id)


def sync_now(
    store: Store,
    person: Person,
    sync_id: str,
    *,
    allow_removals: bool = False,
    create_again: bool = False,
    list_id: str | None = None,
) -> Sync:
    """Asks for a run within seconds; the answers are those of `Wish`. Raises ForbiddenError, NotFoundError."""
    store.demand(person, "connect")
    return store.wish_sync(
        person.org_id, sync_id, allow_removals=allow_removals, create_again=create_again, list_id=list_id
    )


def stop_run(store: Store, person: Person, run_id: str) -> None:
    """Asks for the end of a run after the requests that are in flight. Raises ForbiddenError, NotFoundError,
    ConflictError for a run that has ended.
    """
    store.demand(person, "connect")
    if store.get_run(person.org_id, run_id).state != "running":
        raise ConflictError("This run has ended already.")
    store.want_stop(person.org_id, run_id)
