"""How a cohort file begins, told by its bytes and never by its name: a Parquet file or a text in UTF-8.

Comes in as a path or as the bytes of an upload; goes out as `Content`: enough to find columns and layout by. Unpacks
gzip, turns UTF-16 with a byte order mark into UTF-8, and refuses what is neither text nor Parquet, with the byte where
that shows. The whole of a text is read by `plain_text.py`.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.cohort.limits import COMMAND_LINE, Limits
from core.errors import CohortFileError

Source = Path | bytes

PARQUET = b"PAR1"
GZIP = b"\x1f\x8b"
UTF16 = {
    codecs.BOM_UTF16_LE: ("utf-16-le", codecs.utf_16_le_decode),
    codecs.BOM_UTF16_BE: ("utf-16-be", codecs.utf_16_be_decode),
}
_PIECE = 1 << 20
_ZIP = b"PK\x03\x04"
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_SAVE_AS_UTF8 = "Save the file as CSV in UTF-8 and try again."


@dataclass(frozen=True)
class Content:
    """`text` is UTF-8 without byte order mark (the first part of it when not `complete`); `parquet` a whole file."""

    where: str
    text: bytes = b""
    complete: bool = True
    parquet: Path | bytes | None = None


def load(source: Source, name: str = "", *, limit: int, limits: Limits = COMMAND_LINE) -> Content:
    """The start of a file: of a text at most the first `limit` bytes as stored after unpacking.

    Raises CohortFileError for a missing, empty, damaged or binary file and for an encoding other than UTF-8 or UTF-16
    with a byte order mark, as far as these show in the start. Byte positions count from 0 in the unpacked file.
    """
    where = named(source, name)
    try:
        return _load(source, where, limit, limits)
    except OSError as error:
        raise cannot_open(error, where) from None


def named(source: Source, name: str) -> str:
    """What messages call a file."""
    return name or (source.name if isinstance(source, Path) else "")


def cannot_open(error: OSError, where: str) -> CohortFileError:
    """The error for a file that the system does not give."""
    reason = error.strerror or type(error).__name__
    return CohortFileError(f"The file cannot be opened ({reason}).", where=where, remedy="Check the path.")


def _load(source: Source, where: str, limit: int, limits: Limits) -> Content:
    with opened(source) as file:
        head = file.read(len(PARQUET))
        if head == PARQUET and ends_as_parquet(file, where):
            return Content(where, parquet=source)
        file.seek(0)
        packed = head.startswith(GZIP)
        stored = b"".join(unpacked(file, where, limit)) if packed else file.read(limit)
        if packed and stored.startswith(PARQUET):
            file.seek(0)
            whole = b"".join(unpacked(file, where, limits.unpacked_bytes + 1))
            limits.check_bytes(len(whole), where)
            if whole.endswith(PARQUET):
                return Content(where, parquet=whole)
    complete = len(stored) < limit
    refuse_empty(len(stored), where)
    return Content(where, text=_utf8(stored, where, complete), complete=complete)


def opened(source: Source) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def ends_as_parquet(file: IO[bytes], where: str) -> bool:
    """Whether a file that begins as Parquet ends so too. Raises CohortFileError if its name says that it should."""
    file.seek(-len(PARQUET), io.SEEK_END)
    if file.read() == PARQUET and file.tell() > 2 * len(PARQUET):
        return True
    if where.lower().endswith(".parquet"):
        raise CohortFileError("The Parquet file is cut off.", where=where, remedy="Write or upload it again.")
    return False


def unpacked(file: IO[bytes], where: str, most: int) -> list[bytes]:
    """What a gzip file holds, in pieces, but at most so many bytes. Raises CohortFileError."""
    pieces, size = [], 0
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while size < most and (piece := packed.read(min(_PIECE, most - size))):
                pieces.append(piece)
                size += len(piece)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise damaged_gzip(error, where) from None
    return pieces


def damaged_gzip(error: Exception, where: str) -> CohortFileError:
    """The error for a gzip file that cannot be unpacked."""
    what = "cut off" if isinstance(error, EOFError) else "damaged"
    return CohortFileError(f"The gzip file is {what}.", where=where, remedy="Pack or upload it again.")


def refuse_empty(size: int, where: str) -> None:
    """Raises CohortFileError for a file without content."""
    if not size:
        raise CohortFileError("The file is empty.", where=where, remedy="It needs a header line with column names.")


def refuse_other_formats(head: bytes, where: str) -> None:
    """Raises CohortFileError for a file that, by its first four bytes, is no text that is read here."""
    if head.startswith(_ZIP):
        raise CohortFileError("This is a zip archive or an Excel workbook.", where=where, remedy=_SAVE_AS_UTF8)
    if head.startswith(_UTF32):
        raise CohortFileError("The file is in UTF-32, by its byte order mark.", where=where, remedy=_SAVE_AS_UTF8)


def not_text(encoding: str, byte: int, position: int, line: int, where: str) -> CohortFileError:
    """The error for a byte that is not in the encoding."""
    what = f"The file is not {encoding}: byte position {position} (0x{byte:02X}, line {line}) does not fit."
    return CohortFileError(what, where=where, remedy=_SAVE_AS_UTF8)


def nul_at(position: int, where: str) -> CohortFileError:
    """The error for a NUL, which no text has."""
    what = f"There is a NUL at byte position {position}: this is a binary file, or UTF-16 without byte order mark."
    return CohortFileError(what, where=where, remedy=_SAVE_AS_UTF8)


def _utf8(stored: bytes, where: str, complete: bool) -> bytes:
    refuse_other_formats(stored[:4], where)
    if stored[:2] in UTF16:
        encoding, decode = UTF16[stored[:2]]
        said, mark = "UTF-16", 2
    else:
        encoding, decode, said = "utf-8", codecs.utf_8_decode, "UTF-8"
        mark = len(codecs.BOM_UTF8) if stored.startswith(codecs.BOM_UTF8) else 0
    try:
        text = decode(stored[mark:], "strict", complete)[0]
    except UnicodeDecodeError as error:
        at = error.start + mark
        raise not_text(said, stored[at], at, stored.count(b"\n", 0, at) + 1, where) from None
    if (nul := text.find("\0")) >= 0:
        raise nul_at(mark + len(text[:nul].encode(encoding)), where)
    return text.encode()
