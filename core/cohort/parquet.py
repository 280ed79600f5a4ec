"""The rows of a Parquet file as text columns, read piece by piece so that no file can claim more than it may.

A text that stands a million times in a column is stored once and unpacked a million times: such columns are read as
they are stored, and what they would become is summed up before they become it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from core.cohort.as_text import table_as_text
from core.cohort.layout import column_names
from core.cohort.limits import Limits
from core.errors import CohortFileError

_ROWS_AT_ONCE = 1 << 16
_BYTES_AT_ONCE = 256 << 20
_FAULTS = (pa.ArrowException, OSError, ValueError)  # ValueError: UnicodeDecodeError of a column's name


def parquet_columns(source: Path | bytes, where: str) -> tuple[str, ...]:
    """The names of the columns, trimmed. Raises `CohortFileError`."""
    with _opened(source, where) as file:
        names = tuple(file.schema_arrow.names)
    return column_names(names, where)


def read_parquet(source: Path | bytes, where: str, limits: Limits) -> Iterator[pa.Table]:
    """All rows, every column large_string without nulls, in pieces; the first has none. Raises `CohortFileError`."""
    with _opened(source, where) as file:
        limits.check_cells(file.metadata.num_rows, file.metadata.num_columns, where)
        texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
    size = 0
    with _opened(source, where, stored=texts) as file:
        with _damage_said(where):
            schema = file.schema_arrow
        yield table_as_text(schema.empty_table(), where)
        batches = file.iter_batches(_ROWS_AT_ONCE)
        while (batch := _next(batches, where)) is not None:
            with _damage_said(where):
                unpacked = sum(_unpacked_size(column) for column in batch.columns)
            size += unpacked
            limits.check_bytes(size, where)
            rows = max(1, batch.num_rows * _BYTES_AT_ONCE // max(unpacked, 1))
            for start in range(0, batch.num_rows, rows):
                with _damage_said(where):
                    piece = pa.Table.from_batches([batch.slice(start, rows)])
                yield table_as_text(piece, where)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _unpacked_size(column: pa.Array) -> int:
    """Bytes that a column takes as text; of what is no text, those it takes as it is.

    Raises an Arrow exception for a text that points outside what is stored, which a cast would follow blindly.
    """
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    if not _is_text(column.type.value_type):
        column.validate(full=True)
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return int(pc.sum(lengths.cast(pa.int64())).as_py() or 0) + 8 * len(column)


def _next(batches: Iterator[pa.RecordBatch], where: str) -> pa.RecordBatch | None:
    with _damage_said(where):
        return next(batches, None)


@contextmanager
def _opened(source: Path | bytes, where: str, stored: list[str] | None = None) -> Iterator[pyarrow.parquet.ParquetFile]:
    """The file; the columns `stored` come as they are stored, each text once."""
    with _damage_said(where):
        content = pa.BufferReader(source) if isinstance(source, bytes) else source
        file = pyarrow.parquet.ParquetFile(content, read_dictionary=stored)
    with file:
        yield file


@contextmanager
def _damage_said(where: str) -> Iterator[None]:
    try:
        yield
    except _FAULTS:
        raise CohortFileError("The Parquet file is damaged.", where=where, remedy="Write or upload it again.") from None
