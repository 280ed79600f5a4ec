"""What a state folder remembers between runs: what was acknowledged, whatever became of the run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import httpx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohort import Members, next_membership
from core.errors import DocumentError
from core.sync import (
    Delivery,
    Journal,
    RetrySchedule,
    SyncRun,
    SyncState,
    change_since,
    journal,
    load_state,
    save_state,
)
from core.sync.plan import guard
from core.sync.told import read_journal
from tests.sync.partner import BASE, Destination, change, document, frame, sync, users

SETS = st.frozensets(st.sampled_from([f"u{number}" for number in range(12)]))


def members(given: Members | None) -> dict[str, str]:
    assert given is not None
    found = given.frame()
    assert found["user"].is_unique
    return dict(zip(found["user"], found["email"], strict=True))


def keys(of: Iterable[str]) -> Members:
    return Members.of(pd.DataFrame({"key": sorted(of)}, dtype="str"))


def some(given: pd.DataFrame | None) -> Members | None:
    return None if given is None else Members.of(given)


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
    after = next_membership(some(previous), Members.of(current), "user", keys(added), keys(removed))
    expected = (old | added) - removed
    assert members(after) == {key: "new" if key in now else "old" for key in expected}


def test_members_keep_the_properties_that_a_newer_snapshot_no_longer_has(tmp_path: Path) -> None:
    previous = frame(["u1"], ["a@example.com"])
    after = next_membership(Members.of(previous), Members.of(frame(["u2"])[["user"]]), "user", keys(["u2"]), keys([]))
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
    what = change_since(state, now, "user")
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
        sure, doubtful = set(members(state.membership)), set(doubted(folder))
        assert sure <= destination.members <= sure | doubtful
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
    assert sorted(key for ids in again.ids("/add") for key in ids) == users(6)[len(acknowledged) :]
    assert set(members(load_state(tmp_path, "user").membership)) == again.members == set(users(6))


def test_every_acknowledgement_is_on_disk_before_the_run_goes_on(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    with journal(tmp_path, "user", None, frame(users(4))) as ledger:

        def listener(_delivery: Delivery, _run: SyncRun) -> None:
            told = read_journal(tmp_path / "journal.jsonl")
            assert told is not None
            seen.append(told.added.frame()["key"].tolist())

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


def doubted(folder: Path) -> dict[str, str]:
    found = load_state(folder, "user").in_doubt
    return {} if found is None else members(found)


def failing(*fates: int | str, at: str = "/add") -> Destination:
    """Answers calls to a path by these fates first: a status without acting, "lost" after acting, "reset" before."""
    left = iter(fates)

    class Failing(Destination):
        def _handle(self, request: httpx.Request) -> httpx.Response:
            fate = next(left, None) if request.url.path.endswith(at) else None
            if fate == "reset":
                raise httpx.ConnectError("connection refused", request=request)
            if isinstance(fate, int) and fate >= 300:
                self.requests.append(request)
                return httpx.Response(fate)
            answer = super()._handle(request)
            if fate == "lost":
                raise httpx.ReadError("lost", request=request)
            return answer

    return Failing()


def test_a_member_whose_addition_was_not_heard_of_is_removed_when_they_leave(tmp_path: Path) -> None:
    save_state(tmp_path, "user", "L1", frame(["u1", "u2"]))
    destination = failing("lost")
    destination.members = {"u1", "u2"}
    run_with_state(tmp_path, frame(["u1", "u2", "u3", "u4"], ["", "", "c@example.com", ""]), destination)
    assert destination.members == {"u1", "u2", "u3", "u4"}
    assert doubted(tmp_path) == {"u3": "c@example.com", "u4": ""}
    run_with_state(tmp_path, frame(["u2", "u4"]), destination)
    assert destination.ids("/remove") == [["u1", "u3"]]
    assert destination.members == set(members(load_state(tmp_path, "user").membership)) == {"u2", "u4"}
    assert doubted(tmp_path) == {}
    assert sorted(os.listdir(tmp_path)) == ["membership.parquet", "state.json"]


@pytest.mark.parametrize(
    ("tries", "in_doubt"),
    [
        (("lost",), True),
        ((503,), True),
        ((302,), True),
        ((408,), True),
        ((400,), False),
        ((403,), False),
        ((429,), False),
        (("reset",), False),
        (("lost", 400), True),
        (("lost", "reset"), True),
        ((429, 400), False),
        (("lost", 200), False),
    ],
)
def test_in_doubt_is_who_may_have_been_added_by_any_try(
    tmp_path: Path, tries: tuple[int | str, ...], in_doubt: bool
) -> None:
    save_state(tmp_path, "user", "L1", frame([]))
    with journal(tmp_path, "user", "L1", frame(["u1"])) as ledger:
        schedule = RetrySchedule((1.0,) * (len(tries) - 1), 0)
        sync(failing(*tries), change(["u1"]), list_id="L1", ledger=ledger, schedule=schedule)
    assert set(doubted(tmp_path)) == ({"u1"} if in_doubt else set())


def test_a_refusal_says_nothing_of_an_earlier_addition_that_was_not_heard_of(tmp_path: Path) -> None:
    """As with a 409 for who is there already: the doubt of the first day stands, and the removal goes out."""
    save_state(tmp_path, "user", "L1", frame([]))
    destination = failing("lost", 409)
    for _ in range(2):
        run_with_state(tmp_path, frame(["u1"]), destination)
        assert set(doubted(tmp_path)) == {"u1"}
    run_with_state(tmp_path, frame([]), destination)
    assert (destination.members, doubted(tmp_path)) == (set(), {})


def test_a_removal_of_someone_in_doubt_that_is_not_heard_of_is_sent_again(tmp_path: Path) -> None:
    save_state(tmp_path, "user", "L1", frame([]))
    run_with_state(tmp_path, frame(["u1"]), failing("lost"))
    for _ in range(2):
        run_with_state(tmp_path, frame(["u2"]), failing("lost", at="/remove"))
        assert set(doubted(tmp_path)) == {"u1"}
    run_with_state(tmp_path, frame(["u2"]), Destination())
    assert doubted(tmp_path) == {}


def test_a_member_whose_removal_was_not_heard_of_and_who_rejoins_is_added_again(tmp_path: Path) -> None:
    save_state(tmp_path, "user", "L1", frame(["u1", "u2"]))
    run_with_state(tmp_path, frame(["u2"]), failing("lost", at="/remove"))
    assert set(doubted(tmp_path)) == {"u1"}
    assert set(members(load_state(tmp_path, "user").membership)) == {"u2"}
    destination = Destination()
    run_with_state(tmp_path, frame(["u1", "u2"]), destination)
    assert destination.members == {"u1"}
    assert doubted(tmp_path) == {}


def test_parts_of_a_batch_that_was_refused_whole_are_judged_by_themselves(tmp_path: Path) -> None:
    save_state(tmp_path, "user", "L1", frame([]))
    with journal(tmp_path, "user", "L1", frame(users(4))) as ledger:
        integration = document(users__batch_size=4, delivery__concurrency=1)
        sync(
            failing(413, "lost"), change(users(4)), integration,
            list_id="L1", ledger=ledger, schedule=RetrySchedule(()),
        )  # fmt: skip
    assert set(doubted(tmp_path)) == {"u0", "u1"}
    assert set(members(load_state(tmp_path, "user").membership)) == {"u2", "u3"}


def test_those_sent_with_a_list_whose_answer_was_lost_are_in_doubt_on_the_list_that_somebody_finds(
    tmp_path: Path,
) -> None:
    with_list = {"url": f"{BASE}/lists", "payload": '{"ids": $items}', "item": '"$user"'}
    for _ in range(2):  # the list of the first run is given up: nobody is in doubt on the second
        with journal(tmp_path, "user", None, frame(["u1", "u2"])) as ledger:
            lost = failing("lost", at="/lists")
            sync(lost, change(["u1", "u2"]), document(create_list=with_list), ledger=ledger)
        assert set(doubted(tmp_path)) == {"u1", "u2"}
    with journal(tmp_path, "user", None, frame(["u3"])) as ledger:
        sync(Destination(), change(["u3"]), document(create_list=with_list), ledger=ledger)
    assert doubted(tmp_path) == {}


def test_those_in_doubt_are_no_members_for_the_guard_but_wait_with_them(tmp_path: Path) -> None:
    doubtful = frame(users(500, 1_000))
    save_state(tmp_path, "user", "L1", frame(users(300)), in_doubt=doubtful)
    state = load_state(tmp_path, "user")
    few = change_since(state, frame(users(300)), "user")
    assert (few.in_doubt, list(few.removed.frame()["user"]), guard(few)) == (500, users(500, 1_000), None)
    withheld = guard(change_since(state, frame(users(100)), "user"))
    assert withheld is not None
    assert (withheld.members, withheld.reason) == (700, "200 of 300 members (67%) would be removed.")
    remapped = guard(change_since(state, frame(users(300)), "user", remapped="The mapping changed."))
    assert remapped is not None
    assert remapped.reason == "The mapping changed. 500 of 800 members (62%) would be removed."
    assert guard(change_since(SyncState("L1", frame([]), in_doubt=doubtful), frame([]), "user")) is None


def test_an_addition_that_cannot_be_written_down_is_not_sent(tmp_path: Path) -> None:
    class Full(Journal):
        def sending(self, keys: tuple[str, ...]) -> None:
            raise OSError(28, "No space left on device")

    destination = Destination()
    run = sync(destination, change(["u1"], ["u2"]), list_id="L1", ledger=Full(tmp_path))
    assert (run.outcome, destination.requests) == ("stopped", [])
    assert run.errors[0].reason == "The state folder cannot be written: No space left on device"


def test_who_is_in_doubt_is_taken_over_with_a_renamed_key_column(tmp_path: Path) -> None:
    save_state(tmp_path, "user", "L1", frame(["u1"]), in_doubt=frame(["u2"]))
    with pytest.raises(DocumentError):
        load_state(tmp_path, "uid")
    taken = load_state(tmp_path, "uid", rekey=True)
    assert taken.in_doubt is not None
    assert list(taken.in_doubt.frame()["uid"]) == ["u2"]
    assert list(change_since(taken, pd.DataFrame({"uid": ["u1"]}), "uid").removed.frame()["uid"]) == ["u2"]
