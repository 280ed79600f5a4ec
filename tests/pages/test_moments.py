"""How long ago something was, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pages.parts.moments import ago, exact

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=44), "just now"),
        (timedelta(seconds=45), "1 min ago"),
        (timedelta(minutes=2), "2 min ago"),
        (timedelta(minutes=59, seconds=29), "59 min ago"),
        (timedelta(minutes=59, seconds=31), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(hours=24), "yesterday"),
        (timedelta(days=30), "30 days ago"),
        (timedelta(days=31), "29 Jan 2026"),
    ],
)
def test_ages_in_words(age: timedelta, words: str):
    assert ago(NOW - age, NOW) == words


def test_the_exact_moment_is_in_the_readers_time_zone():
    assert exact(NOW, ZoneInfo("Europe/Berlin")) == "1 Mar 2026, 13:00:00 CET"
