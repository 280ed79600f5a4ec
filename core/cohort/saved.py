"""Members kept in a Parquet file between runs: written from wherever they are, read where they lie.

Neither takes them into memory: to compare a new snapshot with such a file, only its key column is read, and the rows of
those who left (`benchmarks/incremental.py`).
"""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

from core.cohort.as_text import TEXT
from core.cohort.engine import ParquetView, Stored, shared
from core.cohort.members import Members
from core.cohort.snapshot import read_snapshot
from core.cohort.tidy import no_column


def save_members(members: Members, path: Path) -> None:
    """Writes them to a file. Raises `OSError`; what was written of the file then stays."""
    origin = members.origin
    if isinstance(origin, Stored) and _told_apart(members.columns):
        try:
            origin.write_parquet(path)
        except duckdb.Error as error:
            raise _as_os_error(error) from None
        return
    schema = pa.schema([(name, TEXT) for name in members.columns])
    with pyarrow.parquet.ParquetWriter(path, schema) as file:
        for piece in members.pieces():
            if piece.num_rows:
                file.write_table(piece)


def saved_members(path: Path, key: str) -> Members:
    """The members in a file that `save_members` wrote; it must stay as it is while they are in use.

    A file that somebody else wrote is read as any cohort file. Raises CohortFileError.
    """
    try:
        schema = pyarrow.parquet.read_schema(path)
        if not all(pa.types.is_string(kind) or pa.types.is_large_string(kind) for kind in schema.types):
            return read_snapshot(path, key).members
        view = ParquetView(shared(), schema.names, path)
        len(view.members)
    except (pa.ArrowException, OSError, ValueError, duckdb.Error):
        return read_snapshot(path, key).members
    if not _told_apart(tuple(schema.names)):
        return read_snapshot(path, key).members
    if key not in schema.names:
        raise no_column(key, schema.names, path.name)
    return view.members


def _as_os_error(error: duckdb.Error) -> OSError:
    """What the system said of it, where the engine passes that on."""
    number = re.search(r"errno\W+(\d+)", str(error))
    if number is None:
        return OSError(errno.EIO, "The file cannot be written")
    return OSError(int(number[1]), os.strerror(int(number[1])))


def _told_apart(columns: tuple[str, ...]) -> bool:
    """Whether the engine, to which case makes no difference, can tell the columns apart by name."""
    return len({column.lower() for column in columns}) == len(columns)
