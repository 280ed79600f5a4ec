"""A snapshot: the whole membership of a cohort at one moment, one row a member, every value text.

Read from a file or taken from a frame, and kept in the engine. Rows without a key and rows that repeat a key are
dropped (`tidy.py`), and every one of them is counted in the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pyarrow as pa

from core.cohort.as_text import table_as_text
from core.cohort.content import Source, named
from core.cohort.engine import Stored, shared
from core.cohort.limits import COMMAND_LINE, Limits
from core.cohort.members import Members
from core.cohort.tables import read_stored, stored_tables
from core.cohort.tidy import ReadReport, Tidied
from core.errors import CohortFileError


@dataclass(frozen=True, eq=False)
class Snapshot:
    """`stored`: a row a member, in file order. The values of the column `key` are trimmed, not empty and unique."""

    stored: Stored
    key: str
    report: ReadReport

    @property
    def columns(self) -> tuple[str, ...]:
        return self.stored.columns

    @property
    def members(self) -> Members:
        return self.stored.members

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All members, index 0..n-1, Arrow-backed `str` columns without missing values; in memory."""
        return self.members.frame()


def read_snapshot(
    source: Source, key: str, *, name: str = "", limits: Limits = COMMAND_LINE, keys_first: bool = False
) -> Snapshot:
    """The snapshot in a CSV (`.csv`, `.tsv`, gzipped or not) or Parquet file, told apart by content.

    `name` is what messages call the file, by default its own name. The first of several rows with one key is kept.
    With `keys_first` the other columns may stay in the file, which must not change meanwhile, until they are wanted:
    quicker where most of them never are, as of a snapshot that is compared with the one before.
    Raises CohortFileError, with what, where and remedy, when the file cannot be read whole or has no column `key`.
    """
    wanted = (key.strip(),) if keys_first else ()
    return snapshot_in(read_stored(source, shared(), name, limits, wanted=wanted), key, named(source, name))


def snapshot_of(frame: pd.DataFrame | Members, key: str, *, name: str = "") -> Snapshot:
    """The snapshot in a frame, held to the same rules as a file; values that are not text become it."""
    return snapshot_in(store_frame(frame, name), key, name, own=not isinstance(frame, Members))


def snapshot_in(stored: Stored, key: str, where: str, *, own: bool = True) -> Snapshot:
    """The snapshot in stored rows."""
    tidied = Tidied(stored, key.strip(), where, own=own)
    tidied.drop_duplicates()
    return Snapshot(tidied.stored, key.strip(), tidied.report)


def store_frame(frame: pd.DataFrame | Members, name: str) -> Stored:
    """The rows of a frame, or members, in the engine. Raises CohortFileError for a column that mixes types."""
    if isinstance(frame, Members):
        return frame.origin if isinstance(frame.origin, Stored) else stored_tables(frame.pieces(), shared())
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as error:
        what = f"The frame has a column that mixes types: {error.args[-1]}."
        raise CohortFileError(what, where=name, remedy="Turn the column into text.") from None
    return stored_tables(iter([table_as_text(table, name)]), shared())


def members_of(given: Members | Snapshot | pd.DataFrame) -> Members:
    """The members of a snapshot or a frame."""
    if isinstance(given, Snapshot):
        return given.members
    return Members.of(given) if isinstance(given, pd.DataFrame) else given
