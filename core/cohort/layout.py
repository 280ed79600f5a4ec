"""How the text of a cohort file is laid out: its delimiter, its column names and where its rows begin.

Follows RFC 4180 as Python's `csv` reads it in strict mode, with the delimiter found among `, ; tab |`. The header
decides; when it allows several readings, the first rows choose between them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.cohort.content import Content
from core.cohort.limits import MAX_COLUMNS
from core.errors import CohortFileError

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_BYTES = 64 << 10
_SAMPLE_ROWS = 100

# Python's own limit of 128 KiB a value is for careless callers; a cohort may hold values of a megabyte.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True)
class Layout:
    """`columns` are trimmed; rows begin at byte `body`, after `lines` lines."""

    delimiter: str
    columns: tuple[str, ...]
    body: int
    lines: int


@dataclass(frozen=True)
class _Reading:
    """What the start of a file looks like when one delimiter is assumed."""

    delimiter: str
    names: tuple[str, ...]
    body: int
    lines: int
    clean: bool
    fitting_rows: int

    @property
    def rank(self) -> tuple[int, bool, bool, int]:
        no_space_before = not any(name[:1].isspace() for name in self.names)
        return self.fitting_rows, self.clean, no_space_before, len(self.names)


class HeaderCutOff(Exception):
    """The header does not end within the part of the file that was loaded."""


def find_layout(content: Content) -> Layout:
    """The layout of a text, from its first 64 KiB (from more if the header is longer).

    A file is taken to have one column when no delimiter splits its header; its values may then hold any of the
    other delimiters, but a comma (a tab, if the name ends in .tsv) only in quotes. Raises CohortFileError for a
    header that cannot be read, or with a name missing or used twice; HeaderCutOff when `content` is not complete
    and its header neither.
    """
    size = SAMPLE_BYTES
    while True:
        whole = content.complete and size >= len(content.text)
        text = content.text[:size].decode("utf-8", "ignore")
        try:
            return _layout(text, whole, content.where)
        except HeaderCutOff:
            if size >= len(content.text):
                raise
            size *= 8


def _layout(text: str, whole: bool, where: str) -> Layout:
    usual = "\t" if re.search(r"\.(tsv|tab)(\.gz)?$", where.lower()) else ","
    readings: list[_Reading] = []
    fault: csv.Error | None = None
    for delimiter in (usual, *(other for other in DELIMITERS if other != usual)):
        try:
            reading = _read_start(text, delimiter, whole)
        except csv.Error as error:
            fault = fault or error
            continue
        if delimiter == usual or len(reading.names) > 1:
            readings.append(reading)
    if not readings:
        what = f"The header line cannot be read: {explain(fault)}."
        raise CohortFileError(what, where=where, remedy="Write a quote inside a quoted name twice.")
    several = [reading for reading in readings if len(reading.names) > 1]
    best = max(several, key=lambda reading: reading.rank) if several else readings[0]
    if not best.names:
        raise CohortFileError("The file has only blank lines.", where=where, remedy="It needs a header line.")
    return Layout(best.delimiter, column_names(best.names, where), best.body, best.lines)


def column_names(names: tuple[str, ...], where: str) -> tuple[str, ...]:
    """The names without surrounding white space; raises CohortFileError when one is empty or stands twice."""
    if len(names) > MAX_COLUMNS:
        what = f"The file has {len(names):,} columns; at most {MAX_COLUMNS:,} are read."
        raise CohortFileError(what, where=where, remedy="Keep only the columns you map.")
    seen: dict[str, int] = {}
    for position, name in enumerate((name.strip() for name in names), 1):
        if not name:
            raise CohortFileError(f"Column {position} has no name.", where=where, remedy="Name every column.")
        if name in seen:
            what = f'Columns {seen[name]} and {position} have the same name, "{name}".'
            raise CohortFileError(what, where=where, remedy="Rename or delete one of the two.")
        seen[name] = position
    return tuple(seen)


def explain(fault: csv.Error | None) -> str:
    """What Python's csv says, in the words of who made the file."""
    if "unexpected end of data" in str(fault):
        return "a quote is opened and never closed"
    if "expected after" in str(fault):
        return "text follows a closing quote"
    return str(fault)


def _read_start(text: str, delimiter: str, whole: bool) -> _Reading:
    consumed: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            consumed.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    names: list[str] = []
    try:
        while not names:
            blank = len(consumed)
            names = next(reader)
    except StopIteration:
        if not whole:
            raise HeaderCutOff from None
        return _Reading(delimiter, (), 0, 0, clean=True, fitting_rows=0)
    except csv.Error as fault:
        if not whole and "unexpected end" in str(fault):
            raise HeaderCutOff from None
        raise
    if not whole and len("".join(consumed)) == len(text):
        raise HeaderCutOff
    header = "".join(consumed[blank:])
    body, header_lines = len("".join(consumed).encode()), reader.line_num
    fitting = sum(len(row) == len(names) for row in _first_rows(reader, whole))
    return _Reading(delimiter, tuple(names), body, header_lines, _is_clean(header, delimiter), fitting)


def _first_rows(reader: Iterator[list[str]], whole: bool) -> list[list[str]]:
    """Rows to judge a delimiter by; a last row that may be cut off does not count."""
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) == _SAMPLE_ROWS:
                return rows
    except csv.Error:
        return rows
    return rows if whole else rows[:-1]


def _is_clean(header: str, delimiter: str) -> bool:
    """Whether quotes stand only where RFC 4180 has them, so that the delimiter does not cut through a quoted name."""
    name = rf'(?:"(?:[^"]|"")*"|[^"{re.escape(delimiter)}\r\n]*)'
    return re.fullmatch(rf"{name}(?:{re.escape(delimiter)}{name})*[\r\n]*", header) is not None
