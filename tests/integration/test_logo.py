"""Logos: what is a PNG of the allowed size gets in with every pixel right; all else is refused with the reason.

The files are made here, sample by sample, so that the expected pixels come from the PNG specification and not from
the library under test. The damaged ones follow the catalogue of the public PNG test suite (PngSuite, files x*.png).
"""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import LogoError
from core.integration.logo import COLOURS, MAX_BYTES, initials, initials_logo, logo_thumbnail, read_logo
from core.integration.png import SIGNATURE

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
ALLOWED = [(GREY, d) for d in (1, 2, 4, 8, 16)] + [(RGB, 8), (RGB, 16)] + [(PALETTE, d) for d in (1, 2, 4, 8)]
ALLOWED += [(GREY_ALPHA, 8), (GREY_ALPHA, 16), (RGB_ALPHA, 8), (RGB_ALPHA, 16)]
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
Sample = Callable[[int, int, int], int]


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def header(width: int = 64, height: int = 64, depth: int = 8, colour: int = GREY, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def sample(x: int, y: int, channel: int) -> int:
    """A pattern in which neighbours, rows and channels differ, in 16 bits."""
    return (x * 7919 + y * 104_729 + channel * 15_485_863 + (x * y) % 251) % 65_536


def scanlines(width: int, height: int, depth: int, colour: int, interlaced: bool, at: Sample = sample) -> bytes:
    """The pixel data before compression, with filter 0: PNG specification, sections 7.2 and 8.1."""
    out = bytearray()
    for left, top, across, down in PASSES if interlaced else ((0, 0, 1, 1),):
        for y in range(top, height, down):
            columns = range(left, width, across)
            if not columns:
                continue
            samples = [at(x, y, channel) >> (16 - depth) for x in columns for channel in range(CHANNELS[colour])]
            bits = "".join(f"{value:0{depth}b}" for value in samples)
            bits += "0" * (-len(bits) % 8)
            out += b"\0" + int(bits, 2).to_bytes(len(bits) // 8)
    return bytes(out)


def palette(depth: int) -> bytes:
    return bytes(value for index in range(1 << depth) for value in (index, 255 - index, (index * 37) % 256))


def png(
    width: int = 64,
    height: int = 64,
    depth: int = 8,
    colour: int = GREY,
    interlaced: bool = False,
    *,
    before: bytes = b"",
    trns: bytes | None = None,
    at: Sample = sample,
) -> bytes:
    """A valid file; `before` are extra chunks ahead of the pixel data."""
    parts = [SIGNATURE, header(width, height, depth, colour, int(interlaced)), before]
    if colour == PALETTE:
        parts.append(chunk(b"PLTE", palette(depth)))
    if trns is not None:
        parts.append(chunk(b"tRNS", trns))
    pixels = zlib.compress(scanlines(width, height, depth, colour, interlaced, at))
    return b"".join([*parts, chunk(b"IDAT", pixels[:100]), chunk(b"IDAT", pixels[100:]), chunk(b"IEND")])


def eight_bits(value: int, depth: int) -> int:
    top = value >> (16 - depth)
    return top >> 8 if depth == 16 else top * 255 // ((1 << depth) - 1)


def expected(x: int, y: int, depth: int, colour: int) -> tuple[int, int, int, int]:
    values = [eight_bits(sample(x, y, channel), depth) for channel in range(CHANNELS[colour])]
    if colour == PALETTE:
        index = sample(x, y, 0) >> (16 - depth)
        return (index, 255 - index, (index * 37) % 256, 255)
    if colour in (GREY, GREY_ALPHA):
        return (values[0], values[0], values[0], values[1] if colour == GREY_ALPHA else 255)
    return (values[0], values[1], values[2], values[3] if colour == RGB_ALPHA else 255)


def pixel(png_bytes: bytes, x: int, y: int) -> tuple[int, ...]:
    value = opened(png_bytes).convert("RGBA").getpixel((x, y))
    assert isinstance(value, tuple)
    return tuple(map(int, value))


def opened(png_bytes: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png_bytes))
    image.load()
    return image


def refusal(data: bytes) -> str:
    with pytest.raises(LogoError) as caught:
        read_logo(data)
    assert caught.value.what.endswith(".")
    assert caught.value.remedy.endswith(".")
    return str(caught.value)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("colour", "depth"), ALLOWED)
def test_every_kind_of_png_comes_in_with_every_pixel_right(colour: int, depth: int, interlaced: bool):
    logo = read_logo(png(67, 65, depth, colour, interlaced))
    assert (logo.width, logo.height) == (67, 65)
    image = opened(logo.png)
    assert image.size == (67, 65)
    assert image.mode == ("RGBA" if colour in (GREY_ALPHA, RGB_ALPHA) else "RGB")
    rgba = image.convert("RGBA")
    got = {(x, y): rgba.getpixel((x, y)) for y in range(65) for x in range(67)}
    assert got == {(x, y): expected(x, y, depth, colour) for y in range(65) for x in range(67)}


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_the_transparent_shade_of_a_grey_picture_is_transparent_and_no_other(depth: int):
    shade = sample(0, 0, 0) >> (16 - depth)
    logo = read_logo(png(64, 64, depth, GREY, trns=struct.pack(">H", shade)))
    assert pixel(logo.png, 0, 0)[3] == 0
    other = next((x, y) for y in range(64) for x in range(64) if sample(x, y, 0) >> (16 - depth) >> 8 != shade >> 8
                 or (depth < 16 and sample(x, y, 0) >> (16 - depth) != shade))  # fmt: skip
    assert pixel(logo.png, *other) == expected(*other, depth, GREY)


def test_of_a_transparent_shade_only_the_bits_of_the_depth_count():
    shade = sample(9, 9, 0) >> 12
    assert pixel(read_logo(png(depth=4, trns=struct.pack(">H", 0xABC0 | shade))).png, 9, 9)[3] == 0


@pytest.mark.parametrize("depth", [8, 16])
def test_the_transparent_colour_of_a_colour_picture_is_transparent_and_no_other(depth: int):
    colour = [sample(9, 9, channel) >> (16 - depth) for channel in range(3)]
    logo = read_logo(png(64, 64, depth, RGB, trns=struct.pack(">HHH", *colour)))
    assert pixel(logo.png, 9, 9)[3] == 0
    assert pixel(logo.png, 10, 9) == expected(10, 9, depth, RGB)


@pytest.mark.parametrize("entries", [1, 3, 16, 40])
def test_a_palette_s_transparency_counts_for_the_entries_it_names(entries: int):
    logo = read_logo(png(64, 64, 4, PALETTE, trns=bytes([128] * entries)))
    for x in range(64):
        index = sample(x, 0, 0) >> 12
        assert pixel(logo.png, x, 0)[3] == (128 if index < entries else 255)


def test_nothing_but_pixels_is_kept():
    secret = b"GPS and the author's name"
    extra = chunk(b"tEXt", b"Author\0" + secret) + chunk(b"eXIf", b"MM\0*" + secret) + chunk(b"gAMA", b"\0\0\xb1\x8f")
    extra += chunk(b"iCCP", b"p\0\0" + zlib.compress(secret)) + chunk(b"pHYs", b"\0\0\x0b\x13\0\0\x0b\x13\1")
    logo = read_logo(png(before=extra) + b"<script>behind the end</script>")
    kinds = [logo.png[at + 4 : at + 8] for at in chunk_starts(logo.png)]
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
    assert secret not in logo.png
    assert b"script" not in logo.png
    assert opened(logo.png).info == {}


def chunk_starts(data: bytes) -> list[int]:
    starts = [8]
    while starts[-1] < len(data):
        starts.append(starts[-1] + 12 + int.from_bytes(data[starts[-1] : starts[-1] + 4]))
    return starts[:-1]


def test_a_text_that_unpacks_to_gigabytes_does_no_harm():
    bomb = b"Comment\0\0" + zlib.compress(b"\0" * 50_000_000, 9)
    assert read_logo(png(before=chunk(b"zTXt", bomb))).width == 64


def test_reading_a_logo_again_gives_the_same_logo():
    once = read_logo(png(colour=RGB_ALPHA))
    assert read_logo(once.png) == once


@pytest.mark.parametrize(("width", "height"), [(64, 64), (2048, 64), (64, 2048), (2048, 2048)])
def test_sides_at_the_limits_are_allowed(width: int, height: int):
    data = png(width, height, 1, GREY, at=lambda x, y, channel: 0)
    assert (read_logo(data).width, read_logo(data).height) == (width, height)


@pytest.mark.parametrize(("width", "height"), [(63, 64), (64, 63), (32, 32), (1, 1), (2049, 64), (64, 2049)])
def test_sides_beyond_the_limits_are_refused_with_the_size(width: int, height: int):
    data = png(width, height, 1, GREY, at=lambda x, y, channel: 0)
    assert f"{width:,} x {height:,} pixels; each side must have 64 to 2,048" in refusal(data)


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (2**32 - 1, 64)])
def test_a_bomb_is_refused_by_its_header_alone(width: int, height: int):
    data = SIGNATURE + header(width, height) + chunk(b"IDAT", b"never decompressed") + chunk(b"IEND")
    assert f"{width:,} x {height:,}" in refusal(data)


def test_pixel_data_beyond_what_the_size_calls_for_is_never_unpacked():
    honest = zlib.compress(scanlines(64, 64, 8, GREY, False) + b"\0" * 100_000_000, 9)
    data = SIGNATURE + header() + chunk(b"IDAT", honest) + chunk(b"IEND")
    tracemalloc.start()
    try:
        assert read_logo(data).width == 64
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_file_of_one_mebibyte_is_allowed_and_a_byte_more_is_not():
    small = png()
    padded = png(before=chunk(b"teSt", b"\0" * (MAX_BYTES - len(small) - 12)))
    assert len(padded) == MAX_BYTES
    assert read_logo(padded).width == 64
    assert "1,048,577 bytes; at most 1,048,576 (1 MiB)" in refusal(padded + b"\0")


def saved_as(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "named"),
    [("JPEG", "a JPEG"), ("GIF", "a GIF"), ("WEBP", "a WebP"), ("BMP", "a BMP"), ("TIFF", "a TIFF"), ("PDF", "a PDF")],
)
def test_another_format_is_called_by_its_name_whatever_the_file_was_called(kind: str, named: str):
    assert refusal(saved_as(kind)) == f"This is {named}. Save it as PNG."


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xef\xbb\xbf\n <?xml version='1.0'?><!-- a logo --><SVG/>",
    ],
)
def test_an_svg_is_called_by_its_name(data: bytes):
    assert refusal(data) == "This is an SVG. Save it as PNG."


@pytest.mark.parametrize("data", [b"\0" * 100, b"hello", b"<html></html>", b"\x89", b"PNG"])
def test_anything_else_is_no_png(data: bytes):
    assert refusal(data) == "This is not a PNG. Choose a PNG file."


def test_an_empty_file_is_said_to_be_empty():
    assert refusal(b"") == "The file is empty. Choose a PNG file."


def test_an_animation_is_refused():
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    assert refusal(out.getvalue()) == "The PNG is animated. Save a still picture."


WHOLE = png()
PIXELS = zlib.compress(scanlines(64, 64, 8, GREY, False))


def file_of(*chunks: bytes) -> bytes:
    return b"".join([SIGNATURE, *chunks, chunk(b"IEND")])


DAMAGED = {
    "xs1 first byte of the signature": (b"\x09" + WHOLE[1:], "first bytes"),
    "xs2 second byte of the signature": (WHOLE[:1] + b"Q" + WHOLE[2:], "first bytes"),
    "xs4 fourth byte of the signature": (WHOLE[:3] + b"g" + WHOLE[4:], "first bytes"),
    "xs7 seventh byte of the signature": (WHOLE[:6] + b" " + WHOLE[7:], "first bytes"),
    "xcr carriage returns added": (WHOLE.replace(b"\n", b"\r\n"), "first bytes"),
    "xlf carriage returns removed": (WHOLE.replace(b"\r\n", b"\n"), "first bytes"),
    "xhd checksum of the header": (WHOLE[:29] + b"\0\0\0\0" + WHOLE[33:], "checksum of its 'IHDR'"),
    "xcs checksum of the pixels": (WHOLE.replace(chunk(b"IEND"), b"")[:-4] + b"\0\0\0\0" + chunk(b"IEND"), "'IDAT'"),
    "xc1 colour type 1": (file_of(header(colour=1), chunk(b"IDAT", PIXELS)), "colour type 1,"),
    "xc9 colour type 9": (file_of(header(colour=9), chunk(b"IDAT", PIXELS)), "colour type 9,"),
    "xd0 bit depth 0": (file_of(header(depth=0), chunk(b"IDAT", PIXELS)), "bit depth of 0"),
    "xd3 bit depth 3": (file_of(header(depth=3), chunk(b"IDAT", PIXELS)), "bit depth of 3"),
    "xd9 bit depth 99": (file_of(header(depth=99), chunk(b"IDAT", PIXELS)), "bit depth of 99"),
    "a depth its colour type does not have": (file_of(header(depth=4, colour=RGB), chunk(b"IDAT", PIXELS)), "of 4"),
    "xdt no pixel data": (file_of(header()), "no pixel data"),
    "no header": (file_of(chunk(b"IDAT", PIXELS)), "does not begin with its header"),
    "two headers": (file_of(header(), header(), chunk(b"IDAT", PIXELS)), "second header"),
    "a short header": (file_of(chunk(b"IHDR", b"\0" * 12), chunk(b"IDAT", PIXELS)), "wrong length"),
    "nothing in it": (file_of(), "header"),
    "a width of 0": (file_of(header(width=0), chunk(b"IDAT", PIXELS)), "width or height of 0"),
    "an unknown interlacing": (file_of(header(interlaced=2), chunk(b"IDAT", PIXELS)), "interlace"),
    "no palette": (file_of(header(colour=PALETTE), chunk(b"IDAT", PIXELS)), "palette"),
    "a torn palette": (file_of(header(colour=PALETTE), chunk(b"PLTE", b"1234"), chunk(b"IDAT", PIXELS)), "palette"),
    "a torn transparent colour": (file_of(header(), chunk(b"tRNS", b"1"), chunk(b"IDAT", PIXELS)), "tRNS"),
    "an unknown extension": (file_of(chunk(b"CgBI", b"1234"), header(), chunk(b"IDAT", PIXELS)), "begin with its"),
    "an unknown part": (file_of(header(), chunk(b"NEED", b""), chunk(b"IDAT", PIXELS)), "unknown extension 'NEED'"),
    "rows missing": (file_of(header(height=65), chunk(b"IDAT", PIXELS)), "truncated: 4,160 of 4,225 bytes"),
    "pixels cut off": (file_of(header(), chunk(b"IDAT", PIXELS[:-30])), "truncated"),
    "pixels that are no zlib": (file_of(header(), chunk(b"IDAT", b"garbage")), "decompressed"),
    "a wrong zlib checksum": (file_of(header(), chunk(b"IDAT", PIXELS[:-4] + b"\0\0\0\0")), "decompressed"),
    "a filter that does not exist": (
        file_of(header(), chunk(b"IDAT", zlib.compress((b"\x07" + b"a" * 64) * 64))),
        "cannot be decoded",
    ),
}


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_png_is_refused_with_what_is_wrong(fault: str):
    data, reason = DAMAGED[fault]
    assert reason in refusal(data)


def test_a_file_cut_off_anywhere_is_refused():
    for length in range(1, len(WHOLE)):
        assert "truncated" in refusal(WHOLE[:length]) or length <= 8 + 12


def test_a_wrong_checksum_of_a_part_that_is_not_drawn_does_not_matter():
    text = bytearray(chunk(b"tEXt", b"Comment\0hello"))
    text[-1] ^= 1
    assert read_logo(png(before=bytes(text))).width == 64


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
@settings(max_examples=300)
def test_a_flipped_byte_gives_a_logo_or_a_reason_and_nothing_else(at: int, bits: int):
    data = bytearray(WHOLE)
    data[at] ^= bits
    try:
        logo = read_logo(bytes(data))
    except LogoError:
        return
    assert opened(logo.png).size == (64, 64)


@given(st.binary(max_size=300))
def test_any_bytes_behind_the_signature_give_a_reason(junk: bytes):
    refusal(SIGNATURE + junk)


@pytest.mark.parametrize(("width", "height", "margin"), [(64, 64, (0, 0)), (128, 64, (0, 24)), (64, 128, (24, 0))])
def test_a_thumbnail_is_square_with_the_whole_logo_in_the_middle(width: int, height: int, margin: tuple[int, int]):
    red = png(width, height, 8, RGB, at=lambda x, y, channel: 65_535 if channel == 0 else 0)
    thumbnail = opened(logo_thumbnail(read_logo(red).png, 96))
    assert (thumbnail.size, thumbnail.mode) == ((96, 96), "RGBA")
    assert thumbnail.getchannel("A").getbbox() == (margin[0], margin[1], 96 - margin[0], 96 - margin[1])
    assert thumbnail.getpixel((48, 48)) == (255, 0, 0, 255)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", COLOURS)
def test_white_initials_can_be_read_on_every_colour(colour: str):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_the_colours_of_marks_differ():
    assert len(set(COLOURS)) == len(COLOURS)
    assert all(one != other for one, other in pairwise(COLOURS))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Acme Messaging", "AM"),
        ("acme", "A"),
        ("The Very Long Name", "TV"),
        ("Élan vital", "EV"),
        ("3rd party", "3P"),
        ("Acme-Mail", "AM"),
        ("Ａｃｍｅ", "A"),
        ("日本 Labs", "L"),
        ("日本", ""),
        ("", ""),
        ("!?", ""),
    ],
)
def test_initials_are_those_of_the_first_words(name: str, letters: str):
    assert initials(name) == letters


@pytest.mark.parametrize("name", ["Acme Messaging", "WWW Wide", "日本", "", "\ud800"])
def test_a_mark_is_a_logo_that_could_have_been_uploaded_with_something_on_it(name: str):
    mark = initials_logo(name)
    logo = read_logo(mark)
    assert (logo.width, logo.height) == (256, 256)
    image = opened(mark)
    background = image.getpixel((2, 2))
    assert background in {tuple(bytes.fromhex(colour[1:])) for colour in COLOURS}
    assert image.getpixel((253, 253)) == background
    assert (255, 255, 255) in {colour for _count, colour in image.getcolors(70_000) or []}


def test_a_mark_is_the_same_each_time_and_for_every_way_of_writing_the_name():
    assert initials_logo("Acme Messaging") == initials_logo("Acme Messaging") == initials_logo("ACME messaging")


def test_names_spread_over_the_colours():
    used = {opened(initials_logo(f"Name {number}")).getpixel((2, 2)) for number in range(60)}
    assert len(used) >= 8
