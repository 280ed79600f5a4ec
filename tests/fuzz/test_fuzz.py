"""Whatever comes in from outside ends in a result or in one of the package's own errors: no crash, no hang.

Bounded: a few hundred examples each. The harnesses beside this file go on for as long as one likes, guided by coverage.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.cohort import read_columns, read_operations, read_snapshot
from core.errors import CohortFileError, DocumentError, LogoError
from core.integration import Integration, check, load_integration
from core.integration.document import parse_json_object, validate
from core.integration.logo import read_logo
from core.request import Connection, problems_of
from core.template import (
    Items,
    Names,
    TemplateError,
    ValueFault,
    Variable,
    compile_json,
    compile_text,
    compile_url,
    to_bytes,
)

many = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
NAMES = Names(
    {
        "name": Variable("name"),
        "count": Variable("count", "number"),
        "on": Variable("on", "boolean", required=False),
        "items": Variable("items", "items"),
        "region": Variable("region", host_safe=True),
    },
    {"title": "name"},
    {"list_id": "the list has no id yet."},
)
SCOPE = {"name": 'a"\\/ é\ud800', "count": "007", "on": None, "items": Items(['"a"', '"b"']), "region": "eu"}

any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=80)
pieces = st.sampled_from(
    ["$name", "${name|trim|sha256}", "$items", "${items|join:,}", "${items|query:id}", "$$", "$on", "$count", "$nmae",
     "{", "}", "[", "]", '"', ",", ":", "\\", "\\u00", "https://", "/", "?", "&", "@", "#", "%", "[::1]",
     "$region.a.test", "//x", "/*", "null", "-1.0e+5", "\n", "\x00", "\ud800", "🎉", " "]
)  # fmt: skip
templates = st.one_of(any_text, st.lists(pieces, max_size=20).map("".join))


def one_sentence(error: Exception) -> None:
    """What a user reads is prose, not a traceback."""
    text = str(error)
    assert text
    assert "Traceback" not in text
    assert 'File "' not in text


@many
@given(templates)
def test_any_text_as_a_payload_compiles_to_json_or_tells_its_mistakes(text: str) -> None:
    try:
        json.loads(to_bytes(compile_json(text, NAMES).render(SCOPE)))
    except (TemplateError, ValueFault) as error:
        one_sentence(error)
        # One behind the end is the place where something is missing.
        for mistake in getattr(error, "mistakes", ()):
            assert 0 <= mistake.start <= mistake.end <= len(text) + 1


@many
@given(templates, st.booleans())
def test_any_text_as_a_url_renders_to_a_url_on_the_written_host_or_tells_its_mistakes(text: str, scheme: bool) -> None:
    text = f"https://api.example.test/{text}" if scheme else text
    try:
        url = compile_url(text, NAMES).render(SCOPE)
    except (TemplateError, ValueFault) as error:
        one_sentence(error)
        return
    assert url.isascii() or not scheme
    assert not any(char in url for char in "\r\n\0 ")
    assert not scheme or url.startswith("https://api.example.test/")


@many
@given(templates, st.sampled_from(["header", "text"]))
def test_any_text_as_a_header_stays_one_line_or_tells_its_mistakes(text: str, place: Any) -> None:
    try:
        rendered = compile_text(text, NAMES, place).render(SCOPE)
    except (TemplateError, ValueFault) as error:
        one_sentence(error)
        return
    assert place == "text" or not any(char in rendered for char in "\r\n\0")


cells = st.text(st.sampled_from('ab"\n\r,;\t| é\0\ufeff0'), max_size=6)
rows = st.lists(st.lists(cells, max_size=4), max_size=6)
delimiters = st.sampled_from([",", ";", "\t", "|", "\r\n"])
csv_like = st.builds(
    lambda head, body, delimiter: "\n".join(delimiter.join(row) for row in (head, *body)),
    st.sampled_from([["id"], ["id", "email"], ["operation", "id"], ["id", "id"], [""], ['"id"', "x"]]),
    rows,
    delimiters,
)
encodings = st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "latin-1", "utf-32"])
as_bytes = st.builds(lambda text, encoding: text.encode(encoding, "replace"), csv_like, encodings)


def _parquet() -> bytes:
    file = io.BytesIO()
    pd.DataFrame({"id": ["a", "b", "a"], "n": [1, 2.5, None]}).to_parquet(file)
    return file.getvalue()


def damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with a few of them changed, or cut off."""

    def change(changes: list[tuple[int, int]], end: int) -> bytes:
        content = bytearray(whole)
        for at, value in changes:
            content[at % len(content)] = value
        return bytes(content[: len(content) - end] if end else content)

    places = st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255))
    return st.builds(change, st.lists(places, max_size=4), st.sampled_from([0, 0, 0, 1, 7, len(whole) // 2]))


cohort_files = st.one_of(st.binary(max_size=200), as_bytes, as_bytes.map(gzip.compress), damaged(_parquet()))
names = st.sampled_from(["", "day-1.csv", "day-1.tsv", "day-1.csv.gz", "day-1.parquet"])
Reader = Callable[..., Any]


@many
@given(cohort_files, names, st.sampled_from([read_snapshot, read_operations]))
def test_any_bytes_as_a_cohort_are_accounted_for_or_refused(content: bytes, name: str, read: Reader) -> None:
    try:
        columns = read_columns(content, name=name)
        report = read(content, columns[0], name=name).report
    except CohortFileError as error:
        one_sentence(error)
        return
    assert report.rows == report.members + report.duplicates + report.empty_keys


def _png() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 64), 40).convert("RGBA").save(file, "PNG")
    return file.getvalue()


def _checksum(content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(content))


chunk_kinds = st.sampled_from([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"iCCP", b"eXIf", b"ABCD"])
chunk = st.builds(
    lambda kind, content: (
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    ),
    chunk_kinds,
    st.one_of(st.binary(max_size=40), st.binary(max_size=40).map(zlib.compress)),
)
chunks = st.lists(chunk, max_size=6).map(b"".join)


@many
@given(st.one_of(st.binary(max_size=100), damaged(_png()), chunks.map(lambda rest: _png()[:33] + rest)))
def test_any_bytes_as_a_logo_are_a_clean_png_or_refused(content: bytes) -> None:
    try:
        logo = read_logo(content)
    except LogoError as error:
        one_sentence(error)
        return
    with Image.open(io.BytesIO(logo.png)) as image:
        image.load()
        assert image.size == (logo.width, logo.height)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)
DOCUMENT = Integration().model_dump(mode="json")
TEXTS = st.one_of(any_text, templates)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A document with a few of its places replaced, or any bytes at all."""
    if draw(st.booleans()):
        return draw(st.one_of(st.binary(max_size=100), json_values.map(lambda value: json.dumps(value).encode())))
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    document["custom_fields"] = [{"variable": "key", "display_name": "Key", "pattern": draw(TEXTS)}]
    document["mapping_fields"] = [{"variable": draw(TEXTS), "display_name": "User", "pattern": draw(TEXTS)}]
    document["endpoints"]["create_list"] = {
        "url": draw(TEXTS), "payload": draw(TEXTS), "list_id_path": draw(TEXTS), "success_when": draw(TEXTS),
        "content_type": draw(TEXTS), "errors": [{"status": draw(json_values), "body": draw(json_values)}],
    }  # fmt: skip
    for place in draw(st.lists(st.sampled_from(sorted(document)), max_size=2)):
        document[place] = draw(json_values)
    return json.dumps(document).encode()


@many
@given(documents())
def test_any_bytes_as_a_document_load_and_are_checked_or_refused(content: bytes) -> None:
    try:
        integration = load_integration(content)
    except DocumentError as error:
        one_sentence(error)
        return
    for finding in check(integration).findings:
        assert finding.message
    problems_of(integration, Connection(fields={"key": "a" * 50 + "!"}), columns=["user_id"])


@many
@given(
    st.one_of(st.binary(max_size=100), st.dictionaries(any_text, json_values).map(lambda one: json.dumps(one).encode()))
)
def test_any_bytes_as_settings_load_or_are_refused(content: bytes) -> None:
    try:
        validate(Connection, parse_json_object(content, what="settings.json"), what="settings.json")
    except DocumentError as error:
        one_sentence(error)


def test_documents_nested_a_hundred_thousand_deep_are_refused() -> None:
    for opening in ("[", '{"a":', '{"endpoints":{"a":['):
        with contextlib.suppress(DocumentError):
            load_integration(opening * 100_000)
            raise AssertionError("it was taken")
        with contextlib.suppress(TemplateError):
            compile_json(opening * 100_000, NAMES)
            raise AssertionError("it was taken")
