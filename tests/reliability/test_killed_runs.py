"""Runs of the command line that are killed (SIGKILL) at any moment, and taken up again by the next run."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from core.sync import SyncState, load_state
from tests.commands.terminal import Desk
from tests.reliability.forked_runs import ForkedRun, Forker, forker
from tests.reliability.watched_sandbox import BATCH, Watched, watched_sandbox, write_day, write_files, write_settings

CONCURRENCY = 4
DAY_1 = [f"u{number}" for number in range(1_000)]
DAY_2 = DAY_1[500:] + [f"v{number}" for number in range(500)]
ROUNDS, KILLS_A_DAY = 7, 5


@pytest.fixture(scope="module")
def forks() -> Iterator[Forker]:
    with forker() as found:
        yield found


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Watched]:
    with watched_sandbox() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, sandbox: Watched) -> Desk:
    sandbox.reset()
    desk = Desk(tmp_path)
    write_files(desk, sandbox.url, concurrency=CONCURRENCY)
    write_day(desk, "day-1.csv", DAY_1)
    write_day(desk, "day-2.csv", DAY_2)
    return desk


def sync(forks: Forker, desk: Desk, cohort: str, *more: str) -> ForkedRun:
    at = {name: desk.folder / name for name in ("integration.json", "settings.json", "state")}
    files = ("--cohort", desk.folder / cohort, "--settings", at["settings.json"], "--state", at["state"])
    return forks.start(desk.folder / "out", "sync", at["integration.json"], *files, "--retry-delays", "", *more)


def recovered(desk: Desk) -> SyncState:
    """What the next run will find, read from a copy: the folder is left as the killed run left it."""
    copy = desk.folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    if (desk.folder / "state").exists():
        shutil.copytree(desk.folder / "state", copy)
    return load_state(copy, "user_id")


def members(state: SyncState) -> set[str]:
    return set() if state.membership is None else set(state.membership.frame()["user_id"])


def doubted(state: SyncState) -> set[str]:
    return set() if state.in_doubt is None else set(state.in_doubt.frame()["user_id"])


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def killed(run: ForkedRun, sandbox: Watched, calls: int, pause: float) -> bool:
    """Kills a run a little after so many calls came; False when it had ended before."""
    sandbox.wait_for(calls, lambda: gone(run.pid))
    time.sleep(pause)
    with suppress(ProcessLookupError):
        os.kill(run.pid, signal.SIGKILL)
    return run.ended()[0] == -signal.SIGKILL


def answer_about_the_list(forks: Forker, desk: Desk, sandbox: Watched, cohort: str) -> str:
    """The run says that a list may exist; the user looks and says whether it does. The option for the next run."""
    before = len(sandbox.sent)
    code, told = sync(forks, desk, cohort).ended()
    assert (code, len(sandbox.sent)) == (2, before)
    assert "the list may exist" in told
    assert "--create-again" in told
    if not sandbox.sandbox.lists:
        return "--create-again"
    write_settings(desk, sandbox.sandbox.lists[0].id)
    return ""


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_after_kills_at_random_moments_the_destination_holds_the_snapshot_and_nothing_was_sent_needlessly(
    forks: Forker, sandbox: Watched, desk: Desk, round_: int
) -> None:
    """Two days of a hundred batches each, each day killed again and again before it may end."""
    chance = random.Random(round_)
    resent: Counter[str] = Counter()
    kills = 0
    for cohort, snapshot, before in (("day-1.csv", DAY_1, []), ("day-2.csv", DAY_2, DAY_1)):
        joins, leaves = set(snapshot) - set(before), set(before) - set(snapshot)
        write_settings(desk)
        option = ""
        for last in [False] * KILLS_A_DAY + [True]:
            state = recovered(desk)
            if state.creating:
                option = answer_about_the_list(forks, desk, sandbox, cohort)
            mark = len(sandbox.sent)
            run = sync(forks, desk, cohort, *([option] if option else []))
            if last:
                code, told = run.ended()
                assert code == 0, told
            else:
                # Towards the end of a run there is little left to send, but a state to be written: that moment too.
                to_leave = leaves & (members(state) | doubted(state))
                left = len(set(snapshot) - members(state)) // BATCH + len(to_leave) // BATCH
                kills += killed(run, sandbox, mark + chance.randint(0, max(1, left // 2)), chance.uniform(0, 0.02))
            option = ""
            for operation, sent in sandbox.sent[mark:]:
                settled = members(state) if operation == "add" else leaves - members(state) - doubted(state)
                assert not settled & set(sent), "what was acknowledged, and written down, is not sent again"
            after = recovered(desk)
            assert members(after) & joins <= sandbox.members, "who counts as added is there"
            assert not (leaves - members(after) - doubted(after)) & sandbox.members, "who counts as removed is gone"
        assert sandbox.members == members(recovered(desk)) == set(snapshot)
    assert len(sandbox.sandbox.lists) == 1
    for operation in ("add", "remove"):
        times = Counter(user for name, sent in sandbox.sent if name == operation for user in sent)
        resent[operation] = sum(count - 1 for count in times.values())
        assert set(times) == (set(DAY_1) | set(DAY_2) if operation == "add" else set(DAY_1) - set(DAY_2))
    assert resent.total() <= kills * CONCURRENCY * BATCH, "no more than was in flight when a run was killed"
    assert kills >= 2 * KILLS_A_DAY - 2, "nearly every run was killed before it ended"
    print(f"round {round_}: {kills} kills, {resent.total()} members sent twice, {len(sandbox.sent)} calls")  # noqa: T201


@pytest.mark.parametrize("round_", range(3))
def test_members_who_leave_between_a_kill_and_the_next_run_are_removed_although_nobody_knew_that_they_were_added(
    forks: Forker, sandbox: Watched, desk: Desk, round_: int
) -> None:
    """Each run is killed when an addition has been carried out and its answer not been given; half of those leave."""
    chance = random.Random(round_)
    snapshot, unheard_of = list(DAY_1), set[str]()
    for _ in range(KILLS_A_DAY):
        there, go_on = threading.Event(), threading.Event()
        calls = iter(range(chance.randint(0, 8), -1, -1))

        def hold(operation: str, calls: Iterator[int] = calls, there: Event = there, go_on: Event = go_on) -> None:
            if operation == "add" and next(calls, 0) == 0:
                there.set()
                go_on.wait(30)

        sandbox.after = hold
        run = sync(forks, desk, "day-1.csv")
        assert there.wait(30)
        os.kill(run.pid, signal.SIGKILL)
        assert run.ended()[0] == -signal.SIGKILL
        go_on.set()
        sandbox.after = None
        state = recovered(desk)
        unknown = sorted(sandbox.members - members(state))
        assert unknown
        assert state.in_doubt is not None
        assert set(unknown) <= set(state.in_doubt.frame()["user_id"])
        leave = set(chance.sample(unknown, len(unknown) // 2)) | set(chance.sample(snapshot, 5))
        unheard_of |= leave - members(state)
        snapshot = [user for user in snapshot if user not in leave]
        write_day(desk, "day-1.csv", snapshot)
    code, told = sync(forks, desk, "day-1.csv").ended()
    assert code == 0, told
    last = recovered(desk)
    assert sandbox.members == members(last) == set(snapshot)
    assert last.in_doubt is None
    removed = {user for operation, sent in sandbox.sent if operation == "remove" for user in sent}
    assert removed & unheard_of
    mark = len(sandbox.sent)
    assert sync(forks, desk, "day-1.csv").ended()[0] == 0
    assert len(sandbox.sent) == mark


@pytest.mark.parametrize("acted", [False, True])
def test_a_run_killed_while_its_list_is_created_never_creates_a_second_one(
    forks: Forker, sandbox: Watched, desk: Desk, acted: bool
) -> None:
    there, go_on = threading.Event(), threading.Event()

    def hold(operation: str) -> None:
        if operation == "lists":
            there.set()
            go_on.wait(30)

    if acted:
        sandbox.after = hold
    else:
        sandbox.before = hold
    run = sync(forks, desk, "day-1.csv")
    assert there.wait(30)
    if not acted:  # the request never reaches the destination's lists
        sandbox.sandbox.faults = sandbox.sandbox.faults.model_copy(update={"error_500_every": 1})
    os.kill(run.pid, signal.SIGKILL)
    assert run.ended()[0] == -signal.SIGKILL
    go_on.set()
    sandbox.wait_for(1, lambda: False)
    sandbox.before = sandbox.after = None
    assert recovered(desk).creating
    option = answer_about_the_list(forks, desk, sandbox, "day-1.csv")
    assert (option == "") == acted
    sandbox.sandbox.faults = sandbox.sandbox.faults.model_copy(update={"error_500_every": 0})
    code, told = sync(forks, desk, "day-1.csv", *([option] if option else [])).ended()
    assert (code, len(sandbox.sandbox.lists)) == (0, 1), told
    assert sandbox.members == set(DAY_1)
    assert not recovered(desk).creating


def test_two_syncs_on_one_state_folder_are_not_let_in_at_once(forks: Forker, sandbox: Watched, desk: Desk) -> None:
    there, go_on = threading.Event(), threading.Event()

    def hold(_operation: str) -> None:
        there.set()
        go_on.wait(30)

    sandbox.before = hold
    with forker() as others:
        first = sync(forks, desk, "day-1.csv")
        assert there.wait(30)
        code, told = sync(others, desk, "day-2.csv").ended()
        go_on.set()
        sandbox.before = None
    said = "Another sync is using this state folder. Wait until it has ended, or use another folder."
    assert (code, told) == (2, f"{desk.folder / 'state'}: {said}\n")
    assert first.ended()[0] == 0
    assert sandbox.members == set(DAY_1)


def test_a_disk_that_fills_up_ends_the_run_and_claims_nothing_that_is_not_on_it(
    forks: Forker, sandbox: Watched, desk: Desk
) -> None:
    files = ("--cohort", desk.folder / "day-1.csv", "--settings", desk.folder / "settings.json")
    order = ("sync", desk.folder / "integration.json", *files, "--state", desk.folder / "state")
    table = len(DAY_1) * 12  # bytes: more than the snapshot's file, less than the journal of its acknowledgements
    run = forks.start(desk.folder / "out", *order, "--json", "--retry-delays", "", largest_file=table)
    code, told = run.ended()
    assert code == 1, told
    assert '"outcome": "stopped"' in told
    assert "The acknowledgement could not be kept: File too large" in told
    kept = recovered(desk)
    assert 0 < len(members(kept)) < len(DAY_1)
    assert members(kept) <= sandbox.members
    assert f'"added": {len(members(kept))},' in told
    assert len(sandbox.members - members(kept)) <= CONCURRENCY * BATCH
    code, told = sync(forks, desk, "day-1.csv").ended()
    assert (code, sandbox.members) == (0, set(DAY_1)), told
    assert len(sandbox.sandbox.lists) == 1


def test_a_state_folder_that_cannot_be_written_is_said_before_anything_is_sent(
    forks: Forker, sandbox: Watched, desk: Desk
) -> None:
    files = ("--cohort", desk.folder / "day-1.csv", "--settings", desk.folder / "settings.json")
    order = ("sync", desk.folder / "integration.json", *files, "--state", desk.folder / "state")
    code, told = forks.start(desk.folder / "out", *order, largest_file=200).ended()
    assert (code, sandbox.sent) == (2, [])
    assert "File too large" in told
    assert members(recovered(desk)) == set()
