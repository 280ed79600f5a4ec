"""The newest membership of a cohort, from wherever its snapshots come: what a sync calls before it runs."""

from __future__ import annotations

from dataclasses import dataclass

from core.portal.cohorts.entities import CohortSnapshot
from core.portal.cohorts.fetching import fetch
from core.portal.cohorts.folder import scan_cohort
from core.portal.store import Store
from core.settings import Settings
from core.sync import Clock, NetworkPolicy


@dataclass(frozen=True, slots=True)
class Refreshed:
    """`newest` is what there is now, None while the cohort has no snapshot; `new`: it came with this call.

    `fault` is a sentence, with the way out, when the source gave nothing that can be used; `newest` is then older.
    """

    newest: CohortSnapshot | None
    new: bool
    fault: str


def refresh(
    store: Store,
    settings: Settings,
    org: str,
    cohort_id: str,
    *,
    policy: NetworkPolicy | None = None,
    clock: Clock | None = None,
) -> Refreshed:
    """Scans the cohort's folder or fetches it from the platform; an uploaded cohort is as it was.

    `policy` says where the platform's API may be, by default what the operator allows; `clock` makes its waits. Raises
    NotFoundError and StoreBusyError; what is wrong with the source is told, not raised.
    """
    cohort = store.get_cohort(org, cohort_id)
    before = store.newest_snapshot(org, cohort_id)
    if cohort.kind == "folder":
        scan_cohort(store, settings, cohort)
    elif cohort.kind == "platform":
        fetch(store, settings, org, cohort_id, policy=policy, clock=clock or Clock())
    newest = store.newest_snapshot(org, cohort_id)
    new = newest is not None and (before is None or newest.id != before.id)
    return Refreshed(newest, new, store.get_cohort(org, cohort_id).fault)
