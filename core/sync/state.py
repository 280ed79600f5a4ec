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

import pandas as pd

from core.cohort import Members, Snapshot, members_of, save_members, saved_members
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
    membership: Members | None
    creating: bool = False
    mapping: Mapping[str, str] | None = None
    in_doubt: Members | None = None

    def __post_init__(self) -> None:
        for side in ("membership", "in_doubt"):
            given = getattr(self, side)
            if isinstance(given, pd.DataFrame):
                object.__setattr__(self, side, Members.of(given))


def read_state(folder: Path, key: str, *, rekey: bool = False) -> SyncState:
    """The state as it was saved; a new or empty folder is one without list and members.

    Members that were told apart by another column are refused; with `rekey` each is taken to be the one whose new key
    is the old one, which holds when the column was renamed. Raises `DocumentError`.
    """
    path = folder / STATE
    if not path.exists():
        return SyncState(None, None)
    stored = _read(path)
    membership = saved_members(folder / MEMBERSHIP, stored["key"])
    doubted = folder / IN_DOUBT
    in_doubt = saved_members(doubted, stored["key"]) if doubted.exists() else None
    if stored["key"] != key and not rekey:
        raise _other_key(path, stored["key"], key, membership)
    if stored["key"] != key:
        membership = membership.with_copy(stored["key"], key)
        in_doubt = None if in_doubt is None else in_doubt.with_copy(stored["key"], key)
    return SyncState(stored["list_id"], membership, bool(stored.get("creating")), stored.get("mapping"), in_doubt)


def _other_key(path: Path, stored: str, key: str, membership: Members) -> DocumentError:
    what = f'was written with the key column "{stored}", not "{key}".'
    if len(membership):
        sample = ", ".join(membership.head(WITHHELD_SHOWN)[stored].tolist())
        what += f" Compared by the new one, all {len(membership):,} members could be removed: {sample}"
        what += ", …" if len(membership) > WITHHELD_SHOWN else "."
    remedy = "Use another folder for another mapping, or allow the removals if only the column's name is new."
    return DocumentError(what, where=str(path), remedy=remedy)


def save_state(
    folder: Path,
    key: str,
    list_id: str | int | None,
    membership: Members | Snapshot | pd.DataFrame,
    *,
    creating: bool = False,
    mapping: Mapping[str, str] | None = None,
    in_doubt: Members | Snapshot | pd.DataFrame | None = None,
) -> None:
    """Writes the state; the folder is created if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / MEMBERSHIP, lambda fresh: save_members(members_of(membership), fresh))
    keep_facts(folder, key, list_id, creating=creating, mapping=mapping, in_doubt=in_doubt)


def keep_facts(
    folder: Path,
    key: str,
    list_id: str | int | None,
    *,
    creating: bool = False,
    mapping: Mapping[str, str] | None = None,
    in_doubt: Members | Snapshot | pd.DataFrame | None = None,
) -> None:
    """Writes the state but for the membership, which is there."""
    doubted = None if in_doubt is None else members_of(in_doubt)
    if doubted is None or not len(doubted):
        (folder / IN_DOUBT).unlink(missing_ok=True)
    else:
        replace_file(folder / IN_DOUBT, lambda fresh: save_members(doubted, fresh))
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
