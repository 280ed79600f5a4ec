"""Moments as people say them, with the exact one on hover."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

_STYLE = "font-size: 0.875rem; white-space: nowrap; color: light-dark(#565d6b, #a9b1bd)"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `2 min ago`, `3 h ago`, `yesterday`, `5 days ago`; after a month the date."""
    seconds = (now - moment).total_seconds()
    if seconds < 45:
        return "just now"
    if seconds < _HOUR - 30:
        return f"{max(1, round(seconds / _MINUTE))} min ago"
    if seconds < _DAY:
        return f"{max(1, int(seconds / _HOUR))} h ago"
    days = int(seconds / _DAY)
    if days <= 30:
        return "yesterday" if days == 1 else f"{days} days ago"
    return f"{moment.day} {moment:%b %Y}"


def exact(moment: datetime, zone: tzinfo = UTC) -> str:
    """`23 Nov 2026, 17:42:05 CET`."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M:%S} {local.tzname()}"


def show(moment: datetime, before: str = "") -> None:
    """Writes how long ago something was, after the words `before`, which must be the page's own."""
    now = datetime.now(UTC)
    st.html(
        f'<time datetime="{moment.isoformat()}" title="{exact(moment, reader_zone())}" style="{_STYLE}">'
        f"{before}{ago(moment, now)}</time>",
        width="content",
    )


def reader_zone() -> tzinfo:
    """The time zone that the reader's browser names; UTC when it names none that is known here."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, TypeError):
        return UTC
