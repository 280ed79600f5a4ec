"""Fetching in the background: once at a time for a cohort, and its trouble is told."""

from __future__ import annotations

import threading
import time

import pytest

from core.errors import NotFoundError
from core.portal.cohorts.errands import Errands


def finish(errands: Errands, cohort_id: str) -> None:
    end = time.monotonic() + 10
    while errands.is_going(cohort_id) and time.monotonic() < end:
        time.sleep(0.005)
    assert not errands.is_going(cohort_id)


def test_a_cohort_is_fetched_once_at_a_time() -> None:
    errands, go_on, done = Errands(), threading.Event(), []
    assert errands.start("a", lambda: (go_on.wait(10), done.append("first")))
    assert not errands.start("a", lambda: done.append("second"))
    assert errands.start("b", lambda: done.append("other"))
    finish(errands, "b")
    assert errands.is_going("a")
    go_on.set()
    finish(errands, "a")
    assert done == ["other", "first"]
    assert errands.start("a", lambda: None)


def test_trouble_is_told_until_the_next_errand() -> None:
    def gone() -> None:
        raise NotFoundError("There is no such cohort.")

    errands = Errands()
    errands.start("a", gone)
    finish(errands, "a")
    assert errands.trouble("a") == "There is no such cohort."
    errands.start("a", lambda: None)
    finish(errands, "a")
    assert errands.trouble("a") == ""


def test_a_mistake_of_ours_ends_the_errand_too(caplog: pytest.LogCaptureFixture) -> None:
    errands = Errands()
    errands.start("a", lambda: 1 / 0)
    finish(errands, "a")
    assert "broke off" in errands.trouble("a")
    assert "ZeroDivisionError" in caplog.text
