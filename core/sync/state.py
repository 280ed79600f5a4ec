"""What a folder remembers of a connection between runs: the list id and the acknowledged membership.

`state.json` names the list, `membership.parquet` holds the members with the properties they were sent with. Both are
written to a new file first and then renamed, so a run that dies leaves the last complete state. What a run got
acknowledged is in its journal, on disk before the run goes on, until it has become part of the membership.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.cohort import read_snapshot
from core.errors import DocumentError
from core.sync.delivery import Delivery
from core.sync.run import Listener, SyncRun

_STATE = "state.json"
_MEMBERSHIP = "membership.parquet"
_JOURNAL = "journal.jsonl"
_SENT = "journal.parquet"


@dataclass(frozen=True, eq=False)
class SyncState:
    """`membership` is None before the first run."""

    list_id: str | int | None
    membership: pd.DataFrame | None


def load_state(folder: Path, key: str) -> SyncState:
    """Reads a state folder; a new or empty one is a state without list and members. Raises `DocumentError`.

    What a run that died had got acknowledged is part of it.
    """
    _settle(folder)
    path = folder / _STATE
    if not path.exists():
        return SyncState(None, None)
    list_id, stored_key = _read(path)
    if stored_key != key:
        what = f'was written with the key column "{stored_key}", not "{key}".'
        raise DocumentError(what, where=str(path), remedy="Use another folder for another mapping.")
    return SyncState(list_id, read_snapshot(folder / _MEMBERSHIP, key).frame)


def save_state(folder: Path, key: str, list_id: str | int | None, membership: pd.DataFrame) -> None:
    """Writes the state; the folder is created if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_table(folder / _MEMBERSHIP, membership)
    fresh = folder / f"{_STATE}.new"
    fresh.write_text(json.dumps({"key": key, "list_id": list_id}), encoding="utf-8")
    os.replace(fresh, folder / _STATE)


@contextmanager
def journal(folder: Path, key: str, list_id: str | int | None, current: pd.DataFrame) -> Iterator[Listener]:
    """The listener of a run that sends the snapshot `current`: writes every acknowledgement to disk.

    At the end they become the folder's state; if there is no end, the next `load_state` sees to it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_table(folder / _SENT, current)
    with (folder / _JOURNAL).open("w", encoding="utf-8") as file:

        def write(line: dict[str, Any]) -> None:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

        def listener(delivery: Delivery, run: SyncRun) -> None:
            if delivery.verdict.accepted:
                write({"list_id": run.list_id, "operation": delivery.operation, "keys": delivery.acknowledged})

        write({"key": key, "list_id": list_id})
        try:
            yield listener
        finally:
            file.close()
            _settle(folder)


def _settle(folder: Path) -> None:
    """Makes a journal part of the state. Doing it twice, or half and then again, gives the same members."""
    path = folder / _JOURNAL
    if not path.exists():
        return
    lines = list(_lines(path))
    if lines:
        key = lines[0]["key"]
        by_operation: dict[str, list[str]] = {"add": [], "remove": []}
        for line in lines[1:]:
            by_operation[line["operation"]] += line["keys"]
        before = read_snapshot(folder / _MEMBERSHIP, key).frame if (folder / _STATE).exists() else None
        current = read_snapshot(folder / _SENT, key).frame
        members = next_membership(before, current, key, by_operation["add"], by_operation["remove"])
        save_state(folder, key, lines[-1]["list_id"], members)
    path.unlink()
    (folder / _SENT).unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a journal; one that was being written when the run died is left out."""
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(text)
        except ValueError:
            return


def _read(path: Path) -> tuple[str | int | None, str]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return stored["list_id"], stored["key"]
    except (ValueError, KeyError, TypeError, OSError):
        raise DocumentError("is not a state that a sync has written.", where=str(path), remedy="Remove it.") from None


def _write_table(path: Path, frame: pd.DataFrame) -> None:
    fresh = path.with_name(f"{path.name}.new")
    frame.to_parquet(fresh, index=False)
    os.replace(fresh, path)


def next_membership(
    previous: pd.DataFrame | None,
    current: pd.DataFrame,
    key: str,
    added_keys: list[str],
    removed_keys: list[str],
) -> pd.DataFrame:
    """The members after a run: those before and not removed, then those added, each with its latest properties."""
    added, removed = set(added_keys), set(removed_keys)
    rows = _those_in(current, key, added)
    if previous is None or previous.empty:
        return rows.reset_index(drop=True)
    kept = _those_in(previous, key, removed | added, but=True)
    stayed = _those_in(current, key, set(kept[key]))
    old = _those_in(kept, key, set(stayed[key]), but=True)
    return pd.concat([old, stayed, rows], ignore_index=True).fillna("")


def _those_in(frame: pd.DataFrame, key: str, keys: set[str], *, but: bool = False) -> pd.DataFrame:
    """The rows whose key is among these; with `but`, all others."""
    return frame[np.fromiter(((value in keys) is not but for value in frame[key].tolist()), np.bool_, len(frame))]
