"""Who a run left out, and why: collected while it goes, written as CSV for the customer at its end."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from core.cohort import Members
from core.portal.syncs.preparing import state_folder
from core.settings import Settings
from core.sync import Change, Delivery, SyncRun

MOST = 10_000
"""Members of a run that are kept by name; beyond that they are only counted."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Fate = Literal["skipped", "rejected", "failed"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`fate`: never sent (`skipped`), refused by name in an accepted request (`rejected`), or in one that `failed`."""

    key: str
    operation: str
    fate: Fate
    reason: str


class LeftOuts:
    """Goes by the last delivery of each member: of a batch that was divided, the parts count."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], LeftOut] = {}

    def delivered(self, delivery: Delivery) -> None:
        if self._found:
            for key in delivery.acknowledged:
                self._found.pop((key, delivery.operation), None)
        if delivery.verdict.accepted:
            for key, reason in delivery.rejected:
                self._note(LeftOut(key, delivery.operation, "rejected", reason))
            return
        for key in islice(delivery.keys, MOST):
            self._note(LeftOut(key, delivery.operation, "failed", delivery.verdict.reason))

    def all(self, result: SyncRun) -> list[LeftOut]:
        """Everybody, those first who were skipped."""
        skipped = [LeftOut(one.key, one.operation, "skipped", one.reason) for one in result.skipped_members]
        return [*skipped, *self._found.values()]

    def _note(self, one: LeftOut) -> None:
        place = (one.key, one.operation)
        if place in self._found or len(self._found) < MOST:
            self._found[place] = one


def write_left_out(path: Path, found: Sequence[LeftOut], change: Change, properties: Sequence[str]) -> None:
    """The CSV: id, operation, outcome, reason, and the mapped `properties` (columns of the change). Raises OSError."""
    shown = [name for name in dict.fromkeys(properties) if name != change.key]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sides = {"add": _of_those(change.added, change.key, found), "remove": _of_those(change.removed, change.key, found)}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "operation", "outcome", "reason", *(f"property: {name}" for name in shown)])
        for one in found:
            known = sides["remove" if one.operation == "remove" else "add"].get(one.key, {})
            values = [one.key, one.operation, one.fate, one.reason, *(known.get(name, "") for name in shown)]
            writer.writerow(map(harmless, values))


def left_out_path(settings: Settings, sync_id: str, run_id: str) -> Path:
    """Where the CSV of those whom a run left out is, if there were any. Both ids must be the store's."""
    return state_folder(settings, sync_id) / "runs" / f"{run_id}.csv"


def harmless(cell: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _of_those(members: Members, key: str, found: Sequence[LeftOut]) -> dict[str, dict[str, str]]:
    """The properties of those members, by key."""
    wanted = pa.array([one.key for one in found], pa.string())
    if len(wanted) == 0 or len(members) == 0:
        return {}
    return {row[key]: row for row in _rows(members, key, wanted)}


def _rows(members: Members, key: str, wanted: pa.Array) -> Iterator[dict[str, str]]:
    for table in members.tables(50_000):
        yield from table.filter(pc.is_in(table.column(key), value_set=wanted)).to_pylist()
