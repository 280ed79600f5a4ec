"""The rows of a CSV text of which the engine holds a few columns; the rest stays in the text until rows are chosen.

To compare two files takes their keys, and then the rows of who joined and who left; most properties need never leave
the file. With 10 M rows of six columns, on 2 cores, taking in all columns took 1.3 s and 960 MB, the keys alone 0.6 s
and 160 MB, fetching a tenth of the rows 0.4 s (`benchmarks/diff.py`). The text must have a line for each row.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.cohort.csv_engine import csv_source, reads_alike
from core.cohort.engine import Engine, Stored
from core.cohort.layout import Layout
from core.cohort.plain_text import PlainText
from core.errors import CohortFileError

_PIECE = 1 << 18
_LF = 0x0A
_MOST_CHOSEN = 0.5


class LeftInText(Stored):
    """`keys` has the columns that were asked for. The text is read again for the others: it must stay as it is."""

    def __init__(self, text: PlainText, layout: Layout, engine: Engine, wanted: Sequence[str]) -> None:
        """Raises `duckdb.Error` for a text that the engine's reader does not take."""
        # A name may come to mean another file, or go; what was opened stays the same one.
        self._file = os.open(text.path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self._stamp = self._stamped()
        picked = ", ".join(f"c{at}" for at, name in enumerate(layout.columns) if name in wanted)
        source = csv_source(layout, quotes=text.quotes)
        super().__init__(engine, layout.columns, f"SELECT {picked} FROM {source}", self._path, layout.delimiter)
        self._layout = layout
        self._quotes = text.quotes
        self._where = text.where
        self._lock = Lock()
        self._whole: Stored | None = None

    @property
    def _path(self) -> str:
        return f"/dev/fd/{self._file}"

    @property
    def is_as_it_was(self) -> bool:
        """Whether the file has not changed since it was opened."""
        return self._stamped() == self._stamp

    @property
    def keys(self) -> str:
        return f"(SELECT rowid AS row, * FROM {self._table})"

    @property
    def table(self) -> str:
        return self.whole().table

    def whole(self) -> Stored:
        """All columns in the engine. Raises CohortFileError when the file has changed."""
        with self._lock:
            if self._whole is None:
                self._whole = self._read(self._path, len(self), header=True)
                if self._whole is None:
                    raise self._changed()
                self._whole.spaceless = self.spaceless
            return self._whole

    def chosen(self, numbers: str) -> Stored:
        """As for any rows. Raises CohortFileError when the file has changed."""
        rows = self.engine.numbers(numbers)
        if len(rows) <= _MOST_CHOSEN * len(self):
            with self.engine.scratch() as folder:
                path = folder / "chosen.csv"
                with path.open("wb") as file:
                    for lines in _lines(self._file, np.sort(rows) + 1):
                        file.write(lines)
                found = self._read(str(path), len(rows), header=False)
            if found is not None:
                return found
        return self.whole().chosen(numbers)

    def write_parquet(self, path: Path) -> None:
        """As for any rows. Raises CohortFileError when the file has changed."""
        if self._whole is not None:
            self._whole.write_parquet(path)
            return
        source = csv_source(self._layout, quotes=self._quotes)
        try:
            written = self._copied(source, path, self._path, self._layout.delimiter)
        except duckdb.InvalidInputException:
            raise self._changed() from None
        if written != len(self) or not self.is_as_it_was:
            raise self._changed()

    def _changed(self) -> CohortFileError:
        return CohortFileError("The file changed while it was read.", where=self._where, remedy="Try again.")

    def _read(self, path: str, rows: int, *, header: bool) -> Stored | None:
        """The rows of a text, all columns; None if they are not so many, or the file is not as it was."""
        source = csv_source(self._layout, quotes=self._quotes, header=header)
        try:
            stored = Stored(self.engine, self.columns, f"SELECT * FROM {source}", path, self._layout.delimiter)
        except duckdb.InvalidInputException:
            return None
        return stored if len(stored) == rows and self.is_as_it_was else None

    def _stamped(self) -> tuple[int, int]:
        status = os.fstat(self._file)
        return status.st_size, status.st_mtime_ns


def left_in_text(text: PlainText, layout: Layout, engine: Engine, wanted: Sequence[str]) -> LeftInText | None:
    """The rows after the header with the `wanted` columns in the engine; None when they have to be taken in whole."""
    if not text.valid or not reads_alike(text, layout):
        return None
    try:
        rows = LeftInText(text, layout, engine, wanted)
    except duckdb.Error:
        return None
    rows.spaceless = not text.spaces
    return rows if len(rows) == text.lines - 1 and rows.is_as_it_was else None


def _lines(file: int, numbers: npt.NDArray[np.int64]) -> Iterator[memoryview]:
    """The lines with these numbers, ascending from 0, as they stand there."""
    at = first = 0
    rest = b""
    while len(numbers):
        piece = os.pread(file, _PIECE, at)
        at += len(piece)
        text = rest + piece
        # What the file ends with is a line, whether it has an end or not.
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _LF) + 1 if piece else np.array([len(text)])
        inside = int(np.searchsorted(numbers, first + len(ends)))
        if inside:
            offsets = pa.py_buffer(np.concatenate([np.zeros(1, np.int64), ends]))
            lines = pa.Array.from_buffers(pa.large_binary(), len(ends), [None, offsets, pa.py_buffer(text)])
            yield memoryview(lines.take(pa.array(numbers[:inside] - first)).buffers()[2])
        if not piece:
            return
        numbers = numbers[inside:]
        first += len(ends)
        rest = text[ends[-1] :] if len(ends) else text
