"""The PNG container: is this a whole, undamaged, still image, and how large, before anything is decoded?

Reads bytes, decodes nothing but the length of the pixel data. Source of the rules: W3C PNG specification, third
edition (chunks: section 5, IHDR: 11.2.1, tRNS: 11.3.1.1, interlacing: 8.1).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import LogoError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6

_DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGB_ALPHA: (8, 16)}
_CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass(frozen=True, slots=True)
class PngFile:
    """What a PNG file holds. `palette` and `transparency` are the data of PLTE and tRNS, empty without."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool
    animated: bool
    palette: bytes
    transparency: bytes
    pixels: bytes
    """The zlib stream of all IDAT chunks together."""

    def bare(self) -> bytes:
        """The same image without any chunk that is not needed to draw it; of tRNS, only a palette's is kept."""
        header = struct.pack(">IIBBBBB", self.width, self.height, self.depth, self.colour, 0, 0, int(self.interlaced))
        parts = [SIGNATURE, _chunk(b"IHDR", header)]
        if self.colour == PALETTE:
            parts.append(_chunk(b"PLTE", self.palette))
            if self.transparency:
                parts.append(_chunk(b"tRNS", self.transparency[: len(self.palette) // 3]))
        return b"".join([*parts, _chunk(b"IDAT", self.pixels), _chunk(b"IEND", b"")])

    def check_pixels(self) -> None:
        """Raises LogoError unless the pixel data is whole. Decompresses no more than the size calls for."""
        due = self._pixel_bytes()
        stream = zlib.decompressobj()
        try:
            found = len(stream.decompress(self.pixels, due))
            stream.decompress(stream.unconsumed_tail, 1)  # reads the closing checksum
        except zlib.error as error:
            raise damaged("its pixel data cannot be decompressed") from error
        if found < due:
            raise damaged(f"it is truncated: {found:,} of {due:,} bytes of pixel data are there")

    def _pixel_bytes(self) -> int:
        passes = _ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        bits = self.depth * _CHANNELS[self.colour]
        total = 0
        for left, top, across, down in passes:
            columns = -((left - self.width) // across)
            rows = -((top - self.height) // down)
            if columns > 0 and rows > 0:
                total += rows * (1 + (columns * bits + 7) // 8)
        return total


def read_png(data: bytes) -> PngFile:
    """Take a PNG apart. Raises LogoError for anything that is damaged, incomplete or no PNG."""
    if not data.startswith(SIGNATURE):
        raise _foreign(data)
    header = b""
    palette = transparency = b""
    pixels: list[bytes] = []
    animated = False
    for at, (kind, content) in enumerate(_chunks(data)):
        if (kind == b"IHDR") != (at == 0):
            raise damaged("it does not begin with its header (IHDR)" if at == 0 else "it has a second header (IHDR)")
        if kind == b"IHDR":
            header = content
        elif kind == b"PLTE":
            palette = content
        elif kind == b"tRNS":
            transparency = content
        elif kind == b"IDAT":
            pixels.append(content)
        elif kind == b"acTL":
            animated = True
        elif kind == b"IEND":
            break
        elif not kind[0] & 0x20:
            raise damaged(f"it needs the unknown extension {kind.decode('latin-1')!r} to be read")
    if len(header) != 13:
        raise damaged("its header (IHDR) has a wrong length")
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", header)
    if colour not in _DEPTHS:
        raise damaged(f"its header names colour type {colour}, which does not exist")
    if depth not in _DEPTHS[colour]:
        raise damaged(f"its header names a bit depth of {depth}, which colour type {colour} does not have")
    if compression or filtering or interlace > 1:
        raise damaged("its header names an unknown compression, filter or interlace method")
    if not width or not height:
        raise damaged("its header names a width or height of 0")
    if colour == PALETTE and (not palette or len(palette) % 3 or len(palette) > 768):
        raise damaged("its palette (PLTE) is missing or has a wrong length")
    if transparency and colour in (GREY, RGB) and len(transparency) != 2 * _CHANNELS[colour]:
        raise damaged("its transparent colour (tRNS) has a wrong length")
    if not pixels:
        raise damaged("it has no pixel data (IDAT)")
    return PngFile(width, height, depth, colour, bool(interlace), animated, palette, transparency, b"".join(pixels))


def damaged(reason: str) -> LogoError:
    return LogoError(f"The PNG is damaged: {reason}.", remedy="Save it again as PNG.")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each chunk up to IEND. A wrong checksum counts only where the chunk is needed to draw."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            raise damaged(f"it is truncated inside its {kind.decode('latin-1')!r} chunk")
        content = data[at + 8 : end]
        needed = not kind[0] & 0x20 or kind == b"tRNS"
        if needed and zlib.crc32(content, zlib.crc32(kind)) != int.from_bytes(data[end : end + 4]):
            raise damaged(f"the checksum of its {kind.decode('latin-1')!r} chunk is wrong")
        yield kind, content
        if kind == b"IEND":
            return
        at = end + 4
    raise damaged("it is truncated: its end (IEND) is missing")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))


def _foreign(data: bytes) -> LogoError:
    if not data:
        return LogoError("The file is empty.", remedy="Choose a PNG file.")
    if data[1:4] == b"PNG" or b"IHDR" in data[:24]:
        return LogoError(
            "The first bytes of the PNG are damaged, as when a file is transferred as text.",
            remedy="Transfer it again in binary mode.",
        )
    kind = _kind_of(data)
    if kind:
        return LogoError(f"This is {kind}.", remedy="Save it as PNG.")
    return LogoError("This is not a PNG.", remedy="Choose a PNG file.")


def _kind_of(data: bytes) -> str:
    """A file's format in words, by its first bytes; empty when it is none that people take for a logo."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "a WebP"
    if data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1"):
        return "an AVIF or HEIC"
    beginnings = {
        b"\xff\xd8\xff": "a JPEG",
        b"GIF8": "a GIF",
        b"BM": "a BMP",
        b"II*\0": "a TIFF",
        b"MM\0*": "a TIFF",
        b"\0\0\1\0": "an icon file (ICO)",
        b"%PDF": "a PDF",
        b"\x8aMNG": "an MNG animation",
    }
    for beginning, kind in beginnings.items():
        if data.startswith(beginning):
            return kind
    text = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "an SVG" if text.startswith(b"<") and b"<svg" in text else ""
