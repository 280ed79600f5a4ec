"""The end of the exchange that a thread is carrying out; whatever waits on the network asks how long it still may.

Handed on by the context and not by arguments, because httpx and httpcore stand between who sets it and who asks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_end: ContextVar[float] = ContextVar("the end of the exchange, by time.monotonic()", default=math.inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Whatever this thread waits for within the block is over after so many seconds."""
    token = _end.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _end.reset(token)


def is_over() -> bool:
    return time.monotonic() >= _end.get()


def left(timeout: float | None, late: type[Exception]) -> float | None:
    """Seconds that an operation with this time-out may take; None is for ever. Raises `late` when none are left."""
    remaining = _end.get() - time.monotonic()
    if remaining <= 0:
        raise late("the time of the exchange is over")
    remaining = min(remaining, math.inf if timeout is None else timeout)
    return None if remaining == math.inf else remaining
