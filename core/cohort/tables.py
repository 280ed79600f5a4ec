"""A cohort file as rows in the engine: text columns, in file order, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa

from core.cohort.as_text import TEXT
from core.cohort.content import Source, cannot_open, load, named
from core.cohort.csv_engine import read_in_engine
from core.cohort.csv_rows import read_rows
from core.cohort.engine import Engine, Stored
from core.cohort.layout import SAMPLE_BYTES, HeaderCutOff, Layout, find_layout
from core.cohort.left_in_text import left_in_text
from core.cohort.limits import COMMAND_LINE, Limits
from core.cohort.parquet import parquet_columns, read_parquet
from core.cohort.plain_text import PlainText, check_utf8, plain_text
from core.errors import CohortFileError


def read_stored(
    source: Source, engine: Engine, name: str = "", limits: Limits = COMMAND_LINE, *, wanted: Sequence[str] = ()
) -> Stored:
    """All rows of the file. Raises CohortFileError if it cannot be read whole and without guessing, or is too large.

    With `wanted`, which names columns, the others may stay in the file until their rows are chosen (`left_in_text.py`).
    """
    where = named(source, name)
    try:
        with engine.scratch() as folder:
            text = plain_text(source, where, folder, limits)
            if not isinstance(text, PlainText):
                return stored_tables(read_parquet(text, where, limits), engine)
            return _read_text(text, engine, limits, wanted)
    except OSError as error:
        raise cannot_open(error, where) from None
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        what = f"The rows cannot be kept while they are compared: {reason}"
        raise CohortFileError(what, where=where, remedy="Make room on the disk for temporary files.") from None


def read_table(source: Source, engine: Engine, name: str = "", limits: Limits = COMMAND_LINE) -> tuple[pa.Table, str]:
    """All rows of a file that is small enough for memory, every column large_string; and what messages call it."""
    rows = read_stored(source, engine, name, limits)
    return rows.members.table(), named(source, name)


def read_columns(source: Source, *, name: str = "") -> tuple[str, ...]:
    """The column names of a cohort file, trimmed; reads no more of it than its header needs.

    Raises CohortFileError as `read_snapshot` does, for mistakes that show in the header.
    """
    found = _beginning(source, name)
    return found.columns if isinstance(found, Layout) else found


def stored_tables(tables: Iterator[pa.Table | pa.RecordBatch], engine: Engine) -> Stored:
    """Text tables in the engine, one after the other. Raises what the iterator does."""
    first = next(tables)
    columns = tuple(first.schema.names)
    schema = pa.schema([(f"c{at}", TEXT) for at in range(len(columns))])
    faults: list[Exception] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for table in chain([first], tables):
                plain = table if isinstance(table, pa.Table) else pa.Table.from_batches([table])
                yield from plain.rename_columns(schema.names).cast(schema).to_batches()
        except Exception as fault:  # the engine would hide what it was
            faults.append(fault)

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    stored = Stored(engine, columns, "SELECT * FROM given", given=reader)
    if faults:
        raise faults[0]
    return stored


def _read_text(text: PlainText, engine: Engine, limits: Limits, wanted: Sequence[str]) -> Stored:
    layout = _layout(text.path, text.where)
    limits.check_cells(text.lines - layout.lines, len(layout.columns), text.where)
    stored: Stored | None = None
    if 0 < len(set(wanted) & set(layout.columns)) < len(layout.columns):
        stored = left_in_text(text, layout, engine, wanted)
    if stored is None:
        stored = read_in_engine(text, layout, engine)
    if stored is not None:
        return stored
    check_utf8(text)
    empty = pa.schema([(column, TEXT) for column in layout.columns]).empty_table()
    with text.path.open("rb") as file:
        file.seek(text.mark + layout.body)
        with TextIOWrapper(file, encoding="utf-8", newline="") as lines:
            return stored_tables(chain([empty], read_rows(lines, layout, text.where)), engine)


def _layout(path: Path, name: str) -> Layout:
    found = _beginning(path, name)
    if isinstance(found, Layout):
        return found
    raise CohortFileError("The file changed while it was read.", where=name, remedy="Try again.")


def _beginning(source: Source, name: str) -> Layout | tuple[str, ...]:
    """The layout of a text; of a Parquet file the names of its columns."""
    limit = SAMPLE_BYTES
    while True:
        content = load(source, name, limit=limit)
        if content.parquet is not None:
            return parquet_columns(content.parquet, content.where)
        try:
            return find_layout(content)
        except HeaderCutOff:
            limit *= 8
