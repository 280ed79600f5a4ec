"""A run from the first request to its outcome: order, concurrency, what stops it, what it counts."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DocumentError
from core.request import Cohort
from core.sync import Change, Delivery, RetrySchedule, SyncRun, run_sync
from tests.sync.partner import (
    BASE,
    PROPERTY,
    Answer,
    Destination,
    FakeClock,
    builder,
    change,
    connection,
    document,
    frame,
    sync,
    users,
)


def failing(status: int, where: str, **more: Any) -> Answer:
    return lambda request, _: httpx.Response(status, **more) if request.url.path.endswith(where) else None


def meeting(others: threading.Barrier) -> Answer:
    """Lets each request wait for others to be in flight."""

    def answer(_request: httpx.Request, _number: int) -> None:
        others.wait(timeout=30)

    return answer


def ids_of(request: httpx.Request) -> list[str]:
    return list(json.loads(request.content).get("ids", []))


def test_everything_acknowledged_is_a_success() -> None:
    destination = Destination()
    destination.members = {"u9"}
    run = sync(destination, change(users(3), ["u9"]))
    assert destination.members == set(users(3))
    assert run.as_dict() == {
        "outcome": "succeeded",
        "list_id": "L1",
        "added": 3,
        "removed": 1,
        "skipped": 0,
        "rejected": 0,
        "requests": 3,
        "retries": 0,
        "errors": [],
        "failed": 0,
        "slow": 0,
        "withheld": None,
        "withheld_members": [],
        "unclassified": [],
    }


def test_a_numeric_list_id_stays_a_number_and_is_used_at_once() -> None:
    destination = Destination(list_id=77)
    assert sync(destination, change(["u1"])).list_id == 77
    assert destination.paths == ["/lists", "/lists/77/add"]


def test_all_additions_are_answered_before_the_first_removal_goes_out() -> None:
    events: list[str] = []
    lock = threading.Lock()

    def answer(request: httpx.Request, _number: int) -> httpx.Response:
        operation = request.url.path.rpartition("/")[2]
        with lock:
            events.append(f"{operation} begins")
        if ids_of(request) == ["u0"]:
            threading.Event().wait(0.05)
        with lock:
            events.append(f"{operation} ends")
        return httpx.Response(200, json={})

    sync(Destination(answer), change(users(6), users(6, 10)), document(users__batch_size=1), list_id="L1")
    assert events.count("add ends") == events.count("remove ends") == 6
    assert len(events) - events[::-1].index("add ends") <= events.index("remove begins")


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_never_more_requests_in_flight_than_the_integration_allows(concurrency: int) -> None:
    in_flight, most = 0, 0
    lock = threading.Lock()
    all_there = threading.Barrier(concurrency)

    def answer(_request: httpx.Request, _number: int) -> None:
        nonlocal in_flight, most
        with lock:
            in_flight += 1
            most = max(most, in_flight)
        all_there.wait(timeout=30)
        with lock:
            in_flight -= 1

    integration = document(users__batch_size=1, delivery__concurrency=concurrency)
    run = sync(Destination(answer), change(users(concurrency * 4)), integration, list_id="L1")
    assert run.outcome == "succeeded"
    assert most == concurrency


def test_a_wrong_key_stops_the_run_and_later_batches_are_not_sent() -> None:
    destination = Destination(failing(401, "/add"))
    integration = document(users__batch_size=1, delivery__concurrency=1)
    run = sync(destination, change(users(5), ["u9"]), integration)
    assert destination.paths == ["/lists", "/lists/L1/add"]
    assert (run.outcome, run.failed, run.added, run.removed) == ("stopped", 1, 0, 0)
    assert run.errors[0].reason == "Unauthorized"


def test_what_was_in_flight_when_the_run_was_stopped_still_counts() -> None:
    stopped, both_there = threading.Event(), threading.Barrier(2)

    def answer(request: httpx.Request, _number: int) -> httpx.Response | None:
        both_there.wait(timeout=30)
        if ids_of(request) == ["u0"]:
            return httpx.Response(401)
        assert stopped.wait(timeout=30)
        return None

    def listener(delivery: Delivery, _run: SyncRun) -> None:
        if not delivery.verdict.accepted:
            stopped.set()

    integration = document(users__batch_size=1, delivery__concurrency=2)
    run = sync(Destination(answer), change(users(6)), integration, list_id="L1", listener=listener)
    assert (run.outcome, run.added_keys, run.requests) == ("stopped", ["u1"], 2)


def test_a_stop_before_the_start_sends_nothing() -> None:
    stop, destination = threading.Event(), Destination()
    stop.set()
    run = sync(destination, change(["u1"]), stop=stop)
    assert destination.requests == []
    assert (run.outcome, run.requests, run.retries, run.errors) == ("stopped", 0, 0, [])


def test_a_stop_between_batches_keeps_what_was_acknowledged() -> None:
    stop, destination = threading.Event(), Destination()
    integration = document(users__batch_size=2, delivery__concurrency=1)

    def listener(delivery: Delivery, _run: SyncRun) -> None:
        if delivery.endpoint == "add_users":
            stop.set()

    run = sync(destination, change(users(6), ["u9"]), integration, stop=stop, listener=listener)
    assert (run.outcome, run.added_keys) == ("stopped", ["u0", "u1"])
    assert destination.members == {"u0", "u1"}


def test_a_stop_ends_the_pause_before_a_further_try() -> None:
    stop = threading.Event()

    def answer(_request: httpx.Request, _number: int) -> httpx.Response:
        threading.Timer(0.05, stop.set).start()
        return httpx.Response(503, headers={"Retry-After": "300"})

    destination = Destination(answer)
    run = run_sync(builder(), change(["u1"]), list_id="L1", transport=destination.transport, stop=stop)
    assert (run.outcome, run.requests, run.failed) == ("stopped", 1, 1)


def test_a_stop_ends_the_wait_for_the_rate_limit_and_sends_nothing_more() -> None:
    stop = threading.Event()

    def answer(_request: httpx.Request, _number: int) -> None:
        threading.Timer(0.05, stop.set).start()

    destination = Destination(answer)
    integration = document(
        users__batch_size=1, delivery__rate_limit={"requests": 1, "per_seconds": 3_600}, delivery__concurrency=2
    )
    run = run_sync(builder(integration), change(users(5)), list_id="L1", transport=destination.transport, stop=stop)
    assert (run.outcome, run.requests, run.retries, run.failed) == ("stopped", 1, 0, 0)
    assert run.added_keys == ["u0"]


@given(count=st.integers(1, 20), bad=st.sets(st.integers(0, 19), max_size=5), size=st.integers(1, 20))
@settings(max_examples=60)
def test_bisecting_finds_exactly_the_members_at_fault(count: int, bad: set[int], size: int) -> None:
    at_fault = {f"u{number}" for number in bad if number < count}

    def answer(request: httpx.Request, _number: int) -> httpx.Response | None:
        return httpx.Response(400) if at_fault & set(ids_of(request)) else None

    destination = Destination(answer)
    integration = document(users__batch_size=size, delivery__isolate_refused=True)
    run = sync(destination, change(users(count)), integration, list_id="L1")
    assert destination.members == set(run.added_keys) == set(users(count)) - at_fault
    assert (run.failed, run.added) == (len(at_fault), count - len(at_fault))
    assert [(error.members, error.requests) for error in run.errors] == [(len(at_fault),) * 2] * bool(at_fault)
    assert run.outcome == ("succeeded" if not at_fault else "partly" if run.added else "failed")


def test_without_the_option_a_refused_batch_fails_whole() -> None:
    run = sync(Destination(failing(400, "/add")), change(users(4)))
    assert (run.requests, run.failed) == (2, 4)


@pytest.mark.parametrize("status", [429, 408, 425])
def test_a_destination_that_stays_busy_is_not_bisected(status: int) -> None:
    integration = document(delivery__isolate_refused=True)
    run = sync(Destination(failing(status, "/add")), change(users(8)), integration, schedule=RetrySchedule((), 0))
    assert (run.requests, run.failed) == (2, 8)


def test_a_wrong_key_is_not_bisected() -> None:
    run = sync(Destination(failing(403, "/add")), change(users(8)), document(delivery__isolate_refused=True))
    assert (run.requests, run.outcome) == (2, "stopped")


@given(count=st.integers(1, 20), limit=st.integers(0, 8))
@settings(max_examples=40)
def test_a_batch_that_is_too_large_is_divided_until_it_fits(count: int, limit: int) -> None:
    def answer(request: httpx.Request, _number: int) -> httpx.Response | None:
        return httpx.Response(413) if len(ids_of(request)) > limit else None

    destination = Destination(answer)
    run = sync(destination, change(users(count)), list_id="L1")
    assert destination.members == (set(users(count)) if limit else set())
    assert (run.added, run.failed) == ((count, 0) if limit else (0, count))
    accepted = [ids for ids in destination.ids("/add") if len(ids) <= limit]
    assert Counter(key for ids in accepted for key in ids) == Counter(users(count) if limit else [])


def test_every_try_carries_the_same_message_id_and_every_batch_another() -> None:
    seen: list[tuple[tuple[str, ...], str]] = []

    def answer(request: httpx.Request, _number: int) -> httpx.Response | None:
        body = json.loads(request.content)
        seen.append((tuple(body["ids"]), body["message"]))
        return httpx.Response(500) if sum(ids == tuple(body["ids"]) for ids, _ in seen) < 3 else None

    sync(Destination(answer), change(users(4)), document(users__batch_size=2, delivery__concurrency=1), list_id="L1")
    assert len(seen) == 6
    assert len(set(seen)) == len({message for _, message in seen}) == 2


def test_errors_alike_are_told_once_with_their_numbers() -> None:
    def answer(request: httpx.Request, _number: int) -> httpx.Response | None:
        number = int((ids_of(request) or ["u0"])[0][1:])
        return None if number == 0 else httpx.Response(404 if number % 2 else 400)

    run = sync(Destination(answer), change(users(7)), document(users__batch_size=1), list_id="L1")
    assert run.outcome == "partly"
    assert sorted((error.status, error.members, error.requests) for error in run.errors) == [(400, 3, 3), (404, 3, 3)]
    assert all(error.endpoint == "add_users" and not error.classified for error in run.errors)


def test_the_listener_hears_of_each_delivery_in_order_and_in_the_callers_thread() -> None:
    heard: list[tuple[str, int, int, bool]] = []

    def listener(delivery: Delivery, run: SyncRun) -> None:
        here = threading.current_thread() is threading.main_thread()
        heard.append((delivery.endpoint, run.added, run.removed, here))

    integration = document(users__batch_size=2, delivery__concurrency=1)
    sync(Destination(), change(users(4), ["u9"]), integration, listener=listener)
    assert heard == [
        ("create_list", 0, 0, True),
        ("add_users", 2, 0, True),
        ("add_users", 4, 0, True),
        ("remove_users", 4, 1, True),
    ]


def test_a_listener_that_fails_costs_no_acknowledgement_of_what_is_in_flight() -> None:
    runs: list[SyncRun] = []

    def listener(_delivery: Delivery, run: SyncRun) -> None:
        runs.append(run)
        raise RuntimeError("the page is gone")

    two = meeting(threading.Barrier(2))
    destination = Destination(lambda request, number: two(request, number) if ids_of(request)[0] < "u2" else None)
    integration = document(users__batch_size=1, delivery__concurrency=2)
    with pytest.raises(RuntimeError, match="page is gone"):
        sync(destination, change(users(6)), integration, list_id="L1", listener=listener)
    assert {"u0", "u1"} <= set(runs[0].added_keys) == destination.members <= {"u0", "u1", "u2"}


def test_a_value_that_fits_nowhere_late_in_a_run_loses_nothing_that_is_in_flight() -> None:
    """The third batch cannot be rendered while the first two are on their way."""
    heard: list[Delivery] = []
    integration = document(
        PROPERTY,
        update_users__payload='{"sum": "${items|join:,|number}"}',
        update_users__item='"$user"',
        update_users__batch_size=1,
        delivery__concurrency=3,
    )
    destination = Destination(meeting(threading.Barrier(2)))
    run = sync(destination, Change(frame(["1", "2", "x", "4"]), frame([]), "user"), integration, deliveries=heard)
    assert sorted(run.added_keys) == ["1", "2"]
    assert (run.outcome, run.requests, len(heard)) == ("partly", 2, 2)
    assert "x" in run.errors[-1].reason


def test_a_value_missing_in_the_connection_shows_before_anything_is_sent() -> None:
    integration = document(users__payload='{"ids": $items, "in": "$amp_cohort_id"}')
    built = builder(integration, cohort=Cohort(name="x"))
    destination = Destination()
    run = sync(destination, change(["u1"]), built=built)
    assert destination.requests == []
    assert run.outcome == "failed"
    assert "amp_cohort_id" in run.errors[0].reason


def test_a_template_with_a_mistake_shows_before_anything_is_sent() -> None:
    destination = Destination()
    with pytest.raises(DocumentError):
        sync(destination, change(["u1"]), document(remove_users__payload='{"ids": $itmes}'))
    assert destination.requests == []


@pytest.mark.parametrize("body", ["", "<html>", '{"id": "L1"}'])
def test_a_list_without_an_id_ends_the_run(body: str) -> None:
    destination = Destination(lambda *_: httpx.Response(201, text=body))
    deliveries: list[Delivery] = []
    run = sync(destination, change(["u1"]), deliveries=deliveries)
    assert destination.paths == ["/lists"]
    assert (run.outcome, run.list_id, run.requests) == ("failed", None, 1)
    assert [(error.endpoint, error.reason, error.status) for error in run.errors] == [
        ("create_list", "No list id in the answer", 201)
    ]
    assert ("Paths that exist: id." in run.errors[0].message) == body.startswith("{")
    assert [delivery.verdict.accepted for delivery in deliveries] == [False]


def test_members_sent_with_a_list_that_nobody_can_name_are_not_acknowledged() -> None:
    with_list = {"url": f"{BASE}/lists", "payload": '{"ids": $items}', "item": '"$user"'}
    destination = Destination(lambda *_: httpx.Response(201, json={}))
    run = sync(destination, change(users(3)), document(create_list=with_list))
    assert (run.outcome, run.added, run.added_keys, run.failed) == ("failed", 0, [], 3)


def test_a_list_that_exists_already_can_be_taken_as_created() -> None:
    rule = {"status": 409, "action": "ignore"}
    destination = Destination(failing(409, "/lists", json={"listId": "L5"}))
    run = sync(destination, change(["u1"]), document(create_list__errors=[rule]))
    assert (run.outcome, run.list_id) == ("succeeded", "L5")
    assert destination.paths[-1] == "/lists/L5/add"


def test_an_ignored_error_acknowledges_its_members() -> None:
    rule = {"status": 404, "action": "ignore"}
    run = sync(Destination(failing(404, "/remove")), change([], ["u1"]), document(remove_users__errors=[rule]))
    assert (run.outcome, run.removed_keys) == ("succeeded", ["u1"])


@pytest.mark.parametrize("status", [400, 401, 500])
def test_without_a_list_nobody_is_added(status: int) -> None:
    destination = Destination(failing(status, "/lists"))
    run = sync(destination, change(users(3)), schedule=RetrySchedule(()))
    assert destination.paths == ["/lists"]
    assert run.outcome == ("stopped" if status == 401 else "failed")
    assert (run.added, run.list_id) == (0, None)


def test_failed_additions_do_not_hold_back_the_removals() -> None:
    run = sync(Destination(failing(400, "/add")), change(["u1"], ["u2"]))
    assert (run.outcome, run.added, run.removed, run.failed) == ("partly", 0, 1, 1)


@given(
    before=st.frozensets(st.integers(0, 15)),
    after=st.frozensets(st.integers(0, 15)),
    size=st.integers(1, 5),
    statuses=st.lists(st.sampled_from([200, 200, 200, 500, 429, 400, 204, 503]), max_size=40),
    create=st.booleans(),
)
@settings(max_examples=100)
def test_the_destination_holds_what_the_run_says_that_it_holds(
    before: frozenset[int], after: frozenset[int], size: int, statuses: list[int], create: bool
) -> None:
    """Whatever the destination answers: members = those before + acknowledged additions - acknowledged removals."""

    def answer(_request: httpx.Request, number: int) -> httpx.Response | None:
        status = statuses[number] if number < len(statuses) else 200
        return None if status < 300 else httpx.Response(status)

    names = lambda numbers: [f"u{number}" for number in sorted(numbers)]  # noqa: E731
    destination = Destination(answer)
    destination.members = set(names(before))
    what = Change(frame(names(after - before)), frame(names(before - after)), "user", len(before & after))
    integration = document(users__batch_size=size, delivery__concurrency=3)
    run = sync(
        destination,
        what,
        integration,
        list_id=None if create else "L1",
        allow_removals=True,
        schedule=RetrySchedule((1,), 0),
        clock=FakeClock(),
    )
    assert destination.members == (set(names(before)) | set(run.added_keys)) - set(run.removed_keys)
    assert (len(run.added_keys), len(run.removed_keys)) == (run.added, run.removed)
    assert run.requests == len(destination.requests)
    if run.list_id is not None:
        assert run.added + run.removed + run.failed == len(what.added) + len(what.removed)
    assert (run.outcome == "succeeded") == (destination.members == set(names(after)) and not run.errors)


@given(
    before=st.frozensets(st.integers(0, 15)), after=st.frozensets(st.integers(0, 15)), operations_first=st.booleans()
)
@settings(max_examples=50)
def test_in_cohort_says_who_is_in_and_who_left(
    before: frozenset[int], after: frozenset[int], operations_first: bool
) -> None:
    destination = Destination()
    joined, left = ([f"u{number}" for number in sorted(some)] for some in (after - before, before - after))
    sync(destination, change(joined, left), document(PROPERTY, update_users__batch_size=2))
    said = {one["id"]: one["member"] for body in destination.bodies for one in body["users"]}
    assert said == dict.fromkeys(joined, True) | dict.fromkeys(left, False)
    assert all((one["by"] == "add") == one["member"] for body in destination.bodies for one in body["users"])


def test_secrets_of_the_connection_are_what_the_destination_gets() -> None:
    destination = Destination()
    sync(destination, change(["u1"]))
    token = connection(document()).fields["bearer_token"]
    assert {request.headers["authorization"] for request in destination.requests} == {f"Bearer {token}"}
