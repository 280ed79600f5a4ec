"""When to try again: the schedule, `Retry-After`, the rate limit. Time is handed in, so tests take none."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from core.integration.models import RateLimit

PRODUCTION_DELAYS: tuple[float, ...] = tuple(min(2**retry, 128) for retry in range(20))
"""1, 2, 4 ... 128 seconds, then 128 again; as many of them count as the integration has retries."""
TEST_DELAYS: tuple[float, ...] = (0.2, 0.5, 1)
LONGEST_WAIT = 300.0
_JITTER = 0.2


@dataclass(frozen=True)
class Clock:
    """`now` in Unix seconds; `sleep` waits that many seconds, and may return early when the run is stopped."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep


@dataclass(frozen=True)
class RetrySchedule:
    """Seconds to wait before each further try. `jitter` is the share by which each wait may differ."""

    delays: Sequence[float] = PRODUCTION_DELAYS
    jitter: float = _JITTER
    random: Callable[[], float] = field(default=random.random)

    def limited(self, retries: int) -> RetrySchedule:
        """The schedule with no more than this many retries."""
        return RetrySchedule(self.delays[:retries], self.jitter, self.random)

    def wait(self, retry: int, retry_after: float | None) -> float:
        """Seconds before the retry number `retry` (from 0); a longer `Retry-After` counts, up to five minutes."""
        base = self.delays[retry] * (1 + self.jitter * (2 * self.random() - 1))
        return max(base, min(retry_after or 0.0, LONGEST_WAIT))


def read_retry_after(value: str | None, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for, given as seconds or as a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    text = value.strip()
    if text.isdecimal() and text.isascii():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


class RateGate:
    """Lets at most `requests` go in any `per_seconds`. Safe to use from many threads.

    A token bucket would let nearly twice as many pass in the first window; a destination that counts would refuse them.
    """

    def __init__(self, limit: RateLimit, clock: Clock) -> None:
        self._window = limit.per_seconds
        self._granted: deque[float] = deque(maxlen=limit.requests)
        self._clock = clock
        self._lock = threading.Lock()

    def take(self) -> None:
        """Waits until the next request may go."""
        with self._lock:
            now = self._clock.now()
            full = len(self._granted) == self._granted.maxlen
            at = max(now, self._granted[0] + self._window) if full else now
            self._granted.append(at)
        if at > now:
            self._clock.sleep(at - now)
