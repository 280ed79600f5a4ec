"""Runs of a sync against a destination on the loopback address: what is sent, what is said, who is told."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from core.destination import EXAMPLE, Faults
from core.portal.cohorts.keeping import add_snapshot
from core.portal.cohorts.refreshing import Refreshed
from core.portal.syncs import manage
from core.portal.syncs.carry_out import carry_out
from core.portal.syncs.history import left_out_csv, prune, run_har, run_lines
from core.portal.syncs.means import Interruption
from core.portal.syncs.preparing import state_folder
from core.request import Connection
from core.sync import RetrySchedule, save_state
from tests.portal.syncs.conftest import SECRET, SHOP, World, result_of

MANY = tuple(f"u{number:03}" for number in range(300))


def test_the_second_run_sends_only_the_difference(world: World) -> None:
    sync = world.sync()
    world.snapshot("a", "b", "c")
    first = world.run(sync)
    assert (first.state, result_of(first)["added"]) == ("succeeded", 3)
    assert world.calls() == [("create_list", 0), ("add_users", 3)]
    world.clock.pass_(hours=1)
    world.snapshot("b", "c", "d")
    second = world.run(sync)
    assert second.state == "succeeded"
    assert world.calls()[2:] == [("add_users", 1), ("remove_users", 1)]
    assert world.held() == {"b", "c", "d"}
    assert world.run_again(sync).summary["members"] == 0
    assert len(world.calls()) == 4, "nothing to say, nothing sent"
    assert [line.added for line in run_lines(world.store, world.customer, sync.id)] == [0, 1, 3]


def test_a_run_that_is_not_due_does_not_begin(world: World) -> None:
    sync = world.sync(cadence="once")
    world.snapshot("a")
    world.run(sync)
    world.clock.pass_(days=400)
    assert carry_out(world.store, world.means, sync, world.clock.now) is None
    assert len(world.store.list_sync_runs(SHOP, sync.id)) == 1


def test_removals_that_are_too_many_wait_for_a_yes_given_once(world: World) -> None:
    sync = world.sync()
    world.snapshot(*MANY)
    world.run(sync)
    world.snapshot("u000", "new")
    world.clock.pass_(hours=1)
    held_back = world.run(sync)
    assert held_back.state == "partly"
    assert "would be removed" in held_back.summary["fault"]
    assert world.held() == {*MANY, "new"}
    assert run_lines(world.store, world.customer, sync.id)[0].withheld == 299
    manage.sync_now(world.store, world.customer, sync.id, allow_removals=True)
    assert world.run(sync).state == "succeeded"
    assert world.held() == {"u000", "new"}
    assert not world.get(sync).allow_removals
    world.snapshot()
    assert world.run_again(sync).state == "stopped", "the yes was for one run"
    assert world.held() == {"u000", "new"}
    assert world.letters() == [
        "Removals wait for a yes: Power users to Example destination",
        "Sync works again: Power users to Example destination",
        "Removals wait for a yes: Power users to Example destination",
    ]


def test_a_destination_that_is_down_is_told_of_once_and_so_is_its_recovery(world: World) -> None:
    sync = world.sync()
    world.snapshot("a", "b")
    world.destination.faults = Faults(error_500_every=1)
    for _hour in range(3):
        run = world.run(sync)
        assert run.state == "failed"
        world.clock.pass_(hours=1)
    assert world.letters() == ["Sync failed: Power users to Example destination"]
    assert "500" in run.summary["fault"]
    world.destination.faults = Faults()
    assert world.run(sync).state == "succeeded"
    world.clock.pass_(hours=1)
    assert world.run(sync).state == "succeeded"
    assert world.letters()[1:] == ["Sync works again: Power users to Example destination"]
    assert world.held() == {"a", "b"}


def test_a_run_that_somebody_stops_says_nothing_of_the_destination(world: World) -> None:
    sync = world.sync()
    world.snapshot("a")
    interruption = Interruption()
    interruption.wish()
    run = world.run(sync, interruption=interruption)
    assert (run.state, run.summary["fault"]) == ("stopped", "Somebody stopped this run.")
    assert (world.get(sync).last_outcome, world.letters()) == ("", [])
    assert carry_out(world.store, world.means, sync, world.clock.now) is None, "not due any more"


def test_a_run_that_the_end_of_the_server_stops_stays_due_with_its_wish(world: World) -> None:
    sync = world.sync()
    world.snapshot("a")
    wished = world.store.wish_sync(SHOP, sync.id, allow_removals=True)
    interruption = Interruption()
    interruption.shut_down()
    assert world.run(sync, interruption=interruption).state == "stopped"
    assert world.get(sync) == wished
    assert world.letters() == []
    assert world.run(sync).state == "succeeded"
    assert world.held() == {"a"}


@pytest.mark.parametrize("gone", ["snapshot", "release", "mapping", "state"])
def test_what_keeps_a_sync_from_running_is_said_in_a_sentence(world: World, gone: str) -> None:
    sync = world.sync()
    said = {
        "snapshot": "The cohort has no snapshot yet.",
        "release": "There is no such destination.",
        "mapping": 'The cohort has no property "email".',
        "state": "is not in the data folder of this server",
    }[gone]
    if gone != "snapshot":
        world.snapshot("a")
    if gone == "release":
        world.withdraw()
    if gone == "mapping":
        form = Connection(name="Direct", mappings={"user_id": "email"})
        world.store.update_connection(SHOP, world.direct, form, ())
    if gone == "state":
        world.run(sync)
        shutil.rmtree(state_folder(world.settings, sync.id))
    before = world.destination.counts.requests
    run = world.run_again(sync)
    assert run.state == "failed"
    assert said in run.summary["fault"]
    assert run.summary["remedy"]
    assert str(world.settings.data_dir) not in json.dumps(run.summary)
    assert world.destination.counts.requests == before
    assert len(world.letters()) == 1


@pytest.mark.parametrize("answer", ["create again", "list id"])
def test_a_list_that_may_exist_is_created_again_or_named_by_a_person(world: World, answer: str) -> None:
    sync = world.sync()
    world.snapshot("a")
    nobody = pd.DataFrame({"user_id": pd.Series([], dtype="str")})
    save_state(state_folder(world.settings, sync.id), "user_id", None, nobody, creating=True)
    doubtful = world.run(sync)
    assert (doubtful.state, world.destination.counts.requests) == ("failed", 0)
    assert "it may exist" in doubtful.summary["fault"]
    if answer == "create again":
        assert world.run_again(sync, create_again=True).state == "succeeded"
        assert world.calls() == [("create_list", 0), ("add_users", 1)]
    else:
        world.destination._holdings.create("theirs", "")
        assert world.run_again(sync, list_id="theirs").state == "succeeded"
        assert world.calls() == [("add_users", 1)]
    assert world.held() == {"a"}


def test_the_errors_are_in_the_partners_words_and_the_left_out_can_be_downloaded(world: World) -> None:
    document = EXAMPLE.model_dump(mode="json")
    refusal = {"status": 422, "reason": "Unknown user", "message": "Create the user first.", "action": "fail"}
    document["endpoints"]["add_users"] |= {"errors": [refusal], "batch_size": 2}
    world.redeploy(document)
    world.destination.faults = Faults(reject=frozenset({"=b"}))
    sync = world.sync()
    world.snapshot("a", "=b", "c", "d")
    run = world.run(sync)
    assert run.state == "partly"
    (line,) = run_lines(world.store, world.customer, sync.id)
    assert [(error["reason"], error["message"]) for error in line.errors] == [
        ("Unknown user", "Create the user first.")
    ]
    assert (line.added, line.failed, line.fault, line.remedy) == (
        2,
        2,
        "Unknown user (422): 2 members",
        "Create the user first.",
    )
    content = left_out_csv(world.store, world.settings, world.customer, run.id)
    assert content is not None
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [(row["id"], row["operation"], row["outcome"], row["reason"]) for row in rows] == [
        ("a", "add", "failed", "Unknown user"),
        ("'=b", "add", "failed", "Unknown user"),
    ]


def test_the_evidence_is_a_har_without_secrets(world: World) -> None:
    sync = world.sync()
    world.snapshot("a")
    world.destination.faults = Faults(error_500_every=2)
    run = world.run(sync)
    log = run_har(world.store, world.customer, run.id)["log"]
    assert [(entry["request"]["method"], entry["response"]["status"]) for entry in log["entries"]] == [
        ("POST", 201),
        ("POST", 500),
        ("POST", 200),
    ]
    assert log["entries"][1]["startedDateTime"].endswith("Z")
    written = json.dumps(log) + json.dumps(run.summary)
    assert SECRET not in written
    assert "***" in written


def test_runs_are_kept_for_as_long_as_the_operator_says(world: World) -> None:
    sync = world.sync()
    world.snapshot("a")
    world.destination.faults = Faults(reject=frozenset({"a"}))
    old = world.run(sync)
    assert left_out_csv(world.store, world.settings, world.customer, old.id)
    world.clock.pass_(days=10)
    recent = world.run(sync)
    world.clock.pass_(days=5)
    assert prune(world.store, world.settings, world.clock.now) == 1
    assert [run.id for run in world.store.list_sync_runs(SHOP, sync.id)] == [recent.id]
    left = [path.stem for path in (state_folder(world.settings, sync.id) / "runs").iterdir()]
    assert left == [recent.id]
    assert world.get(sync).last_outcome == recent.state


def test_a_mistake_of_the_portal_ends_the_run_and_does_not_repeat_it(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sync = world.sync()
    world.snapshot("a")

    def broken(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr("core.portal.syncs.carry_out.announce", broken)
    monkeypatch.setattr("core.portal.syncs.carry_out.run_sync", broken)
    run = world.run(sync)
    assert run.state == "failed"
    assert "the log has the details" in run.summary["fault"]
    assert "nobody thought of this" in caplog.text
    assert world.store.due_syncs(world.clock.now) == []


def test_a_run_whose_details_the_store_does_not_take_ends_without_them(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    sync = world.sync()
    world.snapshot("a")
    original = world.store.update_run

    def refuses(run_id: str, state: str | None = None, summary: dict[str, Any] | None = None) -> None:
        if summary is not None and summary.get("sent_requests"):
            raise ValueError("a summary that cannot be written")
        original(run_id, state, summary)

    world.store.update_run = refuses  # type: ignore[method-assign]
    run = world.run(sync)
    assert run.state == "failed"
    assert "the log has the details" in run.summary["fault"]
    assert "a summary that cannot be written" in caplog.text
    assert world.store.due_syncs(world.clock.now) == []


def test_a_retry_waits_as_production_does_and_not_after_the_server_was_told_to_stop(world: World) -> None:
    sync = world.sync()
    world.snapshot("a")
    world.destination.faults = Faults(error_500_every=1)
    interruption = Interruption()

    class Stopping(RetrySchedule):
        def wait(self, retry: int, retry_after: float | None) -> float:
            interruption.shut_down()
            return 3600.0

        def limited(self, retries: int) -> RetrySchedule:
            return self

    run = world.run(sync, replace(world.means, schedule=Stopping()), interruption)
    assert run.state == "stopped"
    assert world.get(sync).next_at == sync.next_at


def test_a_source_that_gives_nothing_new_is_told_although_what_there_is_was_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.snapshot("a")
    newest = world.store.newest_snapshot(SHOP, world.cohort)
    fault = "The platform did not answer. Try again later."
    monkeypatch.setattr("core.portal.syncs.gathering.refresh", lambda *_, **__: Refreshed(newest, False, fault))
    run = world.run(world.sync())
    assert (run.state, run.summary["fault"], result_of(run)["outcome"]) == ("partly", fault, "succeeded")
    assert world.held() == {"a"}
    assert len(world.letters()) == 1


def test_another_column_for_the_users_id_is_refused_until_somebody_allows_the_removals(world: World) -> None:
    sync = world.sync()
    world.snapshot("a", "b")
    world.run(sync)
    form = Connection(name="Direct", mappings={"user_id": "same"})
    world.store.update_connection(SHOP, world.direct, form, ())
    world.clock.pass_(seconds=1)
    content = io.BytesIO(b"user_id,same\na,a\nc,c\n")
    add_snapshot(world.store, world.settings, SHOP, world.cohort, "next.csv", content, world.clock.now)
    before = world.destination.counts.requests
    refused = world.run_again(sync)
    assert refused.state == "failed"
    assert 'the key column "user_id", not "same"' in refused.summary["fault"]
    assert str(world.settings.data_dir) not in refused.summary["fault"]
    assert world.destination.counts.requests == before
    assert world.run_again(sync, allow_removals=True).state == "succeeded"
    assert world.held() == {"a", "c"}


def test_another_column_for_a_property_holds_the_removals_back_each_time_until_somebody_allows_them(
    world: World,
) -> None:
    document = EXAMPLE.model_dump(mode="json")
    document["mapping_fields"].append({"variable": "town", "display_name": "Town", "target_name": "Town"})
    for endpoint in ("add_users", "remove_users"):
        document["endpoints"][endpoint]["item"] = '{"id": "$user_id", "town": "$town"}'
    world.redeploy(document)

    def map_town(column: str) -> None:
        form = Connection(name="Direct", mappings={"user_id": "user_id", "town": column})
        world.store.update_connection(SHOP, world.direct, form, ())

    map_town("city")
    sync = world.sync()
    world.snapshot("a", "b", "c")
    assert world.run(sync).state == "succeeded"
    map_town("user_id")
    world.snapshot("a", "b")
    for _time in range(2):
        held_back = world.run_again(sync)
        assert held_back.state == "stopped"
        assert "The mapping changed" in held_back.summary["fault"]
    assert world.run_again(sync, allow_removals=True).state == "succeeded"
