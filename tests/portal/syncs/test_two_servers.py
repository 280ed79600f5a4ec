"""Real processes on one database and one data folder: one works, is killed in the middle, another goes on."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from core.destination import EXAMPLE, Faults
from core.portal.syncs.scheduler import LEASE
from tests.portal.conftest import KEY
from tests.portal.syncs.conftest import SHOP, World, result_of
from tests.portal.syncs.server import Servers, servers

USERS = tuple(f"u{number:02}" for number in range(60))


@pytest.fixture(scope="module")
def processes() -> Iterator[Servers]:
    with servers() as started:
        yield started


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.01)


def in_small_batches(world: World) -> None:
    """A destination that takes one user a request, one request at a time, and its time for each."""
    document = EXAMPLE.model_dump(mode="json")
    document["endpoints"]["add_users"]["batch_size"] = 1
    document["delivery"]["concurrency"] = 1
    world.redeploy(document)
    world.destination.faults = Faults(latency_ms=15)


def kill_the_one_that_works(world: World, alive: list[int]) -> None:
    owner = world.store.lease_owner(LEASE)
    assert owner is not None
    leader = json.loads(owner)[0]["pid"]
    alive.remove(leader)
    os.kill(leader, signal.SIGKILL)


def test_killed_in_the_middle_a_sync_goes_on_with_what_was_not_acknowledged(world: World, processes: Servers) -> None:
    """Of two servers the one that works is killed, then the one that took over; a new one ends the sync."""
    world.clock.now = datetime.now(UTC)
    in_small_batches(world)
    world.snapshot(*USERS)
    sync = world.sync(cadence="daily")

    def start() -> int:
        return processes.start(world.settings.database_url, KEY, world.settings.data_dir)

    alive = [start(), start()]
    for requests in (15, 35):
        until(lambda least=requests: world.destination.counts.requests >= least)  # type: ignore[misc]
        kill_the_one_that_works(world, alive)
    last = start()
    until(lambda: world.get(sync).last_outcome != "")
    os.kill(last, signal.SIGKILL)
    runs = world.store.list_sync_runs(SHOP, sync.id)
    assert [run.state for run in runs] == ["succeeded", "stopped", "stopped"]
    counts = world.destination.counts
    assert counts.added == len(USERS)
    assert counts.already_there <= 2, "nobody but who was in flight at a kill was sent twice"
    assert len(world.destination.lists) == 1
    assert result_of(runs[0])["added"] < 30
    assert world.held() == set(USERS)
