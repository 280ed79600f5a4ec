"""What is shown before a run is what the run then sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DocumentError
from core.sync import Change, Skipped, plan, render_all
from tests.sync.partner import (
    BASE,
    LIST,
    PER_USER,
    PROPERTY,
    Destination,
    builder,
    change,
    document,
    frame,
    sync,
    users,
)

FIRST_WITH_LIST = {"payload": '{"name": "$amp_cohort_name", "ids": $items}', "item": '"$user"', "url": f"{BASE}/lists"}
INTEGRATIONS = [
    document(),
    document(users__batch_size=2),
    document(users__batch_size=3, users__max_bytes=80),
    document(users__item='{"id": ${user|digits|number}, "mail": "$email", "in": "$list_id"}', users__batch_size=4),
    document(create_list={**FIRST_WITH_LIST, "batch_size": 2}),
    document(create_list={**FIRST_WITH_LIST, "max_bytes": 45}, users__batch_size=3),
    document(create_list=None, users__url=f"{BASE}/all/add"),
    document(PROPERTY, update_users__batch_size=3),
    document(PER_USER),
    document(PER_USER, update_users__max_bytes=40),
]
KEYS = st.lists(st.text("ab1234567890", min_size=1, max_size=14), unique=True, max_size=9)


@given(
    integration=st.sampled_from(INTEGRATIONS),
    keys=KEYS,
    leaving=st.integers(0, 9),
    list_id=st.sampled_from([None, "LIST_ID"]),
    of_connection=st.booleans(),
)
@settings(max_examples=200)
def test_the_plan_is_what_is_sent(
    integration: Any, keys: list[str], leaving: int, list_id: str | None, of_connection: bool
) -> None:
    what = Change(frame(keys[leaving:]), frame(keys[:leaving]), "user", 1_000)
    built = builder(integration, list_id=list_id if of_connection else None)
    handed_in = None if of_connection else list_id
    planned = plan(built, what, list_id=handed_in, computed_time=7)
    rendered = list(render_all(built, what, list_id=handed_in, computed_time=7))
    destination = Destination(list_id="LIST_ID")
    one_at_a_time = integration.model_copy(
        update={"delivery": integration.delivery.model_copy(update={"concurrency": 1})}
    )
    run = sync(
        destination, what, built=type(built)(one_at_a_time, built.connection), list_id=handed_in, computed_time=7
    )
    sent = [(one.method, str(one.url), one.content) for one in destination.requests]
    requests = [one for one in rendered if not isinstance(one, Skipped)]
    assert sent == [(one.wire.method, one.wire.url, one.wire.body or b"") for one in requests]
    assert planned.requests == len(sent) == run.requests
    assert planned.bytes == sum(len(body) for _, _, body in sent)
    assert planned.members == run.added + run.removed
    assert planned.skipped_count == run.skipped == len(rendered) - len(requests)
    assert planned.members + planned.skipped_count == len(keys)
    firsts = {(call.endpoint, call.operation): call.first.wire.body or b"" for call in planned.calls}
    assert set(firsts.values()) <= {body for _, _, body in sent}
    assert run.outcome == "succeeded"


def test_a_first_sync_creates_the_list_and_adds_everyone() -> None:
    planned = plan(builder(document(users__batch_size=2)), change(users(5)))
    assert [(call.endpoint, call.operation, call.requests, call.members) for call in planned.calls] == [
        ("create_list", "add", 1, 0),
        ("add_users", "add", 3, 5),
    ]
    assert "/lists/LIST_ID/add" in planned.calls[1].first.wire.url


def test_a_later_sync_adds_and_removes_what_differs() -> None:
    planned = plan(builder(), change(["u1"], ["u2"]), list_id="L7")
    assert [(call.endpoint, call.operation) for call in planned.calls] == [
        ("add_users", "add"),
        ("remove_users", "remove"),
    ]
    assert planned.calls[1].first.wire.url == f"{BASE}/lists/L7/remove"


def test_nothing_to_say_plans_no_request() -> None:
    planned = plan(builder(), change(), list_id="L1")
    assert (planned.requests, planned.bytes, planned.members, planned.seconds) == (0, 0, 0, 0)


def test_a_property_says_who_joined_and_who_left_by_one_endpoint() -> None:
    destination = Destination()
    sync(destination, change(["u1"], ["u2"]), document(PROPERTY))
    assert [body["users"] for body in destination.bodies] == [
        [{"id": "u1", "member": True, "by": "add"}],
        [{"id": "u2", "member": False, "by": "remove"}],
    ]


def test_leavers_of_a_property_go_to_a_call_of_their_own_if_there_is_one() -> None:
    leavers = {"url": f"{BASE}/leavers", "payload": '{"ids": $items}', "item": '"$user"'}
    destination = Destination()
    sync(destination, change(["u1"], ["u2"]), document(PROPERTY, endpoints__remove_users=leavers))
    assert destination.paths == ["/users", "/leavers"]


def test_an_api_that_wants_the_first_users_with_the_list_gets_them_once() -> None:
    integration = document(create_list={**FIRST_WITH_LIST, "batch_size": 2}, users__batch_size=2)
    destination = Destination()
    run = sync(destination, change(users(5)), integration)
    assert destination.bodies[0]["ids"] == ["u0", "u1"]
    assert [key for ids in destination.ids("/add") for key in ids] == ["u2", "u3", "u4"]
    assert (run.outcome, run.added, run.added_keys) == ("succeeded", 5, users(5))


def test_without_users_such_a_list_is_not_created_and_nobody_removed_from_it() -> None:
    destination = Destination()
    run = sync(destination, change([], ["u1"]), document(create_list=FIRST_WITH_LIST))
    assert destination.requests == []
    assert (run.outcome, run.list_id) == ("succeeded", None)
    assert [(one.key, one.operation) for one in run.skipped_members] == [("u1", "remove")]


def test_a_list_id_of_the_connection_is_used() -> None:
    destination = Destination()
    run = sync(destination, change(["u1"]), built=builder(list_id=42))
    assert destination.paths == ["/lists/42/add"]
    assert run.list_id == 42
    assert plan(builder(list_id=42), change(["u1"])).requests == 1


def test_a_list_id_left_empty_in_the_form_is_none() -> None:
    destination = Destination()
    sync(destination, change(["u1"]), built=builder(list_id=""))
    assert destination.paths == ["/lists", "/lists/L1/add"]


def test_a_list_that_nothing_creates_and_nothing_names_is_an_error_before_anything_is_sent() -> None:
    destination = Destination()
    with pytest.raises(DocumentError, match="list id"):
        sync(destination, change(["u1"]), document(create_list=None))
    assert destination.requests == []


@pytest.mark.parametrize(
    ("leaving", "unchanged", "joining", "withheld"),
    [
        (101, 99, 1, True),
        (100, 1, 1, False),
        (101, 101, 1, False),
        (102, 101, 0, True),
        (500, 10_000, 0, False),
        (1, 0, 0, True),
        (1, 0, 1, False),
        (0, 0, 0, False),
    ],
)
def test_removals_are_withheld_beyond_100_members_and_half_or_when_the_snapshot_is_empty(
    leaving: int, unchanged: int, joining: int, withheld: bool
) -> None:
    what = change(users(joining), users(leaving, 10_000), unchanged)
    destination = Destination()
    run = sync(destination, what, list_id="L1")
    planned = plan(builder(), what, list_id="L1")
    assert (run.withheld is not None) == (planned.withheld is not None) == withheld
    assert run.removed == (0 if withheld else leaving)
    assert run.added == joining
    if withheld:
        assert run.outcome == ("partly" if joining else "stopped")
        assert run.as_dict()["withheld"] == leaving
        assert "allow the removals" in run.errors[-1].message


def test_withheld_removals_go_out_after_a_yes() -> None:
    what = change([], users(200), 0)
    run = sync(Destination(), what, list_id="L1", allow_removals=True)
    assert (run.outcome, run.removed, run.withheld) == ("succeeded", 200, None)


def test_an_operations_file_is_not_guarded() -> None:
    what = Change(frame([]), frame(users(200)), "user", 0, in_snapshot=False)
    assert sync(Destination(), what, list_id="L1").removed == 200


@pytest.mark.parametrize(("requests", "seconds"), [(1, 0.3), (2, 0.6), (3, 10), (4, 10), (5, 20)])
def test_the_estimate_keeps_to_the_declared_rate(requests: int, seconds: float) -> None:
    integration = document(
        users__batch_size=1, delivery__concurrency=1, delivery__rate_limit={"requests": 2, "per_seconds": 10}
    )
    assert plan(builder(integration), change(users(requests)), list_id="L1").seconds == pytest.approx(seconds)


def test_skipped_members_are_listed_and_counted_beyond_the_hundred_that_are_kept() -> None:
    integration = document(users__item='{"n": ${user|number}}')
    planned = plan(builder(integration), change(users(150)), list_id="L1")
    assert (len(planned.skipped), planned.skipped_count, planned.requests) == (100, 150, 0)


def test_what_is_shown_of_a_plan_hides_the_secret() -> None:
    (call,) = plan(builder(document(LIST)), change(["u1"]), list_id="L1").calls
    assert "***" in dict(call.first.masked.headers)["Authorization"]
    assert "s3cr3t" not in repr(call.first.masked)
    assert json.loads(call.first.masked.text or "") == json.loads(call.first.wire.text or "")
