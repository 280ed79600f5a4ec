"""A sync with what it joins and how it stands: what a page of syncs shows."""

from __future__ import annotations

from dataclasses import dataclass

from core.portal.cohorts.entities import Cohort
from core.portal.customers.connections import CustomerConnection
from core.portal.customers.destinations import Destination, catalogue
from core.portal.people import Person
from core.portal.runs import Run
from core.portal.store import Store
from core.portal.syncs.syncs import Sync


@dataclass(frozen=True, slots=True)
class SyncView:
    """`destination` is None when it is no longer released to the organisation; `run` is the newest one, if any."""

    sync: Sync
    cohort: Cohort
    connection: CustomerConnection
    destination: Destination | None
    run: Run | None

    @property
    def running(self) -> bool:
        return self.run is not None and self.run.state == "running"


def overview(store: Store, person: Person) -> list[SyncView]:
    """The syncs of the person's organisation, the newest first. Raises ForbiddenError."""
    store.demand(person, "connect")
    org = person.org_id
    cohorts = {cohort.id: cohort for cohort in store.list_cohorts(org)}
    connections = {connection.id: connection for connection in store.list_connections(org)}
    destinations = {destination.id: destination for destination in catalogue(store, person)}
    newest: dict[str | None, Run] = {}
    for run in store.list_sync_runs(org):
        newest.setdefault(run.sync_id, run)
    found = []
    for sync in store.list_syncs(org):
        connection = connections[sync.connection_id]
        last = newest.get(sync.id) or next(iter(store.list_sync_runs(org, sync.id, limit=1)), None)
        destination = destinations.get(connection.integration_id)
        found.append(SyncView(sync, cohorts[sync.cohort_id], connection, destination, last))
    return found


def view_of(store: Store, person: Person, sync_id: str) -> SyncView:
    """One sync. Raises ForbiddenError, NotFoundError."""
    store.demand(person, "connect")
    org = person.org_id
    sync = store.get_sync(org, sync_id)
    connection = store.get_connection(org, sync.connection_id)
    destinations = {destination.id: destination for destination in catalogue(store, person)}
    return SyncView(
        sync,
        store.get_cohort(org, sync.cohort_id),
        connection,
        destinations.get(connection.integration_id),
        next(iter(store.list_sync_runs(org, sync_id, limit=1)), None),
    )
