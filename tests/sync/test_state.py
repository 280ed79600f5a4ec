"""What a state folder remembers between runs: what was acknowledged, whatever became of the run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohort import diff
from core.errors import DocumentError
from core.sync import Change, Delivery, RetrySchedule, SyncRun, journal, load_state, next_membership, save_state
from tests.sync.partner import BASE, Destination, change, document, frame, sync, users

SETS = st.frozensets(st.sampled_from([f"u{number}" for number in range(12)]))


def members(found: pd.DataFrame | None) -> dict[str, str]:
    assert found is not None
    assert found["user"].is_unique
    return dict(zip(found["user"], found["email"], strict=True))


@given(before=st.none() | SETS, now=SETS, data=st.data())
@settings(max_examples=200)
def test_the_membership_is_what_was_acknowledged_with_the_latest_properties(
    before: frozenset[str] | None, now: frozenset[str], data: st.DataObject
) -> None:
    old = before or frozenset()
    added = data.draw(st.frozensets(st.sampled_from(sorted(now)))) if now else frozenset()
    removed = data.draw(st.frozensets(st.sampled_from(sorted(old - now)))) if old - now else frozenset()
    previous = None if before is None else frame(sorted(before), ["old"] * len(before))
    current = frame(sorted(now), ["new"] * len(now))
    after = next_membership(previous, current, "user", sorted(added), sorted(removed))
    expected = (old | added) - removed
    assert members(after) == {key: "new" if key in now else "old" for key in expected}
    assert list(after.index) == list(range(len(after)))


def test_members_keep_the_properties_that_a_newer_snapshot_no_longer_has(tmp_path: Path) -> None:
    previous = frame(["u1"], ["a@example.com"])
    after = next_membership(previous, frame(["u2"])[["user"]], "user", ["u2"], [])
    save_state(tmp_path, "user", "L1", after)
    assert members(load_state(tmp_path, "user").membership) == {"u1": "a@example.com", "u2": ""}


@pytest.mark.parametrize("list_id", ["L1", 42, None, "042"])
def test_a_state_comes_back_as_it_was_saved(tmp_path: Path, list_id: str | int | None) -> None:
    save_state(tmp_path / "new" / "folder", "user", list_id, frame(["007", "1e5", "NA", "é"]))
    state = load_state(tmp_path / "new" / "folder", "user")
    assert state.list_id == list_id
    assert list(members(state.membership)) == ["007", "1e5", "NA", "é"]


@pytest.mark.parametrize("folder", [".", "not-there"])
def test_a_new_folder_is_an_empty_state(tmp_path: Path, folder: str) -> None:
    state = load_state(tmp_path / folder, "user")
    assert (state.list_id, state.membership) == (None, None)


def test_a_state_without_members_is_not_a_new_one(tmp_path: Path) -> None:
    save_state(tmp_path, "user", "L1", frame([]))
    assert members(load_state(tmp_path, "user").membership) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"key": "user"}', "null"])
def test_a_damaged_state_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(DocumentError, match="state"):
        load_state(tmp_path, "user")


def test_a_state_of_another_key_is_refused(tmp_path: Path) -> None:
    save_state(tmp_path, "email", "L1", frame(["u1"]))
    with pytest.raises(DocumentError, match='"email", not "user"'):
        load_state(tmp_path, "user")


def run_with_state(folder: Path, now: pd.DataFrame, destination: Destination, **extra: object) -> SyncRun:
    """A day's sync as the command line does it."""
    state = load_state(folder, "user")
    found = diff(state.membership, now, "user")
    what = Change(found.added, found.removed, "user", found.counts.unchanged)
    with journal(folder, "user", state.list_id, now) as ledger:
        return sync(
            destination,
            what,
            document(users__batch_size=2, delivery__concurrency=2),
            list_id=state.list_id,
            ledger=ledger,
            allow_removals=True,
            schedule=RetrySchedule(()),
            **extra,
        )


@given(days=st.lists(SETS, min_size=1, max_size=4), statuses=st.lists(st.sampled_from([200, 200, 500, 400])))
@settings(max_examples=25)
def test_day_after_day_the_state_is_what_the_destination_holds(
    tmp_path_factory: pytest.TempPathFactory, days: list[frozenset[str]], statuses: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("state")
    fates = iter(statuses)

    def answer(request: httpx.Request, _number: int) -> httpx.Response | None:
        status = next(fates, 200) if request.url.path != "/lists" else 200
        return None if status == 200 else httpx.Response(status)

    destination = Destination(answer)
    for day in [*days, days[-1]]:
        run_with_state(folder, frame(sorted(day)), destination)
        state = load_state(folder, "user")
        assert set(members(state.membership)) == destination.members
        assert state.list_id == "L1"
    assert destination.paths.count("/lists") == 1
    list(fates)  # from here on everything is accepted
    run_with_state(folder, frame(sorted(days[-1])), destination)
    assert destination.members == set(days[-1])


def test_the_list_of_a_run_whose_additions_failed_is_used_by_the_next(tmp_path: Path) -> None:
    broken = Destination(lambda request, _: httpx.Response(400) if request.url.path.endswith("/add") else None)
    run_with_state(tmp_path, frame(users(3)), broken)
    works = Destination()
    run_with_state(tmp_path, frame(users(3)), works)
    assert set(works.paths) == {"/lists/L1/add"}
    assert works.members == set(users(3))


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_run_that_dies_is_taken_up_by_the_next_with_what_was_not_acknowledged(tmp_path: Path, after: int) -> None:
    """The journal is left as a process that is killed leaves it: no `finally` runs, its last line may be torn."""
    destination = Destination()
    state = load_state(tmp_path, "user")
    entered = journal(tmp_path, "user", state.list_id, frame(users(6), ["a@example.com"] * 6))
    ledger = entered.__enter__()
    heard = 0

    def listener(_delivery: Delivery, _run: SyncRun) -> None:
        nonlocal heard
        heard += 1
        if heard == after:
            raise Killed

    integration = document(users__batch_size=2, delivery__concurrency=1)
    with pytest.raises(Killed):
        sync(destination, change(users(6)), integration, listener=listener, ledger=ledger)
    with (tmp_path / "journal.jsonl").open("a") as torn:
        torn.write('{"list_id": "L1", "operation": "add", "ke')
    acknowledged = users(2 * (after - 1))
    state = load_state(tmp_path, "user")
    assert state.list_id == "L1"
    assert members(state.membership) == dict.fromkeys(acknowledged, "a@example.com")
    assert sorted(os.listdir(tmp_path)) == ["membership.parquet", "state.json"]
    again = Destination()
    again.members = set(acknowledged)
    run_with_state(tmp_path, frame(users(6)), again)
    assert "/lists" not in again.paths
    assert [key for ids in again.ids("/add") for key in ids] == users(6)[len(acknowledged) :]
    assert set(members(load_state(tmp_path, "user").membership)) == again.members == set(users(6))


def test_every_acknowledgement_is_on_disk_before_the_run_goes_on(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    with journal(tmp_path, "user", None, frame(users(4))) as ledger:

        def listener(_delivery: Delivery, _run: SyncRun) -> None:
            lines = (tmp_path / "journal.jsonl").read_text().splitlines()
            seen.append([key for line in lines[1:] for key in json.loads(line).get("keys", [])])

        sync(
            Destination(),
            change(users(4)),
            document(users__batch_size=2, delivery__concurrency=1),
            listener=listener,
            ledger=ledger,
        )
    assert seen == [[], users(2), users(4)]


def test_a_journal_that_was_made_part_of_the_state_twice_changes_nothing(tmp_path: Path) -> None:
    """As when a process dies after the state is written and before the journal is removed."""
    save_state(tmp_path, "user", "L1", frame(["u1", "u2"]))
    with journal(tmp_path, "user", "L1", frame(["u2", "u3"])) as ledger:
        sync(Destination(), change(["u3"], ["u1"]), list_id="L1", ledger=ledger)
        kept = {name: (tmp_path / name).read_bytes() for name in ("journal.jsonl", "journal.parquet")}
    once = members(load_state(tmp_path, "user").membership)
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    assert members(load_state(tmp_path, "user").membership) == once == {"u2": "", "u3": ""}


def test_a_journal_that_died_before_its_first_line_is_left_aside(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text("")
    assert load_state(tmp_path, "user").membership is None


def test_an_operation_that_was_not_acknowledged_is_not_in_the_state(tmp_path: Path) -> None:
    save_state(tmp_path, "user", "L1", frame(["u1"]))
    run_with_state(tmp_path, frame(["u2"]), Destination(lambda *_: httpx.Response(400)))
    assert members(load_state(tmp_path, "user").membership) == {"u1": ""}


def test_members_of_a_list_whose_id_was_not_found_are_sent_again(tmp_path: Path) -> None:
    with_list = {"url": f"{BASE}/lists", "payload": '{"ids": $items}', "item": '"$user"'}
    with journal(tmp_path, "user", None, frame(["u1"])) as ledger:
        destination = Destination(lambda *_: httpx.Response(200, json={}))
        sync(destination, change(["u1"]), document(create_list=with_list), ledger=ledger)
    state = load_state(tmp_path, "user")
    assert state.creating
    assert (state.list_id, members(state.membership)) == (None, {})
