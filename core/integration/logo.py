"""Logos: an uploaded PNG in, a clean PNG of known size out; and the mark of an integration that has none.

Nothing of the upload but its pixels gets through: the container is checked first (png.py), then only the parts that
are needed to draw it are decoded, and the picture is encoded anew. Source: the product's design, section 8.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps

from core.errors import LogoError
from core.integration.png import GREY, RGB, PngFile, damaged, read_png

MAX_BYTES = 1024 * 1024
MIN_SIDE = 64
MAX_SIDE = 2048
INITIALS_SIDE = 256

# White text on each of these has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3).
COLOURS = (
    "#0b5fb0", "#1d6b3c", "#8a3b12", "#7a2e8e", "#a3264f", "#0f6b74",
    "#5a4fcf", "#6b5a10", "#b3261e", "#3f5566", "#2f6f1f", "#924a78",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo that may be shown and stored: `png` holds pixels and nothing else. Sides in pixels."""

    png: bytes
    width: int
    height: int


def read_logo(data: bytes) -> Logo:
    """Check an uploaded file and encode it anew, as RGBA if any of it is transparent, as RGB otherwise.

    Raises LogoError, with the reason, for anything but a whole, still PNG of at most 1 MiB whose sides are between
    64 and 2048 pixels. 16-bit samples keep their upper byte.
    """
    if len(data) > MAX_BYTES:
        raise LogoError(
            f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} (1 MiB) are allowed.",
            remedy="Save it smaller, for example 512 x 512 pixels.",
        )
    png = read_png(data)
    if png.animated:
        raise LogoError("The PNG is animated.", remedy="Save a still picture.")
    if not (MIN_SIDE <= png.width <= MAX_SIDE and MIN_SIDE <= png.height <= MAX_SIDE):
        raise LogoError(
            f"The picture has {png.width:,} x {png.height:,} pixels; each side must have {MIN_SIDE} to {MAX_SIDE:,}.",
            remedy="Save it in another size, for example 512 x 512 pixels.",
        )
    return Logo(_encode(decode(png)), png.width, png.height)


def decode(png: PngFile) -> Image.Image:
    """The picture as RGB or RGBA. Raises LogoError when the pixel data is not whole."""
    png.check_pixels()
    try:
        with Image.open(io.BytesIO(png.bare()), formats=["PNG"]) as image:
            image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise damaged("its pixels cannot be decoded") from error
    picture: Image.Image = image
    if image.mode == "I;16":  # little-endian; Pillow's own conversion would clip instead of scaling
        picture = Image.frombytes("L", image.size, image.tobytes()[1::2])
    if png.transparency and png.colour in (GREY, RGB):
        picture.info["transparency"] = _transparent_colour(png)
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def logo_thumbnail(png: bytes, size: int) -> bytes:
    """A stored logo as a PNG of `size` x `size` pixels: the whole picture, centred, the rest transparent."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        fitted = ImageOps.contain(image.convert("RGBA"), (size, size), Image.Resampling.LANCZOS)
    canvas = Image.new("RGBA", (size, size))
    canvas.paste(fitted, ((size - fitted.width) // 2, (size - fitted.height) // 2))
    return _encode(canvas)


def initials_logo(name: str) -> bytes:
    """The mark of an integration without a logo: a PNG of 256 x 256 pixels, the same for the same name.

    White initials of the first two words on a colour chosen by the name; a ring for a name without Latin initials.
    """
    colour = COLOURS[hashlib.sha256(_folded(name).encode("utf-8", "replace")).digest()[0] % len(COLOURS)]
    image = Image.new("RGB", (INITIALS_SIDE, INITIALS_SIDE), colour)
    draw = ImageDraw.Draw(image)
    middle = INITIALS_SIDE / 2
    text = initials(name)
    if text:
        draw.text((middle, middle), text, fill="white", anchor="mm", font=ImageFont.load_default(INITIALS_SIDE * 0.45))
    else:
        draw.circle((middle, middle), INITIALS_SIDE * 0.22, outline="white", width=round(INITIALS_SIDE * 0.08))
    return _encode(image)


def initials(name: str) -> str:
    """At most two capital letters or digits, of the first words that begin with one: `Élan vital` -> `EV`.

    Accents go, since the font that Pillow bundles has ASCII only.
    """
    words = re.findall(r"\w+", _folded(name))
    return "".join(word[0] for word in words if word[0].isascii() and word[0].isalnum())[:2].upper()


def _folded(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char)).strip()


def _transparent_colour(png: PngFile) -> int | tuple[int, ...]:
    """The transparent colour as 8-bit samples; the file has it in 16 bits, of which `depth` count."""
    largest = (1 << png.depth) - 1
    samples = (int.from_bytes(png.transparency[at : at + 2]) & largest for at in range(0, len(png.transparency), 2))
    scaled = tuple(sample >> 8 if png.depth == 16 else sample * 255 // largest for sample in samples)
    return scaled[0] if png.colour == GREY else scaled


def _encode(image: Image.Image) -> bytes:
    image.info.clear()
    out = io.BytesIO()
    image.save(out, format="PNG")
    return out.getvalue()
