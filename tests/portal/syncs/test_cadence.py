"""When a sync is next due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.portal.syncs.cadence import Cadence, after_change, after_run

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("cadence", "was_due", "ended", "next_due"),
    [
        ("hourly", NOON, NOON + MINUTE, NOON + HOUR),
        ("hourly", NOON, NOON, NOON + HOUR),
        ("hourly", NOON, NOON + HOUR, NOON + 2 * HOUR),
        ("hourly", NOON, NOON + 9 * HOUR + MINUTE, NOON + 10 * HOUR),  # nine missed: one run made up for all
        ("daily", NOON, NOON + 3 * DAY + HOUR, NOON + 4 * DAY),
        ("daily", NOON + DAY, NOON, NOON + DAY),  # asked for before its time: the schedule stays
        ("daily", None, NOON, NOON + DAY),
        ("once", NOON, NOON + MINUTE, None),
    ],
)
def test_the_next_run_is_the_first_of_the_schedule_that_is_still_to_come(
    cadence: Cadence, was_due: datetime | None, ended: datetime, next_due: datetime | None
) -> None:
    assert after_run(cadence, was_due, ended) == next_due


@pytest.mark.parametrize(
    ("cadence", "was_due", "ran", "next_due"),
    [
        ("hourly", NOON + DAY, True, NOON + HOUR),
        ("daily", NOON + HOUR, True, NOON + HOUR),
        ("daily", None, True, NOON + DAY),
        ("once", NOON + HOUR, True, None),
        ("once", NOON, False, NOON),
    ],
)
def test_another_cadence_never_puts_a_run_off(
    cadence: Cadence, was_due: datetime | None, ran: bool, next_due: datetime | None
) -> None:
    assert after_change(cadence, was_due, NOON, ran=ran) == next_due
