"""What two snapshots of a cohort say: who joined, who left, who stayed, and whose properties changed.

The join runs in DuckDB on the Arrow memory of the two key columns, by value and in parallel (10 M keys against 10 M in
shuffled order: 1.8 s, where pyarrow's index_in took 4.0 s). Only row numbers come back; they are put in file order
here, so the result does not depend on the order in which the engine finds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.cohort.content import Source
from core.cohort.snapshot import ReadReport, Snapshot, no_column, read_snapshot, snapshot_of
from core.errors import InputError

Membership = Snapshot | pd.DataFrame | Source


class DiffCounts(NamedTuple):
    """Members of each kind; `changed` is None when no column was tracked."""

    added: int
    removed: int
    unchanged: int
    changed: int | None


@dataclass(frozen=True, eq=False)
class CohortDiff:
    """Frames as in a Snapshot, index 0..n-1.

    `added` and `changed` are rows of the current snapshot, in its order; `removed` are rows of the previous one, with
    the columns it had, in its order. `changed` is None unless columns were tracked. The reports say what was read;
    `previous_report` is None for a first sync.
    """

    added: pd.DataFrame
    removed: pd.DataFrame
    changed: pd.DataFrame | None
    previous_report: ReadReport | None
    current_report: ReadReport
    _current: pd.DataFrame = field(repr=False)
    _stayed: npt.NDArray[np.bool_] = field(repr=False)

    @cached_property
    def unchanged(self) -> pd.DataFrame:
        """Rows of the current snapshot whose key was in the previous one, without those in `changed`."""
        return _rows(self._current, self._stayed)

    @property
    def counts(self) -> DiffCounts:
        """len(current) == added + unchanged + changed; len(previous) == removed + unchanged + changed."""
        changed = None if self.changed is None else len(self.changed)
        return DiffCounts(len(self.added), len(self.removed), int(self._stayed.sum()), changed)


def diff(previous: Membership | None, current: Membership, key: str, *, track: Sequence[str] = ()) -> CohortDiff:
    """The exact difference of two snapshots, given as such, as frames or as files; previous None is a first sync.

    `track` names columns of the current snapshot: a member in both whose value differs in one of them is `changed`. A
    tracked column that the previous snapshot lacks counts as empty there. Raises InputError for a tracked column that
    the current one lacks, CohortFileError as `read_snapshot` does.
    """
    after = _snapshot(current, key)
    before = None if previous is None else _snapshot(previous, key)
    missing = [column for column in track if column not in after.frame.columns]
    if missing:
        raise InputError(no_column(missing[0], list(after.frame.columns), "").what, remedy="Track other columns.")
    old = after.frame.iloc[:0] if before is None else before.frame
    match = _match(old, after.frame, key.strip())
    stays = match >= 0
    leaves = np.ones(len(old), np.bool_)
    leaves[match[stays]] = False
    changes = _changes(old, after.frame, match, track)
    return CohortDiff(
        added=_rows(after.frame, ~stays),
        removed=_rows(old, leaves),
        changed=_rows(after.frame, changes) if track else None,
        previous_report=None if before is None else before.report,
        current_report=after.report,
        _current=after.frame,
        _stayed=stays & ~changes,
    )


def _snapshot(membership: Membership, key: str) -> Snapshot:
    if isinstance(membership, Snapshot):
        return membership if membership.key == key.strip() else snapshot_of(membership.frame, key)
    return snapshot_of(membership, key) if isinstance(membership, pd.DataFrame) else read_snapshot(membership, key)


def _match(old: pd.DataFrame, new: pd.DataFrame, key: str) -> npt.NDArray[np.int64]:
    """For each row of `new` the position in `old` of the row with the same key, or -1."""
    match = np.full(len(new), -1, np.int64)
    if len(old) and len(new):
        with duckdb.connect() as engine:
            engine.register("old", _numbered(old, key))
            engine.register("new", _numbered(new, key))
            pairs = engine.execute("SELECT new.row AS new, old.row AS old FROM new JOIN old USING (key)").fetchnumpy()
        match[pairs["new"]] = pairs["old"]
    return match


def _numbered(frame: pd.DataFrame, key: str) -> pa.Table:
    return pa.table({"key": _arrow(frame[key]), "row": pa.array(np.arange(len(frame), dtype=np.int64))})


def _changes(
    old: pd.DataFrame, new: pd.DataFrame, match: npt.NDArray[np.int64], track: Sequence[str]
) -> npt.NDArray[np.bool_]:
    changes = np.zeros(len(new), np.bool_)
    at = np.flatnonzero(match >= 0)
    for column in track:
        now = _arrow(new[column]).take(pa.array(at))
        then = _arrow(old[column]).take(pa.array(match[at])) if column in old.columns else ""
        changes[at] |= pc.not_equal(now, then).to_numpy()
    return changes


def _arrow(column: pd.Series) -> pa.ChunkedArray:
    return pa.chunked_array(column.array.__arrow_array__())


def _rows(frame: pd.DataFrame, mask: npt.NDArray[np.bool_]) -> pd.DataFrame:
    return frame[mask].reset_index(drop=True)
