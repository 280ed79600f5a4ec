"""The journal of a run, next to the folder's state: what a run did is in it whatever becomes of the run afterwards.

`journal.jsonl` has the facts (journal_file.py), `journal.parquet` the snapshot that was sent. Both become part of the
folder's state (state.py) at the end, or when the folder is next read, and are removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd

from core.cohort import Members, Snapshot, join_members, members_of, next_membership, save_members, saved_members
from core.errors import DocumentError
from core.sync.journal_file import JOURNAL, Journal
from core.sync.state import MEMBERSHIP, SyncState, keep_facts, read_state, replace_file, save_state
from core.sync.told import read_ends, read_journal

_SENT = "journal.parquet"


@contextmanager
def journal(
    folder: Path,
    key: str,
    list_id: str | int | None,
    current: Members | Snapshot | pd.DataFrame,
    mapping: Mapping[str, str] | None = None,
) -> Iterator[Journal]:
    """The ledger of a run that sends the snapshot `current`; `mapping` is remembered with its members.

    At the end the journal becomes part of the folder's state. If there is no end, or no room for it, that is done when
    the folder is next read. Raises `OSError` when the folder cannot be written to, before anything is sent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / _SENT, lambda fresh: save_members(members_of(current), fresh))
    book = Journal(folder)
    try:
        book.begin({"key": key, "list_id": list_id, "mapping": None if mapping is None else dict(mapping)})
        yield book
    finally:
        book.close()
        with suppress(OSError):
            _settle(folder)


def load_state(folder: Path, key: str, *, rekey: bool = False) -> SyncState:
    """Reads a state folder; what a run that died had got acknowledged is part of it.

    With `rekey` a state of another key column is taken over (`read_state`), on disk too. Raises `DocumentError`.
    """
    _settle(folder)
    try:
        return read_state(folder, key)
    except DocumentError:
        if not rekey:
            raise
    state = read_state(folder, key, rekey=True)
    if state.membership is not None:
        creating, mapping, in_doubt = state.creating, state.mapping, state.in_doubt
        members = state.membership
        save_state(folder, key, state.list_id, members, creating=creating, mapping=mapping, in_doubt=in_doubt)
    return state


def _settle(folder: Path) -> None:
    """Makes a journal part of the state. Doing it twice, or half and then again, gives the same members."""
    path = folder / JOURNAL
    if not path.exists():
        return
    ends = read_ends(path)
    told = read_journal(path) if ends is None else None
    if ends is not None:
        first, last = ends
        if (folder / _SENT).exists():
            os.replace(folder / _SENT, folder / MEMBERSHIP)
        keep_facts(folder, first["key"], last["list_id"], mapping=first.get("mapping"))
    elif told is not None:
        key = told.first["key"]
        before = read_state(folder, key)
        current = saved_members(folder / _SENT, key)
        gone = join_members(told.removed, told.open)  # who may have been removed is in doubt, no member
        members = next_membership(before.membership, current, key, told.added, gone)
        in_doubt = told.in_doubt(before.in_doubt, before.membership, current, key)
        mapping = told.first.get("mapping")
        save_state(folder, key, told.list_id, members, creating=told.creating, mapping=mapping, in_doubt=in_doubt)
    path.unlink()
    (folder / _SENT).unlink(missing_ok=True)
