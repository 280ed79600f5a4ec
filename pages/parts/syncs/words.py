"""How a sync stands and when it runs, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from core.portal.syncs.cadence import Cadence
from core.portal.syncs.history import RunLine, line_of
from core.portal.syncs.overview import SyncView
from pages.parts.run_parts import OUTCOMES, Colour

CADENCES: dict[Cadence, str] = {"once": "Once", "hourly": "Hourly", "daily": "Daily"}
SOON = "within seconds"


def outcome_of(line: RunLine) -> tuple[str, Colour]:
    """How a run ended. One that only waits for removals to be allowed did not fail."""
    waits = line.withheld and not line.failed and line.outcome in ("stopped", "partly")
    return ("Removals withheld", "orange") if waits else OUTCOMES[line.outcome]


def standing(view: SyncView) -> tuple[str, Colour]:
    """The word and the colour of a sync's badge."""
    if view.running:
        return OUTCOMES["running"]
    if view.sync.wish is not None:
        return "Starting", "blue"
    if view.sync.paused:
        return "Paused", "gray"
    if view.run is None:
        return ("Starting", "blue") if view.sync.next_at else ("Not run yet", "gray")
    return outcome_of(line_of(view.run))


def next_run(view: SyncView, now: datetime | None = None) -> str:
    """When the next run is: `in 2 h`, `within seconds`, `paused`, `none planned`."""
    now = now or datetime.now(UTC)
    if view.sync.wish is not None:
        return SOON
    if view.sync.paused:
        return "none while paused"
    if view.sync.next_at is None:
        return "none planned"
    return until((view.sync.next_at - now).total_seconds())


def until(seconds: float) -> str:
    """A time from now: `within seconds`, `in 5 min`, `in 3 h`."""
    if seconds < 45:
        return SOON
    if seconds < 3570:
        return f"in {max(1, round(seconds / 60))} min"
    return f"in {round(seconds / 3600)} h"
