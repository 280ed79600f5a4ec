"""What a folder remembers of a connection between runs: the list id, the acknowledged membership, who is in doubt.

`state.json` names the list, `membership.parquet` holds the members with the properties they were sent with,
`in_doubt.parquet` likewise those who may be at the destination; without that file there are none. Each is written to a
new file first and then put in the place of the old one, so a run that dies leaves the last complete state.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.cohort import read_snapshot
from core.errors import DocumentError
from core.sync.plan import WITHHELD_SHOWN

STATE = "state.json"
MEMBERSHIP = "membership.parquet"
IN_DOUBT = "in_doubt.parquet"


@dataclass(frozen=True, eq=False)
class SyncState:
    """`membership` is None before the first run.

    `creating`: a run was about to create the list and has not recorded what came of it, so there may be one.
    `mapping` is the column that fed each mapping variable when the members were sent; None when nobody wrote it down.
    `in_doubt` are members of additions of which nobody knows whether they were carried out; None if there are none.
    """

    list_id: str | int | None
    membership: pd.DataFrame | None
    creating: bool = False
    mapping: Mapping[str, str] | None = None
    in_doubt: pd.DataFrame | None = None


def read_state(folder: Path, key: str, *, rekey: bool = False) -> SyncState:
    """The state as it was saved; a new or empty folder is one without list and members.

    Members that were told apart by another column are refused; with `rekey` each is taken to be the one whose new key
    is the old one, which holds when the column was renamed. Raises `DocumentError`.
    """
    path = folder / STATE
    if not path.exists():
        return SyncState(None, None)
    stored = _read(path)
    membership = read_snapshot(folder / MEMBERSHIP, stored["key"]).frame
    doubted = folder / IN_DOUBT
    in_doubt = read_snapshot(doubted, stored["key"]).frame if doubted.exists() else None
    if stored["key"] != key and not rekey:
        raise _other_key(path, stored["key"], key, membership)
    if stored["key"] != key:
        membership = membership.assign(**{key: membership[stored["key"]]})
        in_doubt = None if in_doubt is None else in_doubt.assign(**{key: in_doubt[stored["key"]]})
    return SyncState(stored["list_id"], membership, bool(stored.get("creating")), stored.get("mapping"), in_doubt)


def _other_key(path: Path, stored: str, key: str, membership: pd.DataFrame) -> DocumentError:
    what = f'was written with the key column "{stored}", not "{key}".'
    if len(membership):
        sample = ", ".join(membership[stored].iloc[:WITHHELD_SHOWN].tolist())
        what += f" Compared by the new one, all {len(membership):,} members could be removed: {sample}"
        what += ", …" if len(membership) > WITHHELD_SHOWN else "."
    remedy = "Use another folder for another mapping, or allow the removals if only the column's name is new."
    return DocumentError(what, where=str(path), remedy=remedy)


def save_state(
    folder: Path,
    key: str,
    list_id: str | int | None,
    membership: pd.DataFrame,
    *,
    creating: bool = False,
    mapping: Mapping[str, str] | None = None,
    in_doubt: pd.DataFrame | None = None,
) -> None:
    """Writes the state; the folder is created if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / MEMBERSHIP, lambda fresh: membership.to_parquet(fresh, index=False))
    if in_doubt is None or in_doubt.empty:
        (folder / IN_DOUBT).unlink(missing_ok=True)
    else:
        replace_file(folder / IN_DOUBT, lambda fresh: in_doubt.to_parquet(fresh, index=False))
    known = {
        "key": key,
        "list_id": list_id,
        "creating": creating,
        "mapping": None if mapping is None else dict(mapping),
    }
    replace_file(folder / STATE, lambda fresh: fresh.write_text(json.dumps(known), encoding="utf-8"))


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {**stored, "list_id": stored["list_id"], "key": stored["key"]}
    except (ValueError, KeyError, TypeError, OSError):
        raise DocumentError("is not a state that a sync has written.", where=str(path), remedy="Remove it.") from None


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Puts a new file in the place of an old one, whole and on disk, or leaves the old one. Raises `OSError`."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        write(fresh)
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


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
