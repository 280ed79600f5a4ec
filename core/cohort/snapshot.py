"""A snapshot: the whole membership of a cohort at one moment, one row a member, every value text.

Read from a file or taken from a frame. Rows without a key and rows that repeat a key are dropped here and nowhere
else, and every one of them is counted in the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.cohort.as_text import TEXT, table_as_text
from core.cohort.content import Source
from core.cohort.limits import COMMAND_LINE, Limits
from core.cohort.tables import read_table
from core.errors import CohortFileError

LISTED_ROWS = 100
WHITE_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_FRAME_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)


@dataclass(frozen=True)
class DroppedRow:
    """`row` counts from 1 at the first row after the header; `key` is trimmed."""

    row: int
    reason: Literal["empty key", "duplicate key"]
    key: str


@dataclass(frozen=True)
class ReadReport:
    """What became of the rows: rows == members + duplicates + empty_keys. `dropped` lists the first 100 of the rest."""

    rows: int
    members: int
    duplicates: int
    empty_keys: int
    dropped: tuple[DroppedRow, ...]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """`frame`: a row a member in file order, index 0..n-1, all columns Arrow-backed `str` and without missing values.

    The values of the column `key` are trimmed, not empty and unique.
    """

    frame: pd.DataFrame
    key: str
    report: ReadReport


@dataclass(frozen=True, eq=False)
class Members:
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


def read_snapshot(source: Source, key: str, *, name: str = "", limits: Limits = COMMAND_LINE) -> Snapshot:
    """The snapshot in a CSV (`.csv`, `.tsv`, gzipped or not) or Parquet file, told apart by content.

    `name` is what messages call the file, by default its own name. The first of several rows with one key is kept.
    Raises CohortFileError, with what, where and remedy, when the file cannot be read whole or has no column `key`.
    """
    table, where = read_table(source, name, limits)
    members = keep_members(table, key.strip(), where)
    return Snapshot(as_frame(members.table), key.strip(), members.report)


def snapshot_of(frame: pd.DataFrame, key: str, *, name: str = "") -> Snapshot:
    """The snapshot in a frame, held to the same rules as a file; values that are not text become it."""
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as error:
        what = f"The frame has a column that mixes types: {error.args[-1]}."
        raise CohortFileError(what, where=name, remedy="Turn the column into text.") from None
    members = keep_members(table_as_text(table, name), key.strip(), name)
    return Snapshot(as_frame(members.table), key.strip(), members.report)


def keep_members(table: pa.Table, key: str, where: str) -> Members:
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
    return Members(table.filter(pa.array(kept)) if len(dropped) else table, report, codes, first, empty)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """A text table as a frame of Arrow-backed `str` columns, sharing its memory."""
    frame: pd.DataFrame = table.to_pandas(types_mapper={TEXT: _FRAME_TEXT}.get)
    return frame


def no_column(column: str, columns: list[str], where: str) -> CohortFileError:
    """The error that names a missing column and lists those there are."""
    there = ", ".join(columns) if columns else "none"
    what = f'There is no column "{column}"; the columns are: {there}.'
    return CohortFileError(what, where=where, remedy="Choose one of these columns as the key, or add the column.")


def _codes(keys: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """A number for each key, equal for equal keys; numbers begin at 0 and grow by 1 at each key not seen before."""
    encoded = keys.dictionary_encode()
    indices = [chunk.indices.to_numpy().astype(np.int64) for chunk in encoded.chunks]
    return np.concatenate(indices) if indices else np.empty(0, np.int64)
