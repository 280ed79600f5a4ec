"""What the end of a run says of its sync, and whom to tell: one mail when it falls ill, one when it is well. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.portal.mail.events import SyncFailed, SyncRecovered
from core.portal.syncs.gathering import Names
from core.portal.syncs.syncs import Sync
from core.sync import Outcome, SyncRun

WELL = "succeeded"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended. `reason` and `remedy` are sentences, empty for one that went well; `summary` tells what it did.

    `tells`: whether that says anything of the sync; a run that was stopped from outside does not. `waits`: removals are
    withheld, and nothing else is amiss.
    """

    outcome: Outcome
    reason: str = ""
    remedy: str = ""
    summary: str = ""
    tells: bool = True
    waits: bool = False


def ending_of(result: SyncRun, stale: str) -> Ending:
    """The ending of a run that was carried out. `stale` says why its snapshot was not the newest, "" if it was."""
    summary = f"{result.added:,} added, {result.removed:,} removed."
    if result.outcome == WELL:
        return Ending("partly", stale, "", summary) if stale else Ending(WELL, summary=summary)
    worst = max(result.errors, key=lambda error: error.members, default=None)
    if worst is None:
        return Ending(result.outcome, "The run was stopped.", "Sync again.", summary)
    status = f" ({worst.status})" if worst.status else ""
    concerned = f": {worst.members:,} members" if worst.members and result.withheld is None else ""
    waits = result.withheld is not None and len(result.errors) == 1
    return Ending(result.outcome, f"{worst.reason}{status}{concerned}", worst.message, summary, waits=waits)


def news(sync: Sync, names: Names, before: str, ending: Ending) -> SyncFailed | SyncRecovered | None:
    """What to announce when a run ends so and the last outcome was `before` ("" for none)."""
    if ending.outcome == WELL:
        if before in ("", WELL):
            return None
        return SyncRecovered(
            org_id=sync.org_id,
            sync_id=sync.id,
            cohort=names.cohort,
            destination=names.destination,
            summary=ending.summary,
        )
    if before not in ("", WELL):
        return None
    return SyncFailed(
        org_id=sync.org_id,
        sync_id=sync.id,
        cohort=names.cohort,
        destination=names.destination,
        reason=ending.reason,
        remedy=ending.remedy,
        waits=ending.waits,
    )
