"""The journal of a run: each acknowledgement on disk before it counts, whatever becomes of the run afterwards.

The first line says what the run began with, each further one is a fact: the list is about to be created, it was not,
these members are about to be sent, were refused, or were acknowledged. `journal.parquet` holds the snapshot that was
sent. Both become part of the folder's state (state.py) at the end, or when the folder is next read, and are removed.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
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

    def sending(self, keys: tuple[str, ...]) -> None:
        """Written, not flushed: a file outlives its process, `kill -9` too, and a flush per batch would cost time."""
        if keys:
            self.write({"sending": keys}, flush=False)

    def refused(self, delivery: Delivery) -> None:
        if delivery.operation == "add" and delivery.refused:
            with suppress(OSError):
                self.write({"refused": delivery.refused}, flush=False)

    def acknowledged(self, delivery: Delivery, list_id: str | int | None) -> None:
        self.write({"list_id": list_id, "operation": delivery.operation, "keys": delivery.acknowledged})

    def write(self, line: dict[str, Any], *, flush: bool = True) -> None:
        """Returns when the line is on disk, without `flush` when the system has it.

        Raises `OSError`, and then leaves no part of it behind.
        """
        content = json.dumps(line).encode() + b"\n"
        try:
            written = 0
            while written < len(content):
                written += os.write(self._file, content[written:])
            if flush:
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
    """What the lines of a journal come to.

    `open` counts the sendings of each member that were neither refused nor followed by an acknowledgement. After
    `new_list` those who were in doubt before are no more: they are not on the list that the run creates.
    """

    list_id: str | int | None
    creating: bool = False
    new_list: bool = False
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    open: Counter[str] = field(default_factory=Counter)

    def hear(self, line: dict[str, Any]) -> None:
        if "creating" in line:
            self.creating = line["creating"]
            self.new_list = True
        elif "sending" in line:
            self.open.update(line["sending"])
        elif "refused" in line:
            self.open.subtract(line["refused"])
        else:
            self.list_id, self.creating = line["list_id"], False
            (self.removed if line["operation"] == "remove" else self.added).extend(line["keys"])
            for key in line["keys"]:
                self.open.pop(key, None)

    def in_doubt(self, before: pd.DataFrame | None, current: pd.DataFrame, key: str) -> pd.DataFrame | None:
        """Who is in doubt after the run, each with the properties they were last sent with."""
        if self.new_list:
            before = None
        sent = [member for member, times in self.open.items() if times > 0]
        if before is None and not sent:
            return None
        return next_membership(before, current, key, sent, self.added + self.removed)


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
    path = folder / _JOURNAL
    if not path.exists():
        return
    lines = list(_lines(path))
    if lines:
        first = lines[0]
        told = _Told(first["list_id"])
        for line in lines[1:]:
            told.hear(line)
        key = first["key"]
        before = read_state(folder, key)
        current = read_snapshot(folder / _SENT, key).frame
        members = next_membership(before.membership, current, key, told.added, told.removed)
        in_doubt = told.in_doubt(before.in_doubt, current, key)
        mapping = first.get("mapping")
        save_state(folder, key, told.list_id, members, creating=told.creating, mapping=mapping, in_doubt=in_doubt)
    path.unlink()
    (folder / _SENT).unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a journal; one that was being written when the run died is left out."""
    for text in path.read_bytes().split(b"\n"):
        try:
            yield json.loads(text)
        except ValueError:
            return
