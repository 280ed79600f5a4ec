"""Runs in the store: events in order, states, and runs whose process died."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.errors import NotFoundError
from core.portal import Store, owners, runs
from core.portal.owners import Owner, is_alive, this_process


@pytest.fixture
def integration(store: Store) -> str:
    return store.create_integration("acme", {"display_name": "Acme"}).id


def test_a_run_is_running_until_it_is_said_to_have_ended(store: Store, integration: str):
    run_id = store.create_run("acme", integration, "end_to_end", {"members": 3})
    run = store.get_run("acme", run_id)
    assert (run.integration_id, run.kind, run.state, run.summary) == (
        integration,
        "end_to_end",
        "running",
        {"members": 3},
    )
    store.update_run(run_id, "succeeded", {"added": 3})
    ended = store.get_run("acme", run_id)
    assert (ended.state, ended.summary) == ("succeeded", {"added": 3})
    assert run.created_at == run.updated_at == ended.created_at < ended.updated_at


def test_a_sign_of_life_changes_nothing_else(store: Store, integration: str):
    run_id = store.create_run("acme", integration, "test", {"a": 1})
    before = store.get_run("acme", run_id)
    store.update_run(run_id)
    after = store.get_run("acme", run_id)
    assert after.updated_at > before.updated_at
    assert replace(after, updated_at=before.updated_at) == before


def test_events_are_numbered_and_read_on_from_where_one_stopped(store: Store, integration: str):
    run_id = store.create_run("acme", integration, "test", {})
    assert store.run_events("acme", run_id) == []
    assert store.append_run_events(run_id, [{"n": 1}, {"n": 2}]) == 2
    assert store.append_run_events(run_id, []) == 2
    assert store.append_run_events(run_id, [{"n": 3}]) == 3
    events = store.run_events("acme", run_id)
    assert [(each.ordinal, each.event) for each in events] == [(1, {"n": 1}), (2, {"n": 2}), (3, {"n": 3})]
    assert store.run_events("acme", run_id, after=1, limit=1) == events[1:2]
    assert store.run_events("acme", run_id, after=3) == []
    assert store.get_run("acme", run_id).event_count == 3


def test_events_of_many_threads_are_numbered_without_gaps(store: Store, integration: str):
    run_id = store.create_run("acme", integration, "test", {})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.append_run_events(run_id, [{"n": number}] * 3), range(24)))
    events = store.run_events("acme", run_id)
    assert [each.ordinal for each in events] == list(range(1, 73))
    assert all(len({events[at + step].event["n"] for step in range(3)}) == 1 for at in range(0, 72, 3))


def test_events_that_cannot_be_stored_are_not_counted(store: Store, integration: str):
    run_id = store.create_run("acme", integration, "test", {})
    with pytest.raises(Exception, match="not JSON serializable"):
        store.append_run_events(run_id, [{"fine": 1}, {"bad": object()}])
    assert store.get_run("acme", run_id).event_count == 0
    assert store.append_run_events(run_id, [{}]) == 1


def test_the_newest_run_comes_first(store: Store, integration: str):
    assert store.latest_run("acme", integration) is None
    other = store.create_integration("acme", {}).id
    ids = [store.create_run("acme", each, "test", {}) for each in (integration, other, integration)]
    latest = store.latest_run("acme", integration)
    assert latest is not None
    assert latest.id == ids[2]
    assert [run.id for run in store.list_runs("acme", integration)] == [ids[2], ids[0]]
    assert [run.id for run in store.list_runs("acme")] == ids[::-1]
    assert [run.id for run in store.list_runs("acme", limit=1)] == [ids[2]]


def test_a_run_that_is_not_there_cannot_be_written(store: Store):
    for attempt in (lambda: store.append_run_events("A" * 16, [{}]), lambda: store.update_run("A" * 16, "failed")):
        with pytest.raises(NotFoundError):
            attempt()


def dead_process() -> Owner:
    """A process that ran here and has ended."""
    script = "import json; from core.portal.owners import this_process as t; print(json.dumps(t().as_json()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return Owner(**json.loads(done.stdout))


def test_a_run_of_a_living_process_is_left_alone_however_long_it_is_silent(store: Store, integration: str, clock: Any):
    run_id = store.create_run("acme", integration, "test", {})
    clock.now += timedelta(days=3)
    assert store.mark_orphans() == []
    assert store.get_run("acme", run_id).state == "running"


def test_a_run_whose_process_died_is_marked_stopped_at_the_next_start(
    store: Store, integration: str, open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
):
    gone = dead_process()
    monkeypatch.setattr(runs, "this_process", lambda: gone)
    orphan = store.create_run("acme", integration, "test", {"added": 1})
    ended = store.create_run("acme", integration, "test", {})
    store.update_run(ended, "succeeded")
    monkeypatch.undo()
    alive = store.create_run("acme", integration, "test", {})
    assert open_store().mark_orphans() == [orphan]
    assert [store.get_run("acme", each).state for each in (orphan, ended, alive)] == ["stopped", "succeeded", "running"]
    assert store.get_run("acme", orphan).summary == {"added": 1}
    assert store.mark_orphans() == []


def test_a_run_of_another_machine_is_dead_only_after_a_long_silence(
    store: Store, integration: str, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runs, "this_process", lambda: replace(this_process(), host="elsewhere"))
    run_id = store.create_run("acme", integration, "test", {})
    assert store.mark_orphans(timedelta(minutes=1)) == []
    clock.now += timedelta(seconds=50)
    store.update_run(run_id)
    clock.now += timedelta(seconds=50)
    assert store.mark_orphans(timedelta(minutes=1)) == []
    clock.now += timedelta(seconds=50)
    assert store.mark_orphans(timedelta(minutes=1)) == [run_id]


def test_a_process_id_that_is_used_again_is_not_the_same_process():
    here = this_process()
    assert is_alive(here) is True
    assert is_alive(replace(here, started="an earlier start")) is False
    assert is_alive(dead_process()) is False


def test_where_the_system_does_not_say_nothing_is_known(monkeypatch: pytest.MonkeyPatch):
    here = this_process()
    monkeypatch.setattr(owners, "_start_of", lambda pid: None)
    assert is_alive(here) is None
    assert is_alive(this_process()) is None
