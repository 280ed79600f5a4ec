"""Test runs: carried out in the background, written to the store, proved against the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pandas as pd
import pytest

from core.destination import EXAMPLE, Faults, Proof, Sandbox, prove, sandboxed, start_sandbox
from core.integration import Integration
from core.portal import Run, Store
from core.portal.run_recorder import RECORDED_IN_FULL
from core.portal.test_runs import Runner, RunOrder, Step
from core.request import Cohort, Connection, RequestBuilder
from core.sync import Change, RetrySchedule

ORG = "acme"
QUICK = RetrySchedule((0.0, 0.0, 0.0), jitter=0)


@pytest.fixture
def connection() -> Connection:
    fields = {field.variable: "secret-token-1234" for field in EXAMPLE.custom_fields}
    mappings: dict[str, str | None] = {field.variable: "user_id" for field in EXAMPLE.mapping_fields}
    return Connection(fields=fields, mappings=mappings, cohort=Cohort(id="c1", name="Power users"))


@pytest.fixture
def sandbox(connection: Connection) -> Iterator[tuple[Integration, Sandbox]]:
    with start_sandbox(EXAMPLE, connection) as running:
        yield sandboxed(EXAMPLE, running.url), running.sandbox


def _frame(*keys: str) -> pd.DataFrame:
    return pd.DataFrame({"user_id": pd.Series(list(keys), dtype="str")})


def _ended(store: Store, run_id: str) -> Run:
    end = time.monotonic() + 20
    while (run := store.get_run(ORG, run_id)).state == "running":
        assert time.monotonic() < end, "the run did not end"
        time.sleep(0.02)
    return run


def _plan(integration: Integration, connection: Connection, changes: list[Change], **more: Any) -> RunOrder:
    builder = RequestBuilder(integration, connection, columns=["user_id"])
    steps = [Step(f"step {number}", change, 2, len(change.added)) for number, change in enumerate(changes, 1)]
    return RunOrder(builder, steps, schedule=QUICK, **more)


def _two_days() -> tuple[Change, Change, Change]:
    first = Change(_frame("a", "b", "c"), _frame(), "user_id")
    second = Change(_frame("d"), _frame("a"), "user_id", unchanged=2)
    return first, second, Change(_frame("b", "c", "d"), _frame(), "user_id")


@pytest.fixture
def draft(store: Store) -> str:
    return store.create_integration(ORG, EXAMPLE.model_dump(mode="json")).id


def test_two_syncs_leave_the_destination_with_exactly_the_second_snapshot(
    store: Store, draft: str, sandbox: tuple[Integration, Sandbox], connection: Connection
) -> None:
    integration, destination = sandbox
    first, second, whole = _two_days()
    proof = partial(_proof, destination, connection, whole)
    plan = _plan(integration, connection, [first, second], prove=proof, notes={"target": "sandbox"})
    run = _ended(store, Runner(store).start(ORG, draft, plan))

    assert run.state == "succeeded"
    assert run.summary["proof"] == {"holds": 3, "expected": 3, "equal": True, "missing": [], "extra": []}
    assert [step["result"]["outcome"] for step in run.summary["steps"]] == ["succeeded", "succeeded"]
    assert run.summary["target"] == "sandbox"
    events = [event.event for event in store.run_events(ORG, run.id)]
    assert [(event["endpoint"], event["members"]) for event in events] == [
        ("create_list", 0),
        ("add_users", 3),
        ("add_users", 1),
        ("remove_users", 1),
    ]


def _proof(destination: Sandbox, connection: Connection, whole: Change, list_id: str | int | None) -> Proof:
    return prove(destination, list_id, EXAMPLE, connection, whole)


def test_the_proof_names_the_members_that_the_destination_did_not_take(
    store: Store, draft: str, sandbox: tuple[Integration, Sandbox], connection: Connection
) -> None:
    integration, destination = sandbox
    destination.faults = Faults(reject=frozenset({"b"}))
    first, _, _ = _two_days()
    plan = _plan(integration, connection, [first], prove=partial(_proof, destination, connection, first))
    run = _ended(store, Runner(store).start(ORG, draft, plan))

    assert run.state != "succeeded"
    if "proof" in run.summary:
        assert not run.summary["proof"]["equal"]
        assert "b" in run.summary["proof"]["missing"]


def test_a_failed_first_sync_is_not_followed_by_the_second(
    store: Store, draft: str, sandbox: tuple[Integration, Sandbox], connection: Connection
) -> None:
    integration, destination = sandbox
    destination.faults = Faults(wrong_list_id_path=True)
    first, second, _ = _two_days()
    run = _ended(store, Runner(store).start(ORG, draft, _plan(integration, connection, [first, second])))

    assert run.state == "failed"
    assert run.summary["steps"][1]["result"] is None
    assert "No list id" in run.summary["steps"][0]["result"]["errors"][0]["reason"]


def test_no_secret_reaches_the_store(
    store: Store, draft: str, sandbox: tuple[Integration, Sandbox], connection: Connection
) -> None:
    integration, _ = sandbox
    first, _, _ = _two_days()
    run = _ended(store, Runner(store).start(ORG, draft, _plan(integration, connection, [first])))

    written = str(run.summary) + str([event.event for event in store.run_events(ORG, run.id)])
    assert "secret-token-1234" not in written
    assert "***" in written


def test_a_run_is_stopped_on_request(
    store: Store, draft: str, sandbox: tuple[Integration, Sandbox], connection: Connection, wait: Callable[..., None]
) -> None:
    integration, destination = sandbox
    destination.faults = Faults(latency_ms=100)
    one_by_one = integration.endpoints.add_users
    assert one_by_one is not None
    small = integration.model_copy(
        update={
            "endpoints": integration.endpoints.model_copy(
                update={"add_users": one_by_one.model_copy(update={"batch_size": 1})}
            )
        }
    )
    many = Change(_frame(*(str(number) for number in range(400))), _frame(), "user_id")
    runner = Runner(store)
    run_id = runner.start(ORG, draft, _plan(small, connection, [many]))
    wait(lambda: destination.counts.requests > 3)
    assert runner.stop(run_id)
    run = _ended(store, run_id)

    assert run.state == "stopped"
    assert 0 < run.summary["sent_members"] < 400
    assert not runner.stop(run_id), "a run that ended cannot be stopped"


def test_of_very_many_deliveries_the_first_are_kept_in_full_and_all_are_counted(
    store: Store, draft: str, sandbox: tuple[Integration, Sandbox], connection: Connection
) -> None:
    integration, _ = sandbox
    add = integration.endpoints.add_users
    assert add is not None
    small = integration.model_copy(
        update={
            "endpoints": integration.endpoints.model_copy(
                update={"add_users": add.model_copy(update={"batch_size": 1})}
            )
        }
    )
    count = RECORDED_IN_FULL + 50
    many = Change(_frame(*(str(number) for number in range(count))), _frame(), "user_id")
    run = _ended(store, Runner(store).start(ORG, draft, _plan(small, connection, [many])))

    assert run.summary["sent_requests"] == count + 1
    assert run.summary["sent_members"] == count
    assert len(store.run_events(ORG, run.id, limit=2000)) == RECORDED_IN_FULL


def test_an_integration_deleted_while_its_run_goes_on_ends_the_run_quietly(
    store: Store, draft: str, sandbox: tuple[Integration, Sandbox], connection: Connection, wait: Callable[..., None]
) -> None:
    integration, destination = sandbox
    destination.faults = Faults(latency_ms=200)
    first, second, _ = _two_days()
    runner = Runner(store)
    run_id = runner.start(ORG, draft, _plan(integration, connection, [first, second]))
    store.delete(ORG, draft)
    wait(lambda: not runner.is_running(run_id))


@pytest.fixture
def wait() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds."""

    def until(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < end, "it did not come to hold"
            time.sleep(0.02)

    return until
