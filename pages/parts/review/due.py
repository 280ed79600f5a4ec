"""When a review is expected to be done, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

import streamlit as st

_DAY = 86_400


def expected(due_at: datetime, now: datetime) -> str:
    """`due in 3 days`, `due within a day`, `2 days late`; of days to go, one that has begun counts whole."""
    seconds = (due_at - now).total_seconds()
    if seconds < 0:
        late = int(-seconds // _DAY)
        return "late by hours" if late == 0 else "1 day late" if late == 1 else f"{late:,} days late"
    days = ceil(seconds / _DAY)
    return "due within a day" if days <= 1 else f"due in {days:,} days"


def day(moment: datetime) -> str:
    """`30 Nov 2026`."""
    return f"{moment.day} {moment:%b %Y}"


def show(due_at: datetime) -> None:
    """The badge of what waits: red when it is late, amber on the last day."""
    now = datetime.now(UTC)
    seconds = (due_at - now).total_seconds()
    late = seconds < 0
    st.badge(
        expected(due_at, now),
        color="red" if late else "orange" if seconds < _DAY else "gray",
        icon=":material/alarm:" if late else ":material/schedule:",
    )
