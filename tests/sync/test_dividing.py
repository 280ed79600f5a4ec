"""How long a refused batch is searched for the members at fault, and how one that is too large is divided."""

from __future__ import annotations

import json

import httpx

from core.integration import Integration
from core.sync import SyncRun
from tests.sync.partner import BASE, Answer, Destination, change, document, sync, users


def ids_of(request: httpx.Request) -> list[str]:
    return list(json.loads(request.content).get("ids", []))


def refusing(bad: set[str], status: int = 400) -> Answer:
    return lambda request, _: httpx.Response(status) if bad & set(ids_of(request)) else None


def isolated(destination: Destination, count: int, size: int = 10_000) -> SyncRun:
    integration = document(users__batch_size=size, delivery__isolate_refused=True)
    return sync(destination, change(users(count)), integration, list_id="L1")


def test_a_wrong_url_is_not_searched_for_ten_thousand_members_at_fault() -> None:
    destination = Destination(lambda *_: httpx.Response(404))
    run = isolated(destination, 10_000)
    assert (run.failed, run.outcome) == (10_000, "failed")
    assert run.requests < 150


def test_after_one_hopeless_search_the_next_batches_are_refused_whole() -> None:
    destination = Destination(lambda *_: httpx.Response(404))
    run = isolated(destination, 10_000, size=1_000)
    assert run.failed == 10_000
    assert run.requests < 150


def test_more_members_at_fault_than_anybody_reads_end_the_search_of_their_batch() -> None:
    bad = set(users(10_000)[::5])
    run = isolated(Destination(refusing(bad)), 10_000)
    assert run.requests < 1_500
    assert run.added + run.failed == 10_000
    assert run.added_keys
    assert not bad & set(run.added_keys)


def test_members_at_fault_that_stand_together_at_the_beginning_do_not_end_the_search() -> None:
    bad = {*users(20), "u5000"}
    destination = Destination(refusing(bad))
    run = isolated(destination, 10_000)
    assert destination.members <= set(users(10_000)) - bad
    assert run.added >= 10_000 - len(bad) - 64


def test_sixty_members_at_fault_among_ten_thousand_are_all_found() -> None:
    bad = set(users(10_000)[::167])
    destination = Destination(refusing(bad))
    run = isolated(destination, 10_000)
    assert destination.members == set(users(10_000)) - bad
    assert (run.failed, run.outcome) == (len(bad), "partly")


def test_a_destination_that_finds_every_body_too_large_does_not_get_ten_thousand_requests() -> None:
    run = sync(Destination(lambda *_: httpx.Response(413)), change(users(10_000)), list_id="L1")
    assert run.requests < 150
    assert (run.failed, run.added) == (10_000, 0)


def with_list(**changes: object) -> Integration:
    create = {"url": f"{BASE}/lists", "payload": '{"ids": $items}', "item": '"$user"', **changes}
    return document(create_list=create)


def test_a_list_too_large_to_be_created_with_all_its_members_gets_the_rest_added() -> None:
    def answer(request: httpx.Request, _number: int) -> httpx.Response | None:
        return httpx.Response(413) if len(ids_of(request)) > 3 else None

    destination = Destination(answer)
    run = sync(destination, change(users(10)), with_list())
    assert destination.paths[:3] == ["/lists"] * 3
    assert destination.paths.count("/lists") == 3
    assert ids_of(destination.requests[2]) == ["u0", "u1"]
    assert destination.members == set(users(10))
    assert (run.outcome, run.added, run.list_id) == ("succeeded", 10, "L1")
    assert sorted(run.added_keys) == sorted(users(10))


def test_a_list_that_is_too_large_with_a_single_member_fails_once() -> None:
    destination = Destination(lambda *_: httpx.Response(413))
    run = sync(destination, change(users(4)), with_list())
    assert destination.paths == ["/lists"] * 3
    assert (run.outcome, run.added, run.failed) == ("failed", 0, 1)
