"""Arrow columns of any plain type as text columns, for Parquet files and for frames handed in by code.

Text stays as it is; a missing value becomes empty text. Numbers become their digits (a whole number kept as floating
point loses its ".0"), booleans `true` or `false`, times ISO 8601, in UTC with a `Z` when they have a time zone.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from core.cohort.layout import column_names
from core.errors import CohortFileError

TEXT = pa.large_string()
_WHOLE_UP_TO = 2.0**53


def table_as_text(table: pa.Table, where: str) -> pa.Table:
    """The same rows with every column large_string and without nulls, and names trimmed.

    Raises CohortFileError for a column that holds lists, structures or bytes that are not text, and for a name that
    is missing or used twice.
    """
    names = column_names(tuple(table.column_names), where)
    return pa.table([_as_text(table.column(at), name, where) for at, name in enumerate(names)], names=list(names))


def _as_text(column: pa.ChunkedArray, name: str, where: str) -> pa.ChunkedArray:
    kind = column.type
    try:
        if pa.types.is_floating(kind):
            text = _digits(column.cast(pa.float64()) if pa.types.is_float16(kind) else column)
        elif pa.types.is_timestamp(kind):
            text = _instant(column)
        elif pa.types.is_time(kind):
            text = _without_idle_zeros(column.cast(TEXT))
        elif isinstance(kind, pa.UuidType):
            text = pa.chunked_array([[None if cell is None else str(cell) for cell in column.to_pylist()]], TEXT)
        else:
            text = column.cast(TEXT)
        text = pc.fill_null(text, "") if text.null_count else text
        text.validate(full=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        what = f'The column "{name}" holds values of type {kind}, which have no plain text form.'
        raise CohortFileError(what, where=where, remedy="Write the column as text (UTF-8).") from None
    return text


def _digits(column: pa.ChunkedArray) -> pa.ChunkedArray:
    whole = pc.and_(pc.equal(pc.trunc(column), column), pc.less_equal(pc.abs(column), _WHOLE_UP_TO))
    integers = pc.if_else(whole, column, pa.scalar(0, column.type)).cast(pa.int64())
    return pc.if_else(whole, integers.cast(TEXT), column.cast(TEXT))


def _instant(column: pa.ChunkedArray) -> pa.ChunkedArray:
    zoned = column.type.tz is not None
    naive = column.cast(pa.timestamp(column.type.unit, "UTC")).cast(pa.timestamp(column.type.unit)) if zoned else column
    text = _without_idle_zeros(pc.replace_substring(naive.cast(TEXT), " ", "T"))
    return pc.binary_join_element_wise(text, pa.scalar("Z", TEXT), pa.scalar("", TEXT)) if zoned else text


def _without_idle_zeros(text: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.replace_substring_regex(text, r"(\.[0-9]*[1-9])0+$", r"\1")
    return pc.replace_substring_regex(trimmed, r"\.0+$", "")
