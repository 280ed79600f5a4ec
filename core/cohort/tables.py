"""A cohort file as one Arrow table of text columns, in file order, whatever its format."""

from __future__ import annotations

import pyarrow as pa

from core.cohort.content import Source, load
from core.cohort.csv_columns import read_columns_fast
from core.cohort.csv_rows import read_rows
from core.cohort.layout import SAMPLE_BYTES, HeaderCutOff, find_layout
from core.cohort.limits import COMMAND_LINE, Limits
from core.cohort.parquet import parquet_columns, read_parquet


def read_table(source: Source, name: str = "", limits: Limits = COMMAND_LINE) -> tuple[pa.Table, str]:
    """All rows of the file, every column large_string without nulls; and what to call the file in a message.

    Raises CohortFileError when the file cannot be read whole and without guessing, or is too large.
    """
    content = load(source, name, limits=limits)
    if content.parquet is not None:
        return read_parquet(content.parquet, content.where, limits), content.where
    layout = find_layout(content)
    lines = content.text.count(b"\n", layout.body) + (not content.text.endswith(b"\n"))
    limits.check_cells(lines, len(layout.columns), content.where)
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
            return parquet_columns(content.parquet, content.where)
        try:
            return find_layout(content).columns
        except HeaderCutOff:
            limit *= 8
