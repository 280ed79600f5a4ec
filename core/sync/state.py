"""What a folder remembers of a connection between runs: the list id and the acknowledged membership.

`state.json` names the list, `membership.parquet` holds the members with the properties they were sent with. Both are
written to a new file first and then renamed, so a run that dies leaves the last complete state.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.cohort import read_snapshot
from core.errors import DocumentError

_STATE = "state.json"
_MEMBERSHIP = "membership.parquet"


@dataclass(frozen=True, eq=False)
class SyncState:
    """`membership` is None before the first run."""

    list_id: str | int | None
    membership: pd.DataFrame | None


def load_state(folder: Path, key: str) -> SyncState:
    """Reads a state folder; a new or empty one is a state without list and members. Raises `DocumentError`."""
    path = folder / _STATE
    if not path.exists():
        return SyncState(None, None)
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        list_id, stored_key = stored["list_id"], stored["key"]
    except (ValueError, KeyError, TypeError, OSError):
        raise DocumentError("is not a state that a sync has written.", where=str(path), remedy="Remove it.") from None
    if stored_key != key:
        what = f'was written with the key column "{stored_key}", not "{key}".'
        raise DocumentError(what, where=str(path), remedy="Use another folder for another mapping.")
    return SyncState(list_id, read_snapshot(folder / _MEMBERSHIP, key).frame)


def save_state(folder: Path, key: str, list_id: str | int | None, membership: pd.DataFrame) -> None:
    """Writes the state; the folder is created if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{_MEMBERSHIP}.new"
    membership.to_parquet(fresh, index=False)
    os.replace(fresh, folder / _MEMBERSHIP)
    fresh = folder / f"{_STATE}.new"
    fresh.write_text(json.dumps({"key": key, "list_id": list_id}), encoding="utf-8")
    os.replace(fresh, folder / _STATE)


def next_membership(
    previous: pd.DataFrame | None,
    current: pd.DataFrame,
    key: str,
    added_keys: list[str],
    removed_keys: list[str],
) -> pd.DataFrame:
    """The members after a run: those before and not removed, then those added, each with its latest properties."""
    added, removed = set(added_keys), set(removed_keys)
    rows = current[current[key].map(added.__contains__).astype(bool)] if len(current) else current
    if previous is None or previous.empty:
        return rows.reset_index(drop=True)
    gone = removed | added
    kept = previous[~previous[key].map(gone.__contains__).astype(bool)]
    stayed = current[current[key].map(set(kept[key]).__contains__).astype(bool)]
    old = kept[~kept[key].map(set(stayed[key]).__contains__).astype(bool)]
    return pd.concat([old, stayed, rows], ignore_index=True).fillna("")
