"""The journal of a run: each acknowledgement on disk before it counts, whatever becomes of the run afterwards.

The first line says what the run began with, each further one is a fact: the list is about to be created, it was not,
or these members were acknowledged. `journal.parquet` holds the snapshot that was sent. Both become part of the
folder's state (state.py) at the end, or when the folder is next read, and are removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.cohort import read_snapshot
from core.errors import DocumentError
from core.sync.delivery import Delivery
from core.sync.state import SyncState, next_membership, read_state, replace_file, save_state

_JOURNAL = "journal.jsonl"
_SENT = "journal.parquet"


class Journal:
    """The ledger of a run, in a folder. Not safe for threads: a run tells it from one thread."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / _JOURNAL, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        self._length = 0

    def creating(self, begins: bool) -> None:
        self.write({"creating": begins})

    def acknowledged(self, delivery: Delivery, list_id: str | int | None) -> None:
        self.write({"list_id": list_id, "operation": delivery.operation, "keys": delivery.acknowledged})

    def write(self, line: dict[str, Any]) -> None:
        """Returns when the line is on disk. Raises `OSError`, and then leaves no part of it behind."""
        content = json.dumps(line).encode() + b"\n"
        try:
            written = 0
            while written < len(content):
                written += os.write(self._file, content[written:])
            os.fsync(self._file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, self._length)
                os.lseek(self._file, self._length, os.SEEK_SET)
            raise
        self._length += len(content)

    def close(self) -> None:
        os.close(self._file)


@contextmanager
def journal(
    folder: Path, key: str, list_id: str | int | None, current: pd.DataFrame, mapping: Mapping[str, str] | None = None
) -> Iterator[Journal]:
    """The ledger of a run that sends the snapshot `current`; `mapping` is remembered with its members.

    At the end the journal becomes part of the folder's state. If there is no end, or no room for it, that is done when
    the folder is next read. Raises `OSError` when the folder cannot be written to, before anything is sent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / _SENT, lambda fresh: current.to_parquet(fresh, index=False))
    book = Journal(folder)
    try:
        book.write({"key": key, "list_id": list_id, "mapping": None if mapping is None else dict(mapping)})
        yield book
    finally:
        book.close()
        with suppress(OSError):
            _settle(folder)


@dataclass(slots=True)
class _Told:
    """What the lines of a journal come to."""

    list_id: str | int | None
    creating: bool
    added: list[str]
    removed: list[str]


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
        save_state(folder, key, state.list_id, state.membership, creating=state.creating, mapping=state.mapping)
    return state


def _settle(folder: Path) -> None:
    """Makes a journal part of the state. Doing it twice, or half and then again, gives the same members."""
    path = folder / _JOURNAL
    if not path.exists():
        return
    lines = list(_lines(path))
    if lines:
        first = lines[0]
        told = _Told(first["list_id"], False, [], [])
        for line in lines[1:]:
            if "creating" in line:
                told.creating = line["creating"]
                continue
            told.list_id, told.creating = line["list_id"], False
            (told.removed if line["operation"] == "remove" else told.added).extend(line["keys"])
        key = first["key"]
        before = read_state(folder, key).membership
        current = read_snapshot(folder / _SENT, key).frame
        members = next_membership(before, current, key, told.added, told.removed)
        save_state(folder, key, told.list_id, members, creating=told.creating, mapping=first.get("mapping"))
    path.unlink()
    (folder / _SENT).unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a journal; one that was being written when the run died is left out."""
    for text in path.read_bytes().split(b"\n"):
        try:
            yield json.loads(text)
        except ValueError:
            return
