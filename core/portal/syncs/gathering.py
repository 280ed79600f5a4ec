"""What a run of a sync is made of, from the parts of the portal that keep it: cohort, release, connection, snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InputError, PortalError
from core.integration import Integration
from core.portal.cohorts import CohortSnapshot
from core.portal.cohorts.refreshing import refresh
from core.portal.customers.connecting import usable_settings
from core.portal.customers.connections import Target
from core.portal.review.releases import released
from core.portal.store import Store
from core.portal.syncs.syncs import Sync
from core.request import Connection
from core.settings import Settings
from core.sync import Clock, NetworkPolicy


@dataclass(frozen=True, slots=True)
class Names:
    """What people call the two ends of a sync. `destination` is the integration's name, `connection` the customer's."""

    cohort: str
    destination: str
    connection: str


@dataclass(frozen=True)
class Gathered:
    """`connection` has the cohort's names and its secrets in plain text: it goes nowhere but into a run.

    `stale` says, with the way out, why `snapshot` is not as new as it should be; "" when it is.
    """

    integration: Integration
    release: int
    connection: Connection
    target: Target
    snapshot: CohortSnapshot
    stale: str


def names_of(store: Store, sync: Sync) -> Names:
    """The names, as far as there are any. Raises NotFoundError when the sync's own ends are gone."""
    cohort = store.get_cohort(sync.org_id, sync.cohort_id)
    connection = store.get_connection(sync.org_id, sync.connection_id)
    try:
        destination = released(store, sync.org_id, connection.integration_id).name
    except PortalError:
        destination = ""
    return Names(cohort.name, destination or connection.name, connection.name)


def gather(store: Store, settings: Settings, sync: Sync, *, policy: NetworkPolicy, clock: Clock) -> Gathered:
    """Looks for the cohort's newest snapshot, which may take minutes, then reads all the rest as it is now.

    Raises PortalError with a sentence for the customer: no snapshot, nothing released, a secret that does not open.
    """
    found = refresh(store, settings, sync.org_id, sync.cohort_id, policy=policy, clock=clock)
    if found.newest is None:
        if found.fault:
            raise InputError(found.fault)
        raise InputError("The cohort has no snapshot yet.", remedy="Upload one, or wait for its source to give one.")
    shown = store.get_connection(sync.org_id, sync.connection_id)
    release = released(store, sync.org_id, shown.integration_id)
    cohort = store.get_cohort(sync.org_id, sync.cohort_id)
    integration = Integration.model_validate(release.document)
    plain = usable_settings(store, sync.org_id, sync.connection_id, integration)
    return Gathered(
        integration,
        release.release_number,
        plain.model_copy(update={"cohort": cohort.names}),
        shown.target,
        found.newest,
        found.fault,
    )
