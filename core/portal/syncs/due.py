"""Which syncs are to run, as a condition of the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_

from core.portal.tables import syncs


def due(now: datetime) -> ColumnElement[bool]:
    """Somebody asked for a run, or the schedule has one and the sync is not paused."""
    return or_(syncs.c.trigger != "", syncs.c.paused.is_(False) & (syncs.c.next_at <= now))
