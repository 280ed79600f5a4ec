"""When a request is tried again: schedule, Retry-After, rate limit. Time is handed in; nobody waits."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.integration import RateLimit
from core.sync import Delivery, RetrySchedule
from core.sync.retry import RateGate, read_retry_after
from tests.sync.partner import Destination, FakeClock, change, document, sync, users

NOW = 1_700_000_000.0


def test_the_delays_double_from_1_to_128_seconds() -> None:
    clock, deliveries = FakeClock(), list[Delivery]()
    run = sync(Destination(lambda *_: httpx.Response(503)), change(["u1"]), clock=clock, deliveries=deliveries)
    assert clock.slept == [1, 2, 4, 8, 16, 32, 64, 128]
    assert (run.outcome, run.requests, run.retries) == ("failed", 9, 8)
    assert [attempt.waited_ms for attempt in deliveries[0].attempts] == [0, *(delay * 1_000 for delay in clock.slept)]
    assert deliveries[0].verdict.reason == "Service unavailable (9 tries)"


@pytest.mark.parametrize(("retries", "slept"), [(0, []), (2, [1, 2]), (10, [1, 2, 4, 8, 16, 32, 64, 128, 128, 128])])
def test_the_integration_says_how_many_retries_there_are(retries: int, slept: list[float]) -> None:
    clock = FakeClock()
    destination = Destination(lambda *_: httpx.Response(500))
    sync(destination, change(["u1"]), document(delivery__max_retries=retries), clock=clock)
    assert clock.slept == slept


def test_a_shortened_schedule_is_not_made_longer_again() -> None:
    clock = FakeClock()
    destination = Destination(lambda *_: httpx.Response(500))
    sync(destination, change(["u1"]), clock=clock, schedule=RetrySchedule((0.1, 0.2), jitter=0))
    assert clock.slept == [0.1, 0.2]


@given(retry=st.integers(0, 7), chance=st.floats(0, 1))
def test_a_wait_differs_from_its_delay_by_a_fifth_at_most(retry: int, chance: float) -> None:
    wait = RetrySchedule(random=lambda: chance).wait(retry, None)
    assert 0.8 * 2**retry - 1e-9 <= wait <= 1.2 * 2**retry + 1e-9


def test_waits_are_spread_over_the_whole_range() -> None:
    assert [RetrySchedule(random=lambda value=value: value).wait(0, None) for value in (0, 0.5, 1)] == [0.8, 1, 1.2]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("asked", "waits"), [(None, 4), (0, 4), (3.9, 4), (4.1, 4.1), (299, 299), (301, 300), (float("inf"), 300)]
)
def test_a_longer_retry_after_counts_up_to_five_minutes(asked: float | None, waits: float) -> None:
    assert RetrySchedule(jitter=0).wait(2, asked) == waits


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("9" * 400, float("inf")),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90),
        (format_datetime(datetime.fromtimestamp(NOW - 90, UTC), usegmt=True), 0),
        ("Fri, 99 Xyz 2023 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert read_retry_after(header, NOW) == seconds


@pytest.mark.parametrize(("header", "slept"), [("60", 60), ("86400", 300)])
@pytest.mark.parametrize("status", [429, 503])
def test_the_answers_retry_after_is_waited_for(header: str, slept: float, status: int) -> None:
    def answer(_request: httpx.Request, number: int) -> httpx.Response | None:
        return httpx.Response(status, headers={"Retry-After": header}) if number == 0 else None

    clock = FakeClock()
    run = sync(Destination(answer), change(["u1"]), clock=clock)
    assert clock.slept == [slept]
    assert (run.outcome, run.retries) == ("succeeded", 1)


LIMITS = st.builds(RateLimit, requests=st.integers(1, 5), per_seconds=st.sampled_from([0.5, 1.0, 10.0]))


@given(limit=LIMITS, pauses=st.lists(st.sampled_from([0, 0, 0, 0.1, 0.3, 1, 7]), max_size=40))
def test_no_window_of_time_ever_holds_more_requests_than_the_limit(limit: RateLimit, pauses: list[float]) -> None:
    clock = FakeClock()
    gate = RateGate(limit, clock.clock)
    went: list[float] = []
    for pause in pauses:
        clock.time += pause
        gate.take()
        went.append(clock.time)
    for first, late in zip(went, went[limit.requests :], strict=False):
        assert late - first >= limit.per_seconds - 1e-6


@given(limit=LIMITS, count=st.integers(0, 30))
def test_the_limit_holds_back_no_longer_than_it_must(limit: RateLimit, count: int) -> None:
    clock = FakeClock()
    gate = RateGate(limit, clock.clock)
    for _ in range(count):
        gate.take()
    assert sum(clock.slept) == pytest.approx(max(0, count - 1) // limit.requests * limit.per_seconds)


def test_requests_at_the_same_moment_get_places_one_after_another() -> None:
    """Those that wait at once must not all be let go when the first window ends."""
    clock = FakeClock()
    waits: list[float] = []
    gate = RateGate(RateLimit(requests=2, per_seconds=1), type(clock.clock)(clock.now, waits.append))
    for _ in range(6):
        gate.take()
    assert waits == [1, 1, 2, 2]


def test_a_run_keeps_to_the_declared_rate_and_its_retries_count() -> None:
    clock = FakeClock()
    times: list[float] = []

    def answer(_request: httpx.Request, number: int) -> httpx.Response | None:
        times.append(clock.time)
        return httpx.Response(500) if number == 3 else None

    integration = document(
        users__batch_size=1, delivery__concurrency=1, delivery__rate_limit={"requests": 2, "per_seconds": 10}
    )
    run = sync(Destination(answer), change(users(6)), integration, clock=clock)
    assert (run.requests, run.retries) == (8, 1)
    assert all(late - first >= 10 for first, late in zip(times, times[2:], strict=False))
