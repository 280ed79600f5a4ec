"""What a cohort file holds, told by its bytes and never by its name: a Parquet file or a text in UTF-8.

Comes in as a path or as the bytes of an upload; goes out as `Content`. Unpacks gzip up to a cap, turns UTF-16 with a
byte order mark into UTF-8, and refuses what is neither text nor Parquet, with the byte where that shows.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.cohort.limits import COMMAND_LINE, Limits
from core.errors import CohortFileError

Source = Path | bytes

_PIECE = 4 << 20
_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SAVE_AS_UTF8 = "Save the file as CSV in UTF-8 and try again."


@dataclass(frozen=True)
class Content:
    """`text` is UTF-8 without byte order mark (the first part of it when not `complete`); `parquet` a whole file."""

    where: str
    text: bytes = b""
    complete: bool = True
    parquet: Path | bytes | None = None


def load(source: Source, name: str = "", *, limit: int | None = None, limits: Limits = COMMAND_LINE) -> Content:
    """The content of a file; of a text at most the first `limit` bytes as stored after unpacking, when given.

    Raises CohortFileError for a missing, empty, damaged, oversized or binary file and for an encoding other than
    UTF-8 or UTF-16 with a byte order mark. Byte positions count from 0 in the unpacked file.
    """
    where = name or (source.name if isinstance(source, Path) else "")
    try:
        return _load(source, where, limit, limits)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CohortFileError(f"The file cannot be opened ({reason}).", where=where, remedy="Check the path.") from None


def _load(source: Source, where: str, limit: int | None, limits: Limits) -> Content:
    with _open(source) as file:
        head = file.read(len(_PARQUET))
        if head == _PARQUET and _ends_as_parquet(file, where):
            return Content(where, parquet=source)
        packed = head.startswith(_GZIP)
        if limit is None and not packed:
            limits.check_bytes(file.seek(0, io.SEEK_END), where)
        file.seek(0)
        if packed:
            stored = _unpack(file, where, limits.unpacked_bytes + 1 if limit is None else limit)
        else:
            stored = file.read(-1 if limit is None else limit)
        limits.check_bytes(len(stored), where)
        complete = limit is None or len(stored) < limit
    if packed and stored.startswith(_PARQUET):
        if not complete:
            return load(source, where, limits=limits)
        if stored.endswith(_PARQUET):
            return Content(where, parquet=stored)
    if not stored:
        raise CohortFileError("The file is empty.", where=where, remedy="It needs a header line with column names.")
    return Content(where, text=_utf8(stored, where, complete), complete=complete)


def _open(source: Source) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _ends_as_parquet(file: IO[bytes], where: str) -> bool:
    file.seek(-len(_PARQUET), io.SEEK_END)
    if file.read() == _PARQUET and file.tell() > 2 * len(_PARQUET):
        return True
    if where.lower().endswith(".parquet"):
        raise CohortFileError("The Parquet file is cut off.", where=where, remedy="Write or upload it again.")
    return False


def _unpack(file: IO[bytes], where: str, most: int) -> bytes:
    pieces, size = [], 0
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while size < most and (piece := packed.read(min(_PIECE, most - size))):
                pieces.append(piece)
                size += len(piece)
    except EOFError:
        raise CohortFileError("The gzip file is cut off.", where=where, remedy="Pack or upload it again.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise CohortFileError("The gzip file is damaged.", where=where, remedy="Pack or upload it again.") from None
    return b"".join(pieces)


def _utf8(stored: bytes, where: str, complete: bool) -> bytes:
    if stored.startswith(_ZIP):
        raise CohortFileError("This is a zip archive or an Excel workbook.", where=where, remedy=_SAVE_AS_UTF8)
    if stored.startswith(_UTF32):
        raise CohortFileError("The file is in UTF-32, by its byte order mark.", where=where, remedy=_SAVE_AS_UTF8)
    encoding = _UTF16.get(stored[:2])
    if encoding:
        text = _decode(stored[2:], encoding, where, complete, offset=2)
        _refuse_nul(text.find("\0"), lambda at: 2 + len(text[:at].encode(encoding)), where)
        return text.encode()
    utf8 = stored.removeprefix(codecs.BOM_UTF8)
    skipped = len(stored) - len(utf8)
    if not utf8.isascii():
        utf8 = utf8[: _whole_characters(utf8, where, complete, offset=skipped)]
    _refuse_nul(utf8.find(b"\0"), lambda at: skipped + at, where)
    return utf8


def _whole_characters(utf8: bytes, where: str, complete: bool, *, offset: int) -> int:
    """How many bytes are whole characters; piece by piece, so that no second copy of a large file is made."""
    read = 0
    for end in range(_PIECE, len(utf8) + _PIECE, _PIECE):
        final = complete and end >= len(utf8)
        try:
            read += codecs.utf_8_decode(utf8[read:end], "strict", final)[1]
        except UnicodeDecodeError as error:
            raise _not_text("UTF-8", utf8, read + error.start, offset, where) from None
    return read


def _decode(stored: bytes, encoding: str, where: str, complete: bool, *, offset: int) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(stored, final=complete)
    except UnicodeDecodeError as error:
        raise _not_text("UTF-16", stored, error.start, offset, where) from None


def _not_text(encoding: str, stored: bytes, at: int, offset: int, where: str) -> CohortFileError:
    line = stored.count(b"\n", 0, at) + 1
    what = f"The file is not {encoding}: byte position {at + offset} (0x{stored[at]:02X}, line {line}) does not fit."
    return CohortFileError(what, where=where, remedy=_SAVE_AS_UTF8)


def _refuse_nul(at: int, position: Callable[[int], int], where: str) -> None:
    if at < 0:
        return
    what = f"There is a NUL at byte position {position(at)}: this is a binary file, or UTF-16 without byte order mark."
    raise CohortFileError(what, where=where, remedy=_SAVE_AS_UTF8)
