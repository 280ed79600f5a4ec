"""The scheduler: one server works at a time, what is due runs, what was missed runs once, what died goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from core.portal import Store
from core.portal.syncs import scheduler as module
from core.portal.syncs.scheduler import LEASE, LEASE_SECONDS, Scheduler
from core.portal.syncs.syncs import Sync
from tests.portal.syncs.conftest import SHOP, World

Make = Callable[..., Scheduler]


@pytest.fixture
def server(world: World) -> Iterator[Make]:
    """Another server on the database, whose time is the tests' too."""
    made: list[Scheduler] = []

    def make(store: Store | None = None, **options: object) -> Scheduler:
        started = world.clock.now
        one = Scheduler(
            store or world.store,
            world.means,
            now=world.clock,
            seconds=lambda: (world.clock.now - started).total_seconds(),
            **options,  # type: ignore[arg-type]
        )
        made.append(one)
        return one

    yield make
    for one in made:
        one.stop()


def work(scheduler: Scheduler) -> None:
    """A tick, and what it starts."""
    scheduler.tick()
    scheduler.wait()


def runs(world: World, sync: Sync) -> list[str]:
    return [run.state for run in world.store.list_sync_runs(SHOP, sync.id)]


def test_of_two_servers_one_works_and_the_other_takes_over_when_it_is_gone(
    world: World, server: Make, open_store: Callable[..., Store]
) -> None:
    sync = world.sync(world.boxed)
    world.snapshot("a")
    one, two = server(), server(open_store())
    assert one.leads()
    work(two)
    assert runs(world, sync) == []
    work(one)
    assert runs(world, sync) == ["succeeded"]
    world.clock.pass_(hours=1)
    work(two)
    assert runs(world, sync) == ["succeeded"] * 2, "the lease had run out"
    assert not one.leads()
    two.stop()
    assert one.leads(), "given back, so that nobody waits"


def test_servers_that_both_believe_to_lead_carry_each_sync_out_once(
    world: World, server: Make, open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their clocks may differ by more than the lease: the claim in the database decides."""
    monkeypatch.setattr(Scheduler, "leads", lambda _self: True)
    syncs = []
    for number in range(4):
        cohort = world.store.create_cohort(SHOP, "of-shop", f"C{number}", {"kind": "upload"}).id
        world.snapshot("a", "b", cohort=cohort)
        syncs.append(world.store.create_sync(SHOP, cohort, world.direct, "once", "Carl"))
    servers = [server(), server(open_store()), server(open_store())]

    def tick_on(one: Scheduler) -> None:
        while world.store.due_syncs(world.clock.now):
            work(one)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(tick_on, servers))
    for one in servers:
        one.wait()
    assert [runs(world, sync) for sync in syncs] == [["succeeded"]] * 4
    assert len(world.destination.lists) == 4
    assert world.destination.counts.already_there == 0


def test_the_lease_of_a_server_that_is_known_to_be_dead_is_taken_at_once(world: World, server: Make) -> None:
    dead = json.dumps([{"host": json.loads(server().name)[0]["host"], "pid": 1, "started": "another boot/1"}, "x"])
    assert world.store.acquire_lease(LEASE, dead, LEASE_SECONDS)
    assert server().leads()


def test_what_was_missed_while_no_server_ran_is_made_up_for_by_one_run(world: World, server: Make) -> None:
    sync = world.sync(world.boxed, cadence="hourly")
    world.snapshot("a")
    work(server())
    world.clock.pass_(days=3)
    restarted = server()
    work(restarted)
    work(restarted)
    assert runs(world, sync) == ["succeeded"] * 2
    world.clock.pass_(hours=1)
    work(restarted)
    assert len(runs(world, sync)) == 3


def test_a_paused_sync_rests_and_one_for_once_runs_once(world: World, server: Make) -> None:
    paused, once = world.sync(world.boxed), world.sync(world.direct, cadence="once")
    world.store.pause_sync(SHOP, paused.id)
    world.snapshot("a")
    one = server()
    for _hour in range(3):
        work(one)
        world.clock.pass_(hours=1)
    assert (runs(world, paused), runs(world, once)) == ([], ["succeeded"])
    assert world.get(once).next_at is None


def test_no_organisation_has_more_than_half_of_the_room(
    world: World, server: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = Event()
    begun: list[str] = []

    def slow(_store: Store, _means: object, sync: Sync, *_rest: object) -> None:
        begun.append(sync.id)
        go_on.wait(60)

    monkeypatch.setattr(module, "carry_out", slow)
    for number in range(5):
        cohort = world.store.create_cohort(SHOP, "of-shop", f"C{number}", {"kind": "upload"})
        world.store.create_sync(SHOP, cohort.id, world.direct, "hourly", "Carl")
    one = server(at_once=4)
    one.tick()
    one.tick()
    assert len(one._going) == 2, "each of two only once, and no third"
    go_on.set()
    one.wait()
    assert len(set(begun)) == len(begun) == 2


def test_a_run_is_stopped_by_whoever_asks_for_it(world: World, server: Make) -> None:
    sync = world.sync(world.direct)
    world.snapshot("a")
    one = server()

    def asked_for() -> bool:
        (run,) = world.store.list_sync_runs(SHOP, sync.id)
        world.store.want_stop(SHOP, run.id)
        one.tick()
        return True

    def stop_instead_of_answering(*arguments: object) -> object:
        asked_for()
        return handle(*arguments)  # type: ignore[arg-type]

    handle = world.destination.handle
    world.destination.handle = stop_instead_of_answering  # type: ignore[method-assign, assignment]
    work(one)
    assert runs(world, sync) == ["stopped"]
    assert world.calls() == [("create_list", 0)], "nothing after what was in flight"
    assert world.store.due_syncs(world.clock.now) == []


def test_the_run_of_a_process_that_died_is_ended_and_its_sync_goes_on(
    world: World, server: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = world.sync(world.boxed)
    world.snapshot("a")
    world.store.create_sync_run(SHOP, sync.id, {})
    one = server()
    work(one)
    assert runs(world, sync) == ["running"], "it may live"
    monkeypatch.setattr("core.portal.runs.is_alive", lambda _owner: False)
    one.tidy()
    work(one)
    assert sorted(runs(world, sync)) == ["stopped", "succeeded"]


def test_a_step_that_fails_does_not_end_the_others(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise RuntimeError("out of order")

    module._careful(broken)()
    assert "out of order" in caplog.text


def test_started_it_works_by_itself_until_it_is_stopped(world: World) -> None:
    """With real threads and the real time, as the app starts it."""
    sync = world.sync(world.boxed)
    world.snapshot("a")
    done = Event()
    means = replace(world.means)
    one = Scheduler(world.store, means)
    original = world.store.finish_sync

    def finish(*arguments: object) -> None:
        original(*arguments)  # type: ignore[arg-type]
        done.set()

    world.store.finish_sync = finish  # type: ignore[method-assign, assignment]
    one.start()
    try:
        assert done.wait(60)
    finally:
        one.stop()
    assert runs(world, sync) == ["succeeded"]
    assert world.store.lease_owner(LEASE) is None
