"""When a sync is next due. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

Cadence = Literal["once", "hourly", "daily"]
CADENCES: tuple[Cadence, ...] = ("once", "hourly", "daily")
PERIODS: dict[Cadence, timedelta] = {"hourly": timedelta(hours=1), "daily": timedelta(days=1)}


def after_run(cadence: Cadence, next_at: datetime | None, now: datetime) -> datetime | None:
    """When the next run is due once one has ended, however many were missed before it; None for never.

    The times of day stay those of the first run; a run that was asked for between two of them moves neither.
    """
    period = PERIODS.get(cadence)
    if period is None:
        return None
    if next_at is None or next_at > now:
        return next_at or now + period
    return next_at + ((now - next_at) // period + 1) * period


def after_change(cadence: Cadence, next_at: datetime | None, now: datetime, *, ran: bool) -> datetime | None:
    """When the next run is due once the cadence has become another one; `ran`: whether the sync ever did."""
    period = PERIODS.get(cadence)
    if period is None:
        return None if ran else next_at
    soonest = now + period
    return soonest if next_at is None else min(next_at, soonest)
