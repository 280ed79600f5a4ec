"""Syncs in the store: what is due, what a run takes back at its end, and that all of it is one organisation's own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from core.portal import Store
from core.portal.syncs import manage
from core.portal.syncs.syncs import Sync
from tests.portal.syncs.conftest import RIVAL, SHOP, World


def due(world: World) -> list[str]:
    return [sync.id for sync in world.store.due_syncs(world.clock.now)]


def test_a_new_sync_is_due_at_once_and_then_when_its_cadence_says(world: World) -> None:
    sync = manage.create_sync(world.store, world.customer, world.cohort, world.direct, "hourly")
    assert (sync.created_by, sync.last_outcome, sync.wish) == ("Carl", "", None)
    assert due(world) == [sync.id]
    world.clock.pass_(minutes=1)
    world.store.finish_sync(sync, "succeeded")
    assert due(world) == []
    world.clock.pass_(minutes=59)
    assert due(world) == [sync.id]
    world.clock.pass_(hours=5)
    world.store.finish_sync(sync, "failed")
    assert due(world) == [], "one run made up for all that were missed"
    assert world.get(sync).next_at == sync.created_at + timedelta(hours=7)
    assert world.get(sync).last_outcome == "failed"


def test_a_sync_that_runs_is_not_due_and_cannot_be_deleted(world: World) -> None:
    sync = world.sync()
    run = world.store.create_sync_run(SHOP, sync.id, {})
    assert due(world) == []
    with pytest.raises(ConflictError, match="going on"):
        world.store.delete_sync(SHOP, sync.id)
    world.store.update_run(run, state="succeeded")
    assert due(world) == [sync.id], "until its end has been taken in"
    world.store.delete_sync(SHOP, sync.id)
    assert world.store.list_syncs(SHOP) == []
    with pytest.raises(NotFoundError):
        world.store.get_run(SHOP, run)


def test_a_paused_sync_is_due_only_when_somebody_asks(world: World) -> None:
    sync = world.sync()
    world.store.pause_sync(SHOP, sync.id)
    world.clock.pass_(days=2)
    assert due(world) == []
    wished = world.store.wish_sync(SHOP, sync.id)
    assert due(world) == [sync.id]
    world.store.finish_sync(wished, "succeeded")
    assert due(world) == []
    world.clock.pass_(days=1)
    assert due(world) == []
    world.store.resume_sync(SHOP, sync.id)
    assert due(world) == [sync.id]


def test_what_was_asked_for_comes_first_and_what_waits_longest_next(world: World) -> None:
    cohorts = [world.store.create_cohort(SHOP, "of-shop", f"C{n}", {"kind": "upload"}).id for n in range(3)]
    made: list[Sync] = []
    for cohort in cohorts:
        made.append(world.store.create_sync(SHOP, cohort, world.direct, "daily", "Carl"))
        world.clock.pass_(seconds=1)
    world.store.wish_sync(SHOP, made[2].id)
    assert due(world) == [made[2].id, made[0].id, made[1].id]


def test_a_wish_made_while_a_run_goes_on_is_for_the_next_one(world: World) -> None:
    sync = world.sync()
    first = world.store.wish_sync(SHOP, sync.id, allow_removals=True)
    assert first.allow_removals
    later = world.store.wish_sync(SHOP, sync.id)
    world.store.finish_sync(first, "succeeded")
    assert world.get(sync).wish == later.wish, "the run that ended did not know of it"
    assert not world.get(sync).allow_removals
    world.store.finish_sync(world.get(sync), "succeeded")
    assert world.get(sync).wish is None


def test_a_cohort_goes_to_a_connection_once(world: World, open_store: Callable[..., Store]) -> None:
    stores = [world.store, open_store()]

    def create(number: int) -> bool:
        try:
            stores[number % 2].create_sync(SHOP, world.cohort, world.direct, "daily", "Carl")
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(create, range(4))) == 1
    world.sync(world.boxed)


def test_cohort_and_connection_are_of_one_project(world: World) -> None:
    world.store.add_project("second", SHOP, "Second", "key")
    other = world.store.create_cohort(SHOP, "second", "Others", {"kind": "upload"})
    with pytest.raises(InputError, match="two projects"):
        world.store.create_sync(SHOP, other.id, world.direct, "daily", "Carl")
    with pytest.raises(InputError, match="no cadence"):
        world.store.create_sync(SHOP, world.cohort, world.direct, "weekly", "Carl")  # type: ignore[arg-type]


def test_what_syncs_use_cannot_be_removed(world: World) -> None:
    sync = world.sync()
    with pytest.raises(ConflictError):
        world.store.delete_connection(SHOP, world.direct)
    with pytest.raises(ConflictError):
        world.store.delete_cohort(SHOP, world.cohort)
    manage.delete_sync(world.store, world.settings, world.customer, sync.id)
    world.store.delete_connection(SHOP, world.direct)


def test_ids_of_another_organisation_count_as_not_there(world: World) -> None:
    sync = world.sync()
    run = world.store.create_sync_run(SHOP, sync.id, {})
    world.store.update_run(run, state="succeeded")
    store, rival = world.store, world.rival
    theirs = store.create_cohort(RIVAL, "of-rival", "Ours", {"kind": "upload"}).id
    tries: list[Callable[[], object]] = [
        lambda: manage.get_sync(store, rival, sync.id),
        lambda: manage.delete_sync(store, world.settings, rival, sync.id),
        lambda: manage.set_cadence(store, rival, sync.id, "daily"),
        lambda: manage.pause(store, rival, sync.id),
        lambda: manage.resume(store, rival, sync.id),
        lambda: manage.sync_now(store, rival, sync.id),
        lambda: manage.stop_run(store, rival, run),
        lambda: manage.create_sync(store, rival, theirs, world.direct, "once"),
        lambda: manage.create_sync(store, rival, world.cohort, world.direct, "once"),
        lambda: manage.create_sync(store, world.customer, theirs, world.direct, "once"),
        lambda: store.create_sync_run(RIVAL, sync.id, {}),
        lambda: manage.get_sync(store, rival, "' OR 1=1 --"),
        lambda: manage.get_sync(store, rival, "\0"),
    ]
    for attempt in tries:
        with pytest.raises(NotFoundError):
            attempt()
    assert manage.list_syncs(store, rival) == []
    assert manage.get_sync(store, world.customer, sync.id) == sync


def test_a_reviewer_has_no_syncs(world: World) -> None:
    sync = world.sync()
    world.store.add_organisation("platform", "Platform")
    reviewer = world.store.add_person("rita", "platform", "Rita", "rita@platform.example", "reviewer")
    for attempt in (manage.get_sync, manage.pause, manage.sync_now):
        with pytest.raises(ForbiddenError):
            attempt(world.store, reviewer, sync.id)
