"""A run that left nothing to be done: its snapshot becomes the membership as it is, without a look at every key."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from core.cohort import read_snapshot
from core.sync import SyncRun, change_since, journal, load_state, save_state
from core.sync.told import read_ends, read_journal
from tests.sync.partner import Destination, change, document, frame, sync
from tests.sync.test_state import members

JOURNAL, SENT = "journal.jsonl", "journal.parquet"


def run(folder: Path, answer: object = None) -> tuple[SyncRun, dict[str, bytes]]:
    """A run from u1, u2 to u2, u3, and what its journal was before it became part of the state."""
    save_state(folder, "user", "L1", frame(["u1", "u2"], ["old", "old"]))
    with journal(folder, "user", "L1", frame(["u2", "u3"], ["new", "new"])) as ledger:
        done = sync(Destination(answer), change(["u3"], ["u1"]), list_id="L1", ledger=ledger)  # type: ignore[arg-type]
        kept = {name: (folder / name).read_bytes() for name in (JOURNAL, SENT)}
    return done, kept


def test_its_members_are_those_of_the_snapshot_with_its_properties(tmp_path: Path) -> None:
    done, kept = run(tmp_path)
    assert done.outcome == "succeeded"
    assert kept[JOURNAL].rstrip().endswith(b'{"complete": true, "list_id": "L1"}')
    state = load_state(tmp_path, "user")
    assert (members(state.membership), state.list_id, state.in_doubt) == ({"u2": "new", "u3": "new"}, "L1", None)
    assert {path.name for path in tmp_path.iterdir()} == {"state.json", "membership.parquet"}


@pytest.mark.parametrize("died_before", ["the members were put in place", "the state was written", "the journal went"])
def test_a_process_that_dies_while_it_tidies_up_leaves_the_same_state(tmp_path: Path, died_before: str) -> None:
    _, kept = run(tmp_path)
    after = (tmp_path / "state.json").read_bytes()
    (tmp_path / JOURNAL).write_bytes(kept[JOURNAL])
    if died_before == "the members were put in place":
        (tmp_path / SENT).write_bytes(kept[SENT])
        save_state(tmp_path, "user", "L1", frame(["u1", "u2"], ["old", "old"]))
    elif died_before == "the state was written":
        (tmp_path / "state.json").write_bytes(after.replace(b'"L1"', b'"L0"'))
    state = load_state(tmp_path, "user")
    assert (members(state.membership), state.list_id) == ({"u2": "new", "u3": "new"}, "L1")
    assert not (tmp_path / JOURNAL).exists()


def test_those_in_doubt_before_it_are_so_no_more(tmp_path: Path) -> None:
    save_state(tmp_path, "user", "L1", frame(["u1"]), in_doubt=frame(["u8", "u9"]))
    now = frame(["u1", "u8"])
    due = change_since(load_state(tmp_path, "user"), now, "user")
    with journal(tmp_path, "user", "L1", now) as ledger:
        sync(Destination(), due, list_id="L1", ledger=ledger)
    state = load_state(tmp_path, "user")
    assert (members(state.membership), state.in_doubt) == ({"u1": "", "u8": ""}, None)


@pytest.mark.parametrize("status", [400, 401])
def test_a_run_that_left_something_does_not_say_so(tmp_path: Path, status: int) -> None:
    done, kept = run(tmp_path, lambda request, _: httpx.Response(status) if "remove" in request.url.path else None)
    assert done.outcome != "succeeded"
    assert b"complete" not in kept[JOURNAL]
    assert members(load_state(tmp_path, "user").membership) == {"u1": "old", "u2": "new", "u3": "new"}


@pytest.mark.parametrize("torn", [1, 2, 20])
def test_a_last_line_that_was_not_written_to_its_end_is_none(tmp_path: Path, torn: int) -> None:
    _, kept = run(tmp_path)
    path = tmp_path / JOURNAL
    path.write_bytes(kept[JOURNAL][: -torn - 1])
    assert read_ends(path) is None
    told = read_journal(path)
    assert told is not None
    assert told.added.frame()["key"].tolist() == ["u3"]


def test_a_key_that_reads_like_the_last_line_is_a_key(tmp_path: Path) -> None:
    save_state(tmp_path, "user", "L1", frame([]))
    key = '{"complete": true, "list_id": "L9"}'
    with journal(tmp_path, "user", "L1", frame([key])) as ledger:
        sync(Destination(lambda *_: httpx.Response(400)), change([key]), list_id="L1", ledger=ledger)
    assert members(load_state(tmp_path, "user").membership) == {}


def test_a_snapshot_that_lies_in_a_file_is_kept_as_it_was_when_the_run_began(tmp_path: Path) -> None:
    cohort, folder = tmp_path / "cohort.csv", tmp_path / "state"
    save_state(folder, "user", "L1", frame(["u1", "u2"], ["old", "old"]))
    cohort.write_text("user,email\nu2,new\nu3,new\n")
    current = read_snapshot(cohort, "user", keys_first=True)
    due = change_since(load_state(folder, "user"), current, "user")
    with journal(folder, "user", "L1", current) as ledger:
        cohort.write_text("user,email\nu7,later\n")
        sync(Destination(), due, document(), list_id="L1", ledger=ledger)
    assert members(load_state(folder, "user").membership) == {"u2": "new", "u3": "new"}
