"""A cohort file as one Arrow table of text columns, in file order, whatever its format."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from core.cohort.as_text import table_as_text
from core.cohort.content import Source, load
from core.cohort.csv_columns import read_columns_fast
from core.cohort.csv_rows import read_rows
from core.cohort.layout import SAMPLE_BYTES, HeaderCutOff, column_names, find_layout
from core.errors import CohortFileError

MAX_PARQUET_CELLS = 2_000_000_000


def read_table(source: Source, name: str = "") -> tuple[pa.Table, str]:
    """All rows of the file, every column large_string without nulls; and what to call the file in a message.

    Raises CohortFileError when the file cannot be read whole and without guessing.
    """
    content = load(source, name)
    if content.parquet is not None:
        return _read_parquet(content.parquet, content.where), content.where
    layout = find_layout(content)
    table = read_columns_fast(content.text, layout)
    if table is None:
        table = read_rows(content.text, layout, content.where)
    return table, content.where


def read_columns(source: Source, *, name: str = "") -> tuple[str, ...]:
    """The column names of a cohort file, trimmed; reads no more of it than its header needs.

    Raises CohortFileError as `read_snapshot` does, for mistakes that show in the header.
    """
    limit = SAMPLE_BYTES
    while True:
        content = load(source, name, limit=limit)
        if content.parquet is not None:
            with _open_parquet(content.parquet, content.where) as file:
                return column_names(tuple(file.schema_arrow.names), content.where)
        try:
            return find_layout(content).columns
        except HeaderCutOff:
            limit *= 8


def _read_parquet(source: Path | bytes, where: str) -> pa.Table:
    with _open_parquet(source, where) as file:
        rows, columns = file.metadata.num_rows, file.metadata.num_columns
        if rows * columns > MAX_PARQUET_CELLS:
            what = (
                f"The Parquet file claims {rows:,} rows of {columns} columns, more than {MAX_PARQUET_CELLS:,} values."
            )
            raise CohortFileError(what, where=where, remedy="Keep only the columns you map, or split the file.")
        try:
            table = file.read()
        except (pa.ArrowException, OSError):
            raise _damaged(where) from None
    return table_as_text(table, where)


def _open_parquet(source: Path | bytes, where: str) -> pa.parquet.ParquetFile:
    try:
        return pa.parquet.ParquetFile(pa.BufferReader(source) if isinstance(source, bytes) else source)
    except (pa.ArrowException, OSError):
        raise _damaged(where) from None


def _damaged(where: str) -> CohortFileError:
    return CohortFileError("The Parquet file is damaged.", where=where, remedy="Write or upload it again.")
