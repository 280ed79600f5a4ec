"""The rows of a CSV text in the engine, through its own reader: fast, and only for texts every reader agrees on.

DuckDB's reader is held to what Python's `csv` says in strict mode (`csv_rows.py`). The two were compared on random
texts; they part where a space stands beside a quote, on blank lines in a file of one column, and on lone carriage
returns. So every line has to be a row here, or else be joined to one by quotes and then be read by one thread. All
else, and any file DuckDB complains about, is left to `csv_rows.py`. Measured on 2 cores: 10 M rows of 6
columns in 1.9 s here, 1 M in 3.6 s there.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt

from core.cohort.engine import Engine, Stored
from core.cohort.layout import Layout
from core.cohort.plain_text import PlainText

_MOST_COLUMNS = 1_000
_PIECE = 1 << 20
_QUOTE, _LF, _CR = 0x22, 0x0A, 0x0D
# No value is null: the text that would mean it is one that no file read here holds. (With the usual empty text for
# null, DuckDB takes an empty value too many at the end of a row; with force_not_null as well.)
_OPTIONS = "auto_detect=false, strict_mode=true, nullstr=chr(0)"


def read_in_engine(text: PlainText, layout: Layout, engine: Engine) -> Stored | None:
    """All rows after the header, in file order; None when this reader is not to be used."""
    if not reads_alike(text, layout):
        return None
    try:
        rows = _read(text, layout, engine, parallel=True)
        if len(rows) == text.lines - 1:
            rows.spaceless = not text.spaces
            return rows
        if len(layout.columns) == 1:
            return None
        return _read(text, layout, engine, parallel=False) if text.quotes else rows
    except duckdb.Error:
        return None


def reads_alike(text: PlainText, layout: Layout) -> bool:
    """Whether all readers agree on such a text, provided that each line is a row."""
    if layout.lines != 1 or len(layout.columns) > _MOST_COLUMNS or text.lone_returns:
        return False
    return not text.spaced_quotes or quotes_are_plain(text, layout)


def csv_source(layout: Layout, *, quotes: bool, parallel: bool = True, header: bool = True) -> str:
    """What to select the columns c0, c1 ... from; two values go with it: a path and the delimiter."""
    quote = '"' if quotes else ""
    names = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(layout.columns)))
    options = f"{_OPTIONS}, header={header}, delim=?, quote='{quote}', escape='{quote}', parallel={parallel}"
    return f"read_csv(?, {options}, columns={{{names}}})"


def quotes_are_plain(text: PlainText, layout: Layout) -> bool:
    """Whether every quote opens, closes or doubles where RFC 4180 has it: then no space stands outside of quotes."""
    opens_after = _among(_LF, _QUOTE, ord(layout.delimiter))
    closes_before = _among(_LF, _CR, _QUOTE, ord(layout.delimiter))
    seen = 0
    for body in _overlapping(text):
        quotes = np.flatnonzero(body[1:-1] == _QUOTE) + 1
        opening, closing = quotes[seen % 2 :: 2], quotes[1 - seen % 2 :: 2]
        if not opens_after[body[opening - 1]].all() or not closes_before[body[closing + 1]].all():
            return False
        seen += len(quotes)
    return seen % 2 == 0


def _overlapping(text: PlainText) -> Iterator[npt.NDArray[np.uint8]]:
    """The text in pieces, each with the byte before it and the byte after it; a line feed where there is none."""
    with text.path.open("rb") as file:
        file.seek(text.mark)
        before, piece = b"\n", file.read(_PIECE)
        while piece:
            following = file.read(_PIECE)
            yield np.frombuffer(before + piece + (following[:1] or b"\n"), np.uint8)
            before, piece = piece[-1:], following


def _among(*values: int) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(values)] = True
    return table


def _read(text: PlainText, layout: Layout, engine: Engine, *, parallel: bool) -> Stored:
    source = csv_source(layout, quotes=text.quotes, parallel=parallel)
    return Stored(engine, layout.columns, f"SELECT * FROM {source}", str(text.path), layout.delimiter)
