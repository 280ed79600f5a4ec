"""Every fault a destination is known for, at every kind of call: what the run ends as, who is held, how many requests.

The tables are written by hand from the rules of delivery, with two retries: nothing in them comes from the code.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from core.integration import Integration
from core.sync import RetrySchedule, SyncRun, run_sync
from tests.reliability.faulty_partner import closed_port, faulty
from tests.sync.partner import LIST, PROPERTY, FakeClock, builder, change, document

DELAYS = (1.0, 2.0)
BEFORE, AFTER, ALL_BUT_B = "before", "after", "all but b"


class Ends(NamedTuple):
    """`held` says which members the destination has in the end; `acknowledged` how many the run says it has moved."""

    outcome: str
    requests: int
    held: str
    acknowledged: int


class Created(NamedTuple):
    """After a fault of list creation, three users to add: `lists` exist at the destination, `held` members."""

    outcome: str
    requests: int
    lists: int
    held: int


TRIED_AGAIN = (Ends("succeeded", 2, AFTER, 3), Ends("failed", 3, BEFORE, 0))
REFUSED_AT_ONCE = (Ends("failed", 1, BEFORE, 0), Ends("failed", 1, BEFORE, 0))

# A call that carries three users: with the fault once, and with the fault always.
USERS: dict[str, tuple[Ends | None, Ends]] = {
    "refused": (None, Ends("failed", 3, BEFORE, 0)),
    "reset mid-body": TRIED_AGAIN,
    "time-out": TRIED_AGAIN,
    "408": TRIED_AGAIN,
    "425": TRIED_AGAIN,
    "429": TRIED_AGAIN,
    "429 Retry-After": TRIED_AGAIN,
    "500": TRIED_AGAIN,
    "503": TRIED_AGAIN,
    "502 HTML": TRIED_AGAIN,
    "413": (Ends("succeeded", 3, AFTER, 3), Ends("failed", 5, BEFORE, 0)),
    "400": REFUSED_AT_ONCE,
    "401": (Ends("stopped", 1, BEFORE, 0), Ends("stopped", 1, BEFORE, 0)),
    "404": REFUSED_AT_ONCE,
    "409": REFUSED_AT_ONCE,
    "200 HTML": (Ends("succeeded", 1, AFTER, 3), Ends("succeeded", 1, AFTER, 3)),
    "200 with rejected": (Ends("partly", 1, ALL_BUT_B, 2), Ends("partly", 1, ALL_BUT_B, 2)),
    "lost after acting": (Ends("succeeded", 2, AFTER, 3), Ends("failed", 3, AFTER, 0)),
}

CREATED_AT_SECOND = (Created("succeeded", 3, 1, 3), Created("failed", 3, 0, 0))
NOT_CREATED = (Created("failed", 1, 0, 0), Created("failed", 1, 0, 0))

# List creation, which is followed by one call that adds.
CREATION: dict[str, tuple[Created | None, Created]] = {
    "refused": (None, Created("failed", 3, 0, 0)),
    "reset mid-body": (Created("stopped", 1, 0, 0), Created("stopped", 1, 0, 0)),
    "time-out": (Created("stopped", 1, 0, 0), Created("stopped", 1, 0, 0)),
    "408": CREATED_AT_SECOND,
    "425": CREATED_AT_SECOND,
    "429": CREATED_AT_SECOND,
    "429 Retry-After": CREATED_AT_SECOND,
    "500": CREATED_AT_SECOND,
    "503": CREATED_AT_SECOND,
    "502 HTML": CREATED_AT_SECOND,
    "413": NOT_CREATED,
    "400": NOT_CREATED,
    "401": (Created("stopped", 1, 0, 0), Created("stopped", 1, 0, 0)),
    "404": NOT_CREATED,
    "409": NOT_CREATED,
    "200 HTML": (Created("failed", 1, 1, 0), Created("failed", 1, 1, 0)),
    "wrong list-id path": (Created("failed", 1, 1, 0), Created("failed", 1, 1, 0)),
    "lost after acting": (Created("stopped", 1, 1, 0), Created("stopped", 1, 1, 0)),
}
WAITS = {"429 Retry-After": [7.0, 7.0]}

ITEM = '{"id": "$user", "in": $in_cohort}'
CALLS: dict[str, tuple[dict[str, Any], str, str]] = {
    "add to a list": (LIST, "/lists/L1/add", "join"),
    "remove from a list": (LIST, "/lists/L1/remove", "leave"),
    "set a property": (PROPERTY, "/users", "join"),
    "unset a property": (PROPERTY, "/users", "leave"),
    "remove from a property": (PROPERTY, "/users/gone", "leave"),
}


def integration(kind: dict[str, Any], url: str, path: str, *, timeout: float, **changes: Any) -> Integration:
    """Each call sends {"users": [{"id", "in"}]} to the server at `url`."""
    endpoint = {"payload": '{"users": $items}', "item": ITEM, "rejected_path": "rejected"}
    if kind is LIST:
        changes["create_list__url"] = f"{url}/lists"
        for name in ("add", "remove"):
            changes[f"{name}_users"] = {**endpoint, "url": f"{url}/lists/$list_id/{name}"}
    else:
        changes["update_users"] = {**endpoint, "url": f"{url}/users"}
        if path == "/users/gone":
            changes["endpoints__remove_users"] = {**endpoint, "url": f"{url}/users/gone"}
    return document(kind, delivery__timeout_seconds=timeout, delivery__concurrency=1, **changes)


def carried_out(made: Integration, direction: str, list_id: str | None, clock: FakeClock) -> SyncRun:
    users = ["a", "b", "c"]
    what = change(users) if direction == "join" else change([], users, unchanged=1)
    schedule = RetrySchedule(DELAYS, jitter=0)
    return run_sync(builder(made), what, list_id=list_id, schedule=schedule, clock=clock.clock)


def patience(fault: str, always: bool) -> float:
    """Seconds before a silent server is given up; long where an answer is awaited, so that a busy machine passes."""
    return 30.0 if fault != "time-out" else 0.1 if always else 1.0


def cells(table: dict[str, Any]) -> list[Any]:
    return [
        pytest.param(fault, always, ends[always], id=f"{fault}-{'always' if always else 'once'}")
        for fault, ends in table.items()
        for always in (False, True)
        if ends[always] is not None
    ]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("fault", "always", "expected"), cells(USERS))
def test_a_fault_at_a_call_with_users_ends_as_the_rules_say(
    call: str, fault: str, always: bool, expected: Ends
) -> None:
    kind, path, direction = CALLS[call]
    before = {"d"} if direction == "join" else {"a", "b", "c", "d"}
    after = {"a", "b", "c", "d"} if direction == "join" else {"d"}
    all_but_b = (after - {"b"}) if direction == "join" else (after | {"b"})
    clock = FakeClock()
    if fault == "refused":
        made = integration(kind, closed_port(), path, timeout=30)
        run, held = carried_out(made, direction, "L1", clock), before
    else:
        with faulty(fault, path, before, always=always) as partner:
            made = integration(kind, partner.url, path, timeout=patience(fault, always))
            run, held = carried_out(made, direction, "L1", clock), partner.held
            assert len(partner.calls) == expected.requests
    acknowledged = run.added if direction == "join" else run.removed
    assert (run.outcome, run.requests, acknowledged) == (expected.outcome, expected.requests, expected.acknowledged)
    assert held == {BEFORE: before, AFTER: after, ALL_BUT_B: all_but_b}[expected.held]
    assert clock.slept == WAITS.get(fault, list(DELAYS))[: run.retries]
    assert bool(run.errors) == (expected.outcome != "succeeded")


@pytest.mark.parametrize(("fault", "always", "expected"), cells(CREATION))
def test_a_fault_at_list_creation_ends_as_the_rules_say(fault: str, always: bool, expected: Created) -> None:
    clock = FakeClock()
    if fault == "refused":
        run = carried_out(integration(LIST, closed_port(), "", timeout=30), "join", None, clock)
        lists, held = 0, 0
    else:
        with faulty(fault, "/lists", set(), always=always) as partner:
            # Nobody waits for a second answer here: creation is not tried again once its answer is lost.
            made = integration(LIST, partner.url, "", timeout=0.2 if fault == "time-out" else 30)
            run = carried_out(made, "join", None, clock)
            lists, held = partner.lists, len(partner.held)
            assert len(partner.calls) == expected.requests
    assert Created(run.outcome, run.requests, lists, held) == expected
    assert clock.slept == WAITS.get(fault, list(DELAYS))[: run.retries]


IGNORED = [
    ("add to a list", "409", {"a", "b", "c", "d"}),
    ("remove from a list", "404", {"d"}),
    ("set a property", "409", {"a", "b", "c", "d"}),
    ("unset a property", "404", {"d"}),
    ("remove from a property", "404", {"d"}),
]


@pytest.mark.parametrize(("call", "status", "held"), IGNORED)
def test_a_409_on_add_and_a_404_on_remove_can_be_declared_as_success(call: str, status: str, held: set[str]) -> None:
    """The users are in, or gone, already: the destination says so, and the run counts them as acknowledged."""
    kind, path, direction = CALLS[call]
    with faulty(status, path, held, always=True) as partner:
        made = integration(kind, partner.url, path, timeout=30)
        rules = [{"status": int(status), "action": "ignore", "reason": "Known", "message": ""}]
        whole = made.model_dump(mode="json")
        for endpoint in whole["endpoints"].values():
            if endpoint:
                endpoint["errors"] = rules
        run = carried_out(Integration.model_validate(whole), direction, "L1", FakeClock())
        assert (run.outcome, run.requests, run.added + run.removed, run.seen) == ("succeeded", 1, 3, [])
        assert partner.held == held
