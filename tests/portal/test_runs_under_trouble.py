"""Test runs when many go at once, when the database is locked or full: every one ends, and says how."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy.exc import OperationalError

from core.destination import EXAMPLE, Faults, Sandbox, sandboxed, start_sandbox
from core.errors import ConflictError
from core.integration import Integration
from core.portal import Run, Store, StoreBusyError, run_recorder
from core.portal.test_runs import Runner, RunOrder, Step
from core.request import Cohort, Connection, RequestBuilder
from core.sync import Change, RetrySchedule
from tests.portal.conftest import on_sqlite

ORG = "acme"
MEMBERS = 40


@pytest.fixture(autouse=True)
def no_silent_death(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails the test when a thread ends by an exception."""
    died: list[object] = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    yield
    assert not died


def order(url: str, count: int = MEMBERS, **more: Any) -> RunOrder:
    fields = {field.variable: "secret-token-1234" for field in EXAMPLE.custom_fields}
    mappings: dict[str, str | None] = {field.variable: "user_id" for field in EXAMPLE.mapping_fields}
    connection = Connection(fields=fields, mappings=mappings, cohort=Cohort(id="c1", name="Power users"))
    integration = sandboxed(_in_small_batches(), url)
    frame = pd.DataFrame({"user_id": pd.Series([f"u{number}" for number in range(count)], dtype="str")})
    change = Change(frame, frame.iloc[:0], "user_id")
    builder = RequestBuilder(integration, connection, columns=["user_id"])
    return RunOrder(builder, [Step("only", change, count + 1, count)], schedule=RetrySchedule((0.0,), jitter=0), **more)


def _in_small_batches() -> Integration:
    document = EXAMPLE.model_dump(mode="json")
    document["endpoints"]["add_users"]["batch_size"] = 1
    return Integration.model_validate(document)


@pytest.fixture
def sandbox() -> Iterator[tuple[str, Sandbox]]:
    with start_sandbox(EXAMPLE, None) as running:
        yield running.url, running.sandbox


def ended(store: Store, run_id: str) -> Run:
    end = time.monotonic() + 60
    while (run := store.get_run(ORG, run_id)).state == "running":
        assert time.monotonic() < end, "the run did not end"
        time.sleep(0.02)
    return run


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.005)


def acknowledged(run: Run) -> int:
    return int(run.summary["steps"][0]["result"]["added"])


def test_twenty_sessions_test_at_once_and_each_is_acknowledged_in_full(store: Store) -> None:
    runner = Runner(store)

    def session(_number: int) -> tuple[str, int]:
        with start_sandbox(EXAMPLE, None) as running:
            draft = store.create_integration(ORG, EXAMPLE.model_dump(mode="json")).id
            run = ended(store, runner.start(ORG, draft, order(running.url, 15)))
            return run.state, acknowledged(run)

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(session, range(20))) == [("succeeded", 15)] * 20


def test_of_two_who_start_the_same_test_at_once_exactly_one_is_told(store: Store, sandbox: tuple[str, Sandbox]) -> None:
    url, destination = sandbox
    destination.faults = Faults(latency_ms=50)
    draft = store.create_integration(ORG, {}).id
    prepared: list[int] = []
    together = threading.Barrier(6)

    def start(number: int) -> str | None:
        together.wait()
        try:
            return Runner(store).start(ORG, draft, order(url, prepare=lambda: prepared.append(number)))
        except ConflictError:
            return None

    with ThreadPoolExecutor(6) as pool:
        started = [run_id for run_id in pool.map(start, range(6)) if run_id]
    assert len(started) == 1
    assert ended(store, started[0]).state == "succeeded"
    assert len(prepared) == 1, "nobody else touched the sandbox"
    assert ended(store, Runner(store).start(ORG, draft, order(url))).state == "succeeded", "and the next may begin"


def test_a_run_whose_process_died_does_not_stand_in_the_way(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = store.create_integration(ORG, {}).id
    store.create_run(ORG, draft, "test", {}, alone=True)
    with pytest.raises(ConflictError, match="going on already"):
        store.create_run(ORG, draft, "test", {}, alone=True)
    monkeypatch.setattr("core.portal.runs.is_alive", lambda _owner: False)
    assert store.create_run(ORG, draft, "test", {}, alone=True)


@on_sqlite
def test_a_database_locked_for_longer_than_its_time_out_loses_no_acknowledgement(
    open_store: Callable[..., Store], sandbox: tuple[str, Sandbox], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url, destination = sandbox
    destination.faults = Faults(latency_ms=20)
    store = open_store(busy_seconds=0.1)
    draft = store.create_integration(ORG, {}).id
    pauses: list[float] = []
    runner = Runner(store, pause=lambda seconds: (pauses.append(seconds), time.sleep(0.05))[0])
    run_id = runner.start(ORG, draft, order(url))
    until(lambda: destination.counts.requests > 3)
    locker = sqlite3.connect(tmp_path / "portal.db", isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    until(lambda: len(pauses) >= 2)
    locker.execute("ROLLBACK")
    locker.close()
    run = ended(store, run_id)
    assert run.state == "succeeded"
    assert acknowledged(run) == MEMBERS
    assert len(store.run_events(ORG, run_id)) == MEMBERS + 1
    assert "cannot be saved" in caplog.text


class Failing:
    """A store whose writes about runs fail while `broken` is set."""

    def __init__(self, store: Store, error: Exception) -> None:
        self._store = store
        self._error = error
        self.broken = threading.Event()
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in ("update_run", "append_run_events"):
            return found

        def write(*arguments: Any, **named: Any) -> Any:
            if self.broken.is_set():
                self.refused += 1
                raise self._error
            return found(*arguments, **named)

        return write


FULL = StoreBusyError("The database cannot be used: database or disk is full.", remedy="Nothing was saved.")


def test_a_disk_that_stays_full_stops_the_run_and_says_so_when_there_is_room_again(
    store: Store, sandbox: tuple[str, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_recorder, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(run_recorder, "TRY_AGAIN_SECONDS", 0.02)
    monkeypatch.setattr(run_recorder, "WRITE_EVERY_SECONDS", 0.0)
    url, destination = sandbox
    destination.faults = Faults(latency_ms=30)
    draft = store.create_integration(ORG, {}).id
    failing = Failing(store, FULL)
    runner = Runner(failing, pause=lambda _seconds: time.sleep(0.01))  # type: ignore[arg-type]
    run_id = runner.start(ORG, draft, order(url, 400))
    until(lambda: destination.counts.requests > 3)
    failing.broken.set()
    until(lambda: not runner.is_running(run_id))
    assert store.get_run(ORG, run_id).state == "running"
    failing.broken.clear()
    run = ended(store, run_id)
    assert run.state == "stopped"
    assert "could not be saved: The database cannot be used: database or disk is full" in run.summary["fault"]
    assert 0 < acknowledged(run) < 400
    assert acknowledged(run) == destination.counts.added, "everything that was acknowledged is counted"
    assert len(store.run_events(ORG, run_id)) == run.summary["sent_requests"]


def test_a_run_that_the_store_does_not_take_ends_with_a_fault(
    store: Store, sandbox: tuple[str, Sandbox], caplog: pytest.LogCaptureFixture
) -> None:
    url, _ = sandbox
    caplog.set_level(logging.ERROR)
    draft = store.create_integration(ORG, {}).id
    runner = Runner(store)
    original = store.update_run

    def refuses(run_id: str, state: str | None = None, summary: dict[str, Any] | None = None) -> None:
        if summary is not None and summary["sent_requests"]:
            raise ValueError("a summary that cannot be written")
        original(run_id, state, summary)

    store.update_run = refuses  # type: ignore[method-assign]
    run = ended(store, runner.start(ORG, draft, order(url, 3)))
    assert run.state == "failed"
    assert "the log has the details" in run.summary["fault"]
    assert "a summary that cannot be written" in caplog.text


@on_sqlite
def test_sqlite_says_in_words_that_the_disk_is_full(store: Store) -> None:
    draft = store.create_integration(ORG, {}).id
    run_id = store.create_run(ORG, draft, "test", {})
    with store._writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreBusyError, match="database or disk is full") as caught:
        store.append_run_events(run_id, [{"body": "x" * 4_000}] * 200)
    assert isinstance(caught.value.__cause__, OperationalError)
    assert [event.ordinal for event in store.run_events(ORG, run_id, limit=5_000)] == list(
        range(1, store.get_run(ORG, run_id).event_count + 1)
    )
