"""The body of an answer, unpacked as it comes and no further than to a cap, however much is packed into it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

_CODINGS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class NotPacked(Exception):
    """The body is not encoded as the headers say, or more than once."""


def read_body(pieces: Iterable[bytes], coding: str, cap: int) -> tuple[bytes, bool]:
    """At most `cap` bytes of the body, and whether there was more; `pieces` are taken only as far as needed.

    `coding` is the Content-Encoding; one that is not known leaves the bytes as they came. Raises `NotPacked`.
    """
    names = [name for name in (part.strip().lower() for part in coding.split(",")) if name not in ("", "identity")]
    if len(names) > 1:
        raise NotPacked(coding)
    unpack = _Unpacking(_CODINGS[names[0]]) if names and names[0] in _CODINGS else None
    body = bytearray()
    came = 0
    for piece in pieces:
        came += len(piece)
        body += piece if unpack is None else unpack(piece, cap + 1 - len(body))
        if max(came, len(body)) > cap:
            return bytes(body[:cap]), True
    return bytes(body), False


class _Unpacking:
    """gzip or deflate; the latter also without its header, as some servers send it (RFC 9110, section 8.4.1.2)."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._packed = zlib.decompressobj(window)
        self._head: bytes | None = b""  # what came before the first byte could be unpacked

    def __call__(self, piece: bytes, most: int) -> bytes:
        try:
            found = self._packed.decompress(piece, most)
        except zlib.error as error:
            if self._head is None or self._window != zlib.MAX_WBITS:
                raise NotPacked(str(error)) from None
            self._window = -zlib.MAX_WBITS
            self._packed = zlib.decompressobj(self._window)
            return self(self._head + piece, most)
        self._head = None if found or self._head is None else self._head + piece
        return found
