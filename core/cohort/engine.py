"""The engine that holds cohorts: one DuckDB in this process, under a memory limit, with a folder to spill to.

Every cohort that is read becomes a table of text columns in file order. What exceeds the limit goes to the folder, so
memory does not grow with a cohort, nor with the number of sessions that look at one. A table goes when nobody holds
it any more; the folder goes with the process.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.cohort.members import Members

MEMORY_LIMIT = "1.3GB"
"""Comparing the keys of 10 M members with as many takes 0.7 s (with 1 GB 1.1 s); a first sync of 10 M members of six
columns peaks at 1.4 GB, of which the engine is told no more than this."""

_ROWS_AT_ONCE = 10_000
_SORTED_UP_TO = 20_000_000
"""Rows whose hashes are sorted in memory, 8 bytes each."""


class Engine:
    """A DuckDB of its own; `shared` gives the one of this process. Safe to use from several threads."""

    def __init__(self, memory_limit: str = "", folder: Path | None = None) -> None:
        """`memory_limit` as DuckDB reads it; `folder`: where to make the folder to spill to, by default the system's
        for temporary files.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="cohorts-", dir=folder))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self._numbers = count(1)
        self._connection = duckdb.connect(
            config={
                "memory_limit": memory_limit or MEMORY_LIMIT,
                "temp_directory": str(self.folder / "spilled"),
                "arrow_large_buffer_size": True,
                "checkpoint_threshold": "1000TB",  # compressing what is in memory takes twice as long as the difference
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )

    def run(self, sql: str, *values: object, **tables: object) -> list[tuple[Any, ...]]:
        """Carries out a statement; `tables` are Arrow tables or readers that it names. Raises `duckdb.Error`."""
        with self._connection.cursor() as cursor:
            for name, table in tables.items():
                cursor.register(name, table)
            return cursor.execute(sql, values or None).fetchall()

    def numbers(self, sql: str) -> npt.NDArray[np.int64]:
        """The one column of whole numbers, none missing, that a query gives."""
        with self._connection.cursor() as cursor:
            (found,) = cursor.sql(sql).fetchnumpy().values()
            return np.asarray(found)

    def stream(self, sql: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows that a query gives, while it gives them, under these column names."""
        with self._connection.cursor() as cursor:
            for batch in cursor.sql(sql).to_arrow_reader(_ROWS_AT_ONCE):
                yield batch.rename_columns(list(columns))

    def name(self) -> str:
        """A name for a table or view that nothing else has."""
        return f"t{next(self._numbers)}"

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for files that are needed while something is read."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield Path(folder)


class Stored:
    """Rows in an engine: `columns` are stored as c0, c1 ..., and `row` numbers the rows from 0 in file order.

    `view` names what to select from. A table that was made for it is dropped with it. `spaceless`: it is known that no
    value holds white space of ASCII.
    """

    spaceless = False

    def __init__(self, engine: Engine, columns: Sequence[str], source: str, *values: object, **tables: object) -> None:
        """`source` is a query for the columns c0, c1 ... in file order. Raises `duckdb.Error`."""
        self.engine = engine
        self.columns = tuple(columns)
        self._table = engine.name()
        self._rows: int = engine.run(f"CREATE TABLE {self._table} AS {source}", *values, **tables)[0][0]
        weakref.finalize(self, _drop, engine, self._table).atexit = False

    @property
    def table(self) -> str:
        """What to select c0, c1 ... from."""
        return self._table

    @property
    def view(self) -> str:
        """What to select `row`, c0, c1 ... from."""
        return f"(SELECT rowid AS row, * FROM {self.table})"

    @property
    def keys(self) -> str:
        """As `view`, with no other columns than those that were asked for when the rows were read, if any were."""
        return self.view

    def whole(self) -> Stored:
        """The same rows, with all their columns in the engine."""
        return self

    def column(self, name: str) -> str:
        """What a column is called in the engine."""
        return f"c{self.columns.index(name)}"

    @property
    def all(self) -> str:
        """The list of all columns, for a query."""
        return ", ".join(f"c{at}" for at in range(len(self.columns)))

    def __len__(self) -> int:
        return self._rows

    def tells_apart(self, column: str) -> bool:
        """Whether the values of a column, as it is called in the engine, are all different.

        Values whose hashes differ are different, and to sort 10 M hashes takes a fourth of the time of counting values.
        """
        if len(self) <= _SORTED_UP_TO:
            hashes = self.engine.numbers(f"SELECT hash({column}) FROM {self.keys}")
            hashes.sort()
            if (hashes[1:] != hashes[:-1]).all():
                return True
        return bool(self.engine.run(f"SELECT count(DISTINCT {column}) FROM {self.keys}")[0][0] == len(self))

    def delete(self, condition: str) -> None:
        """Drops the rows of a table for which a condition holds."""
        self._rows -= self.engine.run(f"DELETE FROM {self.table} WHERE {condition}")[0][0]

    @property
    def members(self) -> Members:
        """The rows as members, in file order. They hold this, not it them: so a table goes with its last user."""
        return Members(self.columns, len(self), lambda: self._batches(self.columns), origin=self, pick=self._picked)

    def chosen(self, numbers: str) -> Stored:
        """The rows whose numbers a query gives, each once, in file order."""
        source = f"SELECT {self.all} FROM {self.view} WHERE row IN ({numbers}) ORDER BY row"
        return Stored(self.engine, self.columns, source)

    def write_parquet(self, path: Path) -> None:
        """Writes the rows to a file, in file order. Raises `duckdb.Error`."""
        self._copied(self.table, path)

    def _copied(self, source: str, path: Path, *values: object) -> int:
        named = ", ".join(f"c{at} AS {quoted(name)}" for at, name in enumerate(self.columns))
        target = str(path).replace("'", "''")
        written: int = self.engine.run(f"COPY (SELECT {named} FROM {source}) TO '{target}' (FORMAT parquet)", *values)[
            0
        ][0]
        return written

    def _picked(self, columns: tuple[str, ...]) -> Members:
        return Members(columns, len(self), lambda: self._batches(columns))

    def _batches(self, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
        picked = ", ".join(map(self.column, columns)) or "1"
        return self.engine.stream(f"SELECT {picked} FROM {self.table}", columns)


class ParquetView(Stored):
    """A Parquet file of text columns, read where it lies: the file must stay as it is while this is in use."""

    def __init__(self, engine: Engine, columns: Sequence[str], path: Path) -> None:
        self.engine = engine
        self.columns = tuple(columns)
        quoted = (name.replace('"', '""') for name in columns)
        picked = ", ".join(f"coalesce(\"{name}\", '') AS c{at}" for at, name in enumerate(quoted))
        # To the engine a path is a pattern: its own signs stand in brackets for themselves.
        file = re.sub(r"[*?\[]", r"[\g<0>]", str(path)).replace("'", "''")
        self._table = f"(SELECT {picked} FROM read_parquet('{file}'))"
        self._rows = int(engine.run(f"SELECT count(*) FROM {self._table}")[0][0])
        self._view = f"(SELECT file_row_number AS row, {picked} FROM read_parquet('{file}', file_row_number=true))"

    @property
    def view(self) -> str:
        return self._view


def quoted(name: str) -> str:
    """A name as SQL writes one that may hold anything."""
    return '"' + name.replace('"', '""') + '"'


def _drop(engine: Engine, table: str) -> None:
    with suppress(duckdb.Error):
        engine.run(f"DROP TABLE IF EXISTS {table}")


_lock = Lock()
_shared: list[Engine] = []


def shared() -> Engine:
    """The engine of this process."""
    with _lock:
        if not _shared:
            _shared.append(Engine())
        return _shared[0]
