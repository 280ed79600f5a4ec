"""Rows in the engine cut down to members: keys trimmed, rows without a key and rows that repeat a key dropped.

Nothing goes unsaid: rows == members + duplicates + empty keys. Whether keys are repeated need not be looked for when a
comparison proves that they are not (`difference.py`): looking takes a fifth of its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.cohort.engine import ParquetView, Stored
from core.errors import CohortFileError

LISTED_ROWS = 100
WHITE_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_BEYOND_ASCII = "".join(space for space in WHITE_SPACE if not space.isascii())


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


class Tidied:
    """Stored rows with trimmed keys, none empty; `key` is the key's column in the engine."""

    def __init__(self, stored: Stored, key: str, where: str, *, own: bool = True, tidy: bool = False) -> None:
        """Rows that are not our `own` are copied before they are changed; those that are `tidy` need no look.

        Raises CohortFileError without that key.
        """
        if key not in stored.columns:
            raise no_column(key, list(stored.columns), where)
        self.key = stored.column(key)
        self.stored = stored
        self._own = own and not isinstance(stored, ParquetView)
        self._told: ReadReport | None = None
        self._rows = len(stored)
        self._dropped: list[DroppedRow] = []
        self._empty = self._duplicates = 0
        if not tidy:
            self._trim()

    @classmethod
    def known(cls, stored: Stored, key: str, report: ReadReport) -> Tidied:
        """Rows that were tidied by that key before, and what was told of them then."""
        found = cls(stored, key, "", own=False, tidy=True)
        found._told = report
        return found

    def __len__(self) -> int:
        return self._rows - self._empty - self._duplicates

    @property
    def report(self) -> ReadReport:
        if self._told is not None:
            return self._told
        listed = tuple(sorted(self._dropped, key=lambda dropped: dropped.row)[:LISTED_ROWS])
        return ReadReport(self._rows, len(self), self._duplicates, self._empty, listed)

    def drop_duplicates(self) -> None:
        """Keeps the first row of each key."""
        key = self.key
        if self.stored.tells_apart(key):
            return
        stored = self._make_own()
        first = f"SELECT min(row) AS row FROM {stored.view} GROUP BY {key}"
        again = Stored(stored.engine, ("row", "key"), f"""
            SELECT row AS c0, {key} AS c1 FROM {stored.view} ANTI JOIN ({first}) USING (row) ORDER BY row
        """)  # fmt: skip
        self._duplicates = len(again)
        self._list("duplicate key", f"SELECT c0, c1 FROM {again.table} ORDER BY c0 LIMIT {LISTED_ROWS}")
        stored.delete(f"rowid IN (SELECT c0 FROM {again.table})")

    def _trim(self) -> None:
        run, key = self.stored.engine.run, self.key
        if not _untidy(self.stored, key):
            return
        table = self._make_own().table
        run(f"UPDATE {table} SET {key} = trim({key}, $1) WHERE regexp_matches({key}, $2)", WHITE_SPACE, _AT_AN_END)
        self._empty = run(f"SELECT count(*) FROM {table} WHERE {key} = ''")[0][0]
        if self._empty:
            empty = f"SELECT row, '' FROM {self.stored.view} WHERE {key} = '' ORDER BY row LIMIT {LISTED_ROWS}"
            self._list("empty key", empty)
            self.stored.delete(f"{key} = ''")

    def _make_own(self) -> Stored:
        if self._own:
            self.stored = self.stored.whole()
        else:
            stored = self.stored
            self.stored = Stored(stored.engine, stored.columns, f"SELECT {stored.all} FROM {stored.table}")
            self._own = True
        return self.stored

    def _list(self, reason: Literal["empty key", "duplicate key"], query: str) -> None:
        self._dropped += [DroppedRow(row + 1, reason, key) for row, key in self.stored.engine.run(query)]


_AT_AN_END = f"^[{WHITE_SPACE}]|[{WHITE_SPACE}]$"


def _untidy(stored: Stored, key: str) -> bool:
    """Whether a key may be empty or have white space at an end; quick to tell where all keys are ASCII."""
    unlike = f"{key} < '!'" if stored.spaceless else f"{key} < '!' OR {key}[-1] < '!'"
    beyond = f"strlen({key}) <> length({key}) AND regexp_matches({key}, '[{_BEYOND_ASCII}]')"
    return bool(stored.engine.run(f"SELECT 1 FROM {stored.keys} WHERE {unlike} OR ({beyond}) LIMIT 1"))


def no_column(column: str, columns: list[str], where: str) -> CohortFileError:
    """The error that names a missing column and lists those there are."""
    there = ", ".join(columns) if columns else "none"
    what = f'There is no column "{column}"; the columns are: {there}.'
    return CohortFileError(what, where=where, remedy="Choose one of these columns as the key, or add the column.")
