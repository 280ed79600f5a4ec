"""The rows of a CSV text as text columns, through Apache Arrow: fast, and only for texts every reader agrees on.

Arrow is lenient where Python's `csv` is strict (text after a closing quote, a lone quote at the end). So the bytes are
looked over first: quotes only around whole values, no bare carriage return. Anything else, and any file Arrow
complains about, is left to `csv_rows.py`. Measured on 2 cores, 1 M rows of 6 columns: 0.5 s here, 3.6 s there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from core.cohort.layout import Layout

_QUOTE, _LF, _CR = 0x22, 0x0A, 0x0D
_PIECE = 16 << 20


def read_columns_fast(text: bytes, layout: Layout) -> pa.Table | None:
    """All rows after the header, every column large_string, in file order; None when this reader is not to be used."""
    if layout.body >= len(text) or not is_plain(text, layout):
        return None
    names = [str(position) for position in range(len(layout.columns))]
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(pa.py_buffer(text).slice(layout.body)),
            read_options=pa.csv.ReadOptions(column_names=names, block_size=_PIECE),
            parse_options=pa.csv.ParseOptions(
                delimiter=layout.delimiter,
                newlines_in_values=text.find(b'"', layout.body) >= 0,
                ignore_empty_lines=len(names) > 1,
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table.rename_columns(list(layout.columns))


def is_plain(text: bytes, layout: Layout) -> bool:
    """Whether every quote after the header opens, closes or doubles as in RFC 4180 and no carriage return is bare."""
    body = np.frombuffer(text, np.uint8)
    opens_after = _among(_LF, _QUOTE, ord(layout.delimiter))
    closes_before = _among(_LF, _CR, _QUOTE, ord(layout.delimiter))
    quotes_before = 0
    for begin in range(layout.body, len(body), _PIECE):
        end = min(begin + _PIECE, len(body))
        if text.find(b'"', begin, end) < 0 and text.find(b"\r", begin, end) < 0:
            continue
        piece = body[begin:end]
        returns = np.flatnonzero(piece == _CR) + begin
        if not (_following(body, returns) == _LF).all():
            return False
        quotes = np.flatnonzero(piece == _QUOTE) + begin
        opening, closing = quotes[quotes_before % 2 :: 2], quotes[1 - quotes_before % 2 :: 2]
        if not (opens_after[body[opening - 1]] | (opening == layout.body)).all():
            return False
        if not closes_before[_following(body, closing)].all():
            return False
        quotes_before += len(quotes)
    return quotes_before % 2 == 0


def _among(*values: int) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(values)] = True
    return table


def _following(body: npt.NDArray[np.uint8], at: npt.NDArray[np.intp]) -> npt.NDArray[np.uint8]:
    """The byte after each position; a line feed after the last."""
    after = body[np.minimum(at + 1, len(body) - 1)]
    after[at == len(body) - 1] = _LF
    return after
