"""Of any number of servers one has a lease at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core.portal import Store
from tests.portal.syncs.conftest import Time


def test_a_lease_is_its_owners_until_it_runs_out_or_is_given_back(store: Store, clock: Time) -> None:
    assert store.acquire_lease("work", "one", 30)
    assert not store.acquire_lease("work", "two", 30)
    assert store.acquire_lease("other work", "two", 30)
    clock.pass_(seconds=20)
    assert store.acquire_lease("work", "one", 30), "renewed"
    clock.pass_(seconds=20)
    assert not store.acquire_lease("work", "two", 30)
    clock.pass_(seconds=10)
    assert store.acquire_lease("work", "two", 30), "it had run out"
    store.release_lease("work", "one")
    assert not store.acquire_lease("work", "one", 30), "nobody gives back what another has"
    store.release_lease("work", "two")
    assert store.acquire_lease("work", "one", 30)


def test_of_many_who_ask_at_once_exactly_one_gets_it(open_store: Callable[..., Store], clock: Time) -> None:
    stores = [open_store() for _ in range(4)]
    for _round in range(5):
        together = threading.Barrier(8)

        def ask(number: int, together: threading.Barrier = together) -> bool:
            together.wait()
            return stores[number % 4].acquire_lease("work", f"server {number}", 30)

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(ask, range(8))) == 1
        clock.pass_(seconds=31)
