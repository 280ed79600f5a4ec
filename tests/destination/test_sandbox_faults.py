"""Every fault that a sandbox can be told to have, over a real connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from core.destination import Faults, Sandbox
from tests.destination.sandbox_caller import Caller, calling, statuses
from tests.destination.sandbox_partners import PLAIN, mapping, plain_list, with_bare_array, with_per_user_calls

Pair = tuple[Caller, Sandbox]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with calling(plain_list(), PLAIN) as (caller, sandbox):
        caller.create()
        yield caller, sandbox


def user(name: str) -> dict[str, str]:
    return {"user_id": name}


def test_each_third_call_is_rate_limited_and_does_nothing(pair: Pair) -> None:
    caller, sandbox = pair
    sandbox.faults = Faults(rate_limit_every=3, retry_after=1.5)
    answers = [caller.add(user(str(number)))[0] for number in range(6)]
    assert statuses(answers) == [200, 200, 429, 200, 200, 429]
    assert answers[2].headers["Retry-After"] == "2"
    assert sandbox.held("L1") == {"0", "1", "3", "4"}
    assert sandbox.counts.faults == 2


def test_a_rate_limit_without_retry_after(pair: Pair) -> None:
    caller, sandbox = pair
    sandbox.faults = Faults(rate_limit_every=1, retry_after=0)
    assert "Retry-After" not in caller.add(user("a"))[0].headers


def test_each_second_call_fails_with_500(pair: Pair) -> None:
    caller, sandbox = pair
    sandbox.faults = Faults(error_500_every=2)
    assert [caller.add(user(name))[0].status_code for name in "abcd"] == [200, 500, 200, 500]
    assert sandbox.held("L1") == {"a", "c"}


def test_an_html_page_where_json_is_expected(pair: Pair) -> None:
    caller, sandbox = pair
    sandbox.faults = Faults(html_error_every=1)
    (answer,) = caller.add(user("a"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")
    assert sandbox.held("L1") == frozenset()


def test_a_dropped_connection_has_done_its_work(pair: Pair) -> None:
    caller, sandbox = pair
    sandbox.faults = Faults(drop_every=2)
    assert caller.add(user("a"))[0].status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        caller.add(user("b"))
    assert sandbox.held("L1") == {"a", "b"}
    assert caller.add(user("b"))[0].status_code == 200
    assert sandbox.counts.already_there == 1


def test_an_answer_that_takes_longer_than_the_caller_waits(pair: Pair) -> None:
    caller, sandbox = pair
    sandbox.faults = Faults(latency_ms=500)
    caller.client.timeout = httpx.Timeout(10, read=0.05)
    with pytest.raises(httpx.ReadTimeout):
        caller.add(user("a"))


def test_the_list_id_where_nobody_looks() -> None:
    with calling(plain_list(), PLAIN) as (caller, sandbox):
        sandbox.faults = Faults(wrong_list_id_path=True)
        created = caller.create()
        assert (created.status_code, created.json()) == (201, {"moved": {"identifier": "L1"}})
        assert caller.list_id is None


def test_rejected_members_stand_where_the_integration_looks() -> None:
    with calling(with_bare_array(), PLAIN) as (caller, sandbox):
        caller.create()
        sandbox.faults = Faults(reject=frozenset({"102"}))
        users = [{"record_id": str(number)} for number in range(101, 104)]
        assert caller.add(*users)[0].json() == {"recordIdsMissing": ["102"]}
        assert sandbox.held("L1") == {"101", "103"}
        assert sandbox.counts.rejected == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("errors[].id", {"errors": [{"id": 2}, {"id": 4}]}),
        ("data.failed", {"data": {"failed": [2, 4]}}),
        ("results[?status=='failed'].user.id", {
            "results": [{"status": "failed", "user": {"id": 2}}, {"status": "failed", "user": {"id": 4}}],
        }),
    ],
)  # fmt: skip
def test_each_nth_new_member_is_rejected_with_its_id_as_sent(path: str, expected: Any) -> None:
    fields = [mapping("user_id", value_type="number")]
    endpoints = {"add_users": {"item": '{"id": $user_id}', "rejected_path": path}}
    with calling(plain_list(mapping_fields=fields, endpoints=endpoints), PLAIN) as (caller, sandbox):
        caller.create()
        sandbox.faults = Faults(reject_every=2)
        users = [user(str(number)) for number in range(1, 6)]
        for _ in range(2):
            assert caller.add(*users)[0].json() == expected
        assert sandbox.held("L1") == {"1", "3", "5"}


def test_without_a_path_for_them_rejected_members_refuse_the_batch(pair: Pair) -> None:
    caller, sandbox = pair
    sandbox.faults = Faults(reject_every=2)
    answers = caller.add(user("a"), user("b"), user("c"))
    assert statuses(answers) == [422]
    assert answers[0].json()["members"] == ["b"]
    assert sandbox.held("L1") == frozenset()
    assert statuses([*caller.add(user("c")), *caller.add(user("b")), *caller.add(user("a"))]) == [200, 422, 200]


def test_a_rejected_user_of_a_call_per_user() -> None:
    with calling(with_per_user_calls(), PLAIN) as (caller, sandbox):
        caller.create()
        sandbox.faults = Faults(reject=frozenset({"b"}))
        assert statuses(caller.add({"contact_id": "a"}, {"contact_id": "b"})) == [200, 422]


def test_setting_faults_begins_the_count_anew(pair: Pair) -> None:
    caller, sandbox = pair
    for _ in range(2):
        sandbox.faults = Faults(error_500_every=2)
        assert [caller.add(user(name))[0].status_code for name in "ab"] == [200, 500]
        caller.add(user("c"))


def test_the_control_surface(pair: Pair) -> None:
    caller, sandbox = pair
    url = str(caller.builder.integration.endpoints.create_list.url).removesuffix("/lists")  # type: ignore[union-attr]
    get, put, post = caller.client.get, caller.client.put, caller.client.post
    caller.add(user("b"), user("a"))
    state = get(f"{url}/_sandbox/state").json()
    assert state["lists"] == [{"id": "L1", "name": 'Power "users" & héllo', "members": 2}]
    assert state["counts"]["added"] == 2
    assert [(entry["endpoint"], entry["status"], entry["members"]) for entry in state["requests"]] == [
        ("create_list", 201, 0),
        ("add_users", 200, 2),
    ]
    assert get(f"{url}/_sandbox/lists/L1/members").json() == {"id": "L1", "members": ["a", "b"]}
    assert get(f"{url}/_sandbox/lists/L9/members").status_code == 404
    assert put(f"{url}/_sandbox/faults", json={"error_500_every": 1, "reject": ["x"]}).status_code == 200
    assert sandbox.faults == Faults(error_500_every=1, reject=frozenset({"x"}))
    assert statuses(caller.add(user("c"))) == [500]
    assert put(f"{url}/_sandbox/faults", json={"error_500_every": -1}).status_code == 400
    assert put(f"{url}/_sandbox/faults", content=b"{").status_code == 400
    assert post(f"{url}/_sandbox/reset").json()["lists"] == []
    assert sandbox.faults.error_500_every == 1
    assert get(f"{url}/_sandbox/elsewhere").status_code == 404
    assert sandbox.counts.requests == 0


def test_faults_have_bounds() -> None:
    with pytest.raises(ValidationError):
        Faults(latency_ms=10**9)
