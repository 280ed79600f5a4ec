"""The rows of a cohort file one after the other: to count and check any number of them, or to see the first few.

Holds one piece of the file at a time, so that a file of a hundred million rows needs no more memory than one of ten.
Rows are what core/cohort takes for rows: a blank line is none in a file of several columns, quotes are RFC 4180's.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from core.cohort import Members, is_operations, read_columns
from core.errors import CohortFileError

_DELIMITERS = ",;\t|"
_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_HEADER = 64 << 10
LONGEST_ROW = 64 << 20
MOST_UNPACKED = 20 << 30


@dataclass(frozen=True, slots=True)
class Measure:
    """How many rows a file has after its header, and its columns in order."""

    rows: int
    columns: tuple[str, ...]


def measure(path: Path, name: str) -> Measure:
    """Reads the whole file once, without keeping it; `name` is what messages call it.

    Raises CohortFileError for a file that cannot be read whole, and for one of operations, which is no snapshot.
    """
    columns = read_columns(path, name=name)
    if is_operations(columns):
        what = "This file says whom to add and whom to remove; a snapshot says who is in the cohort."
        raise CohortFileError(what, where=name, remedy="Leave out the column operation, with a row for each member.")
    with _unpacked(path, name) as file:
        count = _parquet_rows(file, name) if _is_parquet(file) else sum(1 for _ in _rows(file, columns, name))
    return Measure(count, columns)


def first_rows(path: Path, count: int) -> pd.DataFrame:
    """The first rows of a file as `core.cohort` gives members: text columns, index 0..n-1. Raises CohortFileError."""
    columns = read_columns(path)
    with _unpacked(path, path.name) as file:
        if _is_parquet(file):
            with _damage_said(path.name), pyarrow.parquet.ParquetFile(file) as parquet:
                batch = next(parquet.iter_batches(count), None)
                table = pa.Table.from_batches([] if batch is None else [batch], parquet.schema_arrow)
        else:
            rows = list(islice(_rows(file, columns, path.name), count))
            table = pa.table(
                {name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(columns)}
            )
    return Members.of(table.rename_columns(list(columns))).frame()


@contextmanager
def _unpacked(path: Path, name: str) -> Iterator[IO[bytes]]:
    """The file, unpacked as it is read if it is gzipped; what is wrong with it becomes a CohortFileError."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            yield _packed(file, name) if packed else file
    except EOFError:
        raise CohortFileError("The gzip file is cut off.", where=name, remedy="Pack it again.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise CohortFileError("The gzip file is damaged.", where=name, remedy="Pack it again.") from None
    except OSError as error:
        what = f"The file cannot be read: {error.strerror or type(error).__name__}."
        raise CohortFileError(what, where=name, remedy="Tell whoever operates this portal.") from None


def _packed(file: IO[bytes], name: str) -> IO[bytes]:
    unpacked = gzip.GzipFile(fileobj=file)
    if _is_parquet(cast(IO[bytes], unpacked)):
        what = "This is a gzipped Parquet file, which is packed twice."
        raise CohortFileError(what, where=name, remedy="Leave the gzip away.")
    return cast(IO[bytes], unpacked)


def _is_parquet(file: IO[bytes]) -> bool:
    found = file.read(len(_PARQUET)) == _PARQUET
    file.seek(0)
    return found


def _parquet_rows(file: IO[bytes], name: str) -> int:
    """What its footer says, which is written last: a file that is cut off has none."""
    with _damage_said(name), pyarrow.parquet.ParquetFile(file) as parquet:
        return int(parquet.metadata.num_rows)


@contextmanager
def _damage_said(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError):
        raise CohortFileError("The Parquet file is damaged.", where=name, remedy="Write it again.") from None


def _rows(file: IO[bytes], columns: tuple[str, ...], name: str) -> Iterator[list[str]]:
    """The rows after the header. Raises CohortFileError where one does not fit it."""
    head = file.read(_HEADER)
    file.seek(0)
    encoding = _BOMS.get(head[:2], "utf-8-sig")
    lines = io.TextIOWrapper(file, encoding=encoding, newline="")
    delimiter = _delimiter(head.decode(encoding, "ignore"), columns)
    reader = csv.reader(bounded := _Lines(lines, name), delimiter=delimiter, strict=True)
    width, number, header = len(columns), 0, True
    try:
        for row in reader:
            bounded.row = 0
            if not row and (width > 1 or header):
                continue
            if header:
                header = False
                continue
            number += 1
            row = row or [""]
            if len(row) != width:
                what = f"Row {number} (line {reader.line_num}) has {len(row)} values, but the header has {width}."
                raise CohortFileError(what, where=name, remedy="Give every row one value a column.")
            yield row
    except csv.Error:
        what = f"Row {number + 1}, near line {reader.line_num}, has a quote where none may be."
        raise CohortFileError(what, where=name, remedy="Write a quote inside a quoted value twice.") from None
    except UnicodeDecodeError:
        what = f"The file is not {'UTF-16' if encoding == 'utf-16' else 'UTF-8'} near line {reader.line_num + 1}."
        raise CohortFileError(what, where=name, remedy="Save it as CSV in UTF-8.") from None
    finally:
        lines.detach()


class _Lines:
    """The lines of a text, as long as they are text and neither a row nor the file is larger than it may be."""

    def __init__(self, lines: IO[str], name: str) -> None:
        self._lines = lines
        self._name = name
        self._size = 0
        self.row = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._lines.readline(LONGEST_ROW)
        if not line:
            raise StopIteration
        self._size += len(line)
        self.row += len(line)
        if self.row >= LONGEST_ROW:
            what = f"A row is longer than {LONGEST_ROW >> 20} MB."
            raise CohortFileError(what, where=self._name, remedy="Look for a quote that is opened and never closed.")
        if self._size > MOST_UNPACKED:
            what = f"The file unpacks to more than {MOST_UNPACKED >> 30} GB."
            raise CohortFileError(what, where=self._name, remedy="Keep only the columns you map.")
        if "\0" in line:
            what = "There is a NUL in the file: it is no text."
            raise CohortFileError(what, where=self._name, remedy="Save it as CSV in UTF-8.")
        return line


def _delimiter(head: str, columns: tuple[str, ...]) -> str:
    """The delimiter with which the header gives these columns."""
    for delimiter in _DELIMITERS:
        rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        found = next((row for row in rows if row), [])
        if tuple(value.strip() for value in found) == columns:
            return delimiter
    return ","
