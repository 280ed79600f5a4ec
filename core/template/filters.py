"""The filters of `${name|filter|filter:argument}`: each turns one text into another, or says why it cannot.

Values travel as text with a kind beside them (string, number, boolean); a number keeps its digits as they were
written, so that 20-digit ids and `1.10` come out as they went in.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from core.template.names import Kind
from core.template.patterns import PatternError, fits

_NUMBER = re.compile(r"([+-]?)(\d+)((?:\.\d+)?(?:[eE][+-]?\d+)?)", re.ASCII)
_NOT_SLUG = re.compile(r"[^A-Za-z0-9_]+")
_TRUE = frozenset({"true", "1", "yes", "y", "on", "t"})
_FALSE = frozenset({"false", "0", "no", "n", "off", "f"})
SLUG_LENGTH = 100
_LAST_SECOND = 253_402_300_799  # the end of the year 9999


class UnreadableValue(ValueError):
    """A value that a filter or a value type cannot read; its text says so without quoting more than 40 characters."""


def _excerpt(text: str) -> str:
    shown = text if len(text) <= 40 else text[:39] + "…"
    return f'"{shown}"'


def number(text: str) -> str:
    """The JSON number of a decimal text: `007` -> `7`, `1.10` -> `1.10`, 20 digits keep all 20."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise UnreadableValue(f"{_excerpt(text)} is not a number")
    sign, whole, rest = match.groups()
    return f"{'-' if sign == '-' else ''}{whole.lstrip('0') or '0'}{rest}"


def boolean(text: str) -> str:
    """`true` or `false` of true/false, yes/no, on/off, 1/0 and their first letters, in any case."""
    word = text.strip().lower()
    if word in _TRUE:
        return "true"
    if word in _FALSE:
        return "false"
    raise UnreadableValue(f"{_excerpt(text)} is neither true nor false")


def _seconds(text: str) -> Decimal:
    try:
        seconds = Decimal(number(text))
        if 0 <= seconds <= _LAST_SECOND:
            return seconds
    except ArithmeticError:
        pass
    raise UnreadableValue(f"{_excerpt(text)} is not a time in Unix seconds")


def iso8601(text: str) -> str:
    """Unix seconds as a date and time in UTC: `1700000000` -> `2023-11-14T22:13:20Z`."""
    return datetime.fromtimestamp(int(_seconds(text)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def millis(text: str) -> str:
    """Unix seconds as whole milliseconds: `1700000000` -> `1700000000000`."""
    return str(int(_seconds(text) * 1000))


def slug(text: str) -> str:
    """NFKD, then each run of characters other than A-Za-z0-9_ becomes one hyphen; at most 100 characters.

    >>> slug("Saturday's cohort & héllo")
    'Saturday-s-cohort-he-llo'
    """
    return _NOT_SLUG.sub("-", unicodedata.normalize("NFKD", text))[:SLUG_LENGTH]


def digits(text: str) -> str:
    """The decimal digits of a text, of any script, as ASCII: `+1 (555) 010-42` -> `155501042`."""
    if text.isascii():
        return re.sub(r"[^0-9]", "", text)
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def md5(text: str) -> str:
    return hashlib.md5(_utf8(text), usedforsecurity=False).hexdigest()


def sha1(text: str) -> str:
    return hashlib.sha1(_utf8(text), usedforsecurity=False).hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(_utf8(text)).hexdigest()


def to_base64(text: str) -> str:
    return base64.b64encode(_utf8(text)).decode("ascii")


def email(text: str) -> str:
    return text.strip().lower()


def same(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of one value. `kind` is what it yields; `may_refuse`: it raises `UnreadableValue` for some values."""

    apply: Callable[[str], str]
    kind: Kind
    summary: str
    may_refuse: bool = False


FILTERS: dict[str, Filter] = {
    "trim": Filter(str.strip, "string", "without white space at both ends"),
    "lower": Filter(str.lower, "string", "in lower case"),
    "upper": Filter(str.upper, "string", "in upper case"),
    "slug": Filter(slug, "string", "letters, digits, _ and hyphens only"),
    "email": Filter(email, "string", "trimmed and in lower case"),
    "digits": Filter(digits, "string", "digits only"),
    "md5": Filter(md5, "string", "MD5 in hexadecimal"),
    "sha1": Filter(sha1, "string", "SHA-1 in hexadecimal"),
    "sha256": Filter(sha256, "string", "SHA-256 in hexadecimal"),
    "base64": Filter(to_base64, "string", "Base64 of the UTF-8 bytes"),
    "number": Filter(number, "number", "as a JSON number", may_refuse=True),
    "boolean": Filter(boolean, "boolean", "as true or false", may_refuse=True),
    "string": Filter(same, "string", "as a JSON string"),
    "iso8601": Filter(iso8601, "string", "Unix seconds as a date and time in UTC", may_refuse=True),
    "millis": Filter(millis, "number", "Unix seconds as milliseconds", may_refuse=True),
}
"""The filters without an argument, by name."""

WITH_ARGUMENT: dict[str, str] = {
    "default": "the text to use when there is no value, e.g. default:unknown",
    "join": "the separator, e.g. join:,",
    "query": "the parameter's name, e.g. query:id",
}
"""The filters with an argument, and what it is. `join` and `query` take $items, `default` any single value."""

ITEM_FILTERS = frozenset({"join", "query"})


def convert(text: str, kind: Kind) -> str:
    """The text of a value as the kind that its field declares. Raises `UnreadableValue`."""
    if kind == "number":
        return number(text)
    return boolean(text) if kind == "boolean" else text


def matching(text: str, pattern: str) -> str:
    """The text, when all of it matches a regular expression; a broken one, reported elsewhere, refuses nothing."""
    try:
        fitting = fits(pattern, text)
    except PatternError:
        return text
    if not fitting:
        raise UnreadableValue(f"{_excerpt(text)} does not have the expected form ({pattern})")
    return text
