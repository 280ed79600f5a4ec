"""Rows of a table in memory cut down to those with a key of their own, with what is needed to compare them.

Operations files need to know which earlier row a dropped one repeats; snapshots do not, and are cut in the engine
(`tidy.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.cohort.tidy import LISTED_ROWS, WHITE_SPACE, DroppedRow, ReadReport, no_column


@dataclass(frozen=True, eq=False)
class Kept:
    """A table cut down to its members, and what became of all its rows.

    For every row before the cut: `codes` numbers its key by first appearance, `first` is true at the first row with
    that key, `empty` where the key is empty.
    """

    table: pa.Table
    report: ReadReport
    codes: npt.NDArray[np.int64]
    first: npt.NDArray[np.bool_]
    empty: npt.NDArray[np.bool_]

    @property
    def kept(self) -> npt.NDArray[np.bool_]:
        """Whether each row before the cut is a member."""
        return self.first & ~self.empty

    def first_rows(self) -> npt.NDArray[np.intp]:
        """For each row before the cut, the position of the first row with the same key."""
        return np.flatnonzero(self.first)[self.codes]


def keep_members(table: pa.Table, key: str, where: str) -> Kept:
    """The rows of a text table that have a key of their own, with the key trimmed."""
    if key not in table.column_names:
        raise no_column(key, table.column_names, where)
    at = table.column_names.index(key)
    keys = pc.utf8_trim(table.column(at), characters=WHITE_SPACE)
    codes = _codes(keys)
    highest_before = np.concatenate([[-1], np.maximum.accumulate(codes)[:-1]]) if len(codes) else codes
    first = codes > highest_before
    empty = pc.equal(keys, "").to_numpy()
    kept = first & ~empty
    dropped = np.flatnonzero(~kept)[:LISTED_ROWS]
    report = ReadReport(
        rows=len(codes),
        members=int(kept.sum()),
        duplicates=int((~first & ~empty).sum()),
        empty_keys=int(empty.sum()),
        dropped=tuple(
            DroppedRow(int(row) + 1, "empty key" if empty[row] else "duplicate key", keys[int(row)].as_py())
            for row in dropped
        ),
    )
    table = table.set_column(at, key, keys)
    return Kept(table.filter(pa.array(kept)) if len(dropped) else table, report, codes, first, empty)


def _codes(keys: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """A number for each key, equal for equal keys; numbers begin at 0 and grow by 1 at each key not seen before."""
    encoded = keys.dictionary_encode()
    indices = [chunk.indices.to_numpy().astype(np.int64) for chunk in encoded.chunks]
    return np.concatenate(indices) if indices else np.empty(0, np.int64)
