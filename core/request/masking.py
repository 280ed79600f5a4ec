"""Hides secrets in texts that come from outside: responses, error messages, anything a destination may echo."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterable
from html.entities import codepoint2name

from core.request.rendered import MASK

SHORTEST = 4
"""Secrets shorter than this are not searched for: they would blot out ordinary text."""

# Every count is bounded, so that a hostile text costs no more time than a friendly one of its length. Seven backslashes
# are JSON in JSON in JSON.
_PERCENT = "%(?:25){0,2}"
_U = r"\\{1,7}u"
_END = f"(?:;|{_PERCENT}3[Bb])"
_AND = rf"(?:&|{_U}0026|{_PERCENT}26)(?:amp{_END}){{0,2}}"
_HASH = f"(?:#|{_PERCENT}23)"
_SHORT_ESCAPES = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_NAMES = {ord("'"): "apos", **codepoint2name}


# The HTTP libraries log URLs and headers as they are, below the level of warnings; nobody's log may hold them.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)


class Masker:
    """Replaces every occurrence of a secret: plain, in Base64 at any offset or in hexadecimal; URL-encoded or escaped
    for JSON or HTML, wholly or in part, also several times over, as when one error quotes another.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        written = {spelling for secret in secrets if len(secret) >= SHORTEST for spelling in _written(secret)}
        self._plain = sorted(written, key=len, reverse=True)
        self._escaped = [_escaped(spelling) for spelling in self._plain if not _is_never_escaped(spelling)]

    def __call__(self, text: str) -> str:
        if any(sign in text for sign in "%\\&+"):
            for pattern in self._escaped:
                text = pattern.sub(MASK, text)
        for spelling in self._plain:
            if spelling in text:
                text = text.replace(spelling, MASK)
        return text


def _written(secret: str) -> set[str]:
    """The secret itself, in hexadecimal, and the characters of its Base64 that depend on it alone, whatever stands
    before and after it.
    """
    raw = secret.encode("utf-8", "surrogatepass")
    found = {secret, raw.hex(), raw.hex().upper(), json.dumps(secret)[1:-1]}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        start = (0, 2, 3)[shift]
        whole = encoded[start : len(encoded) - (1 if (len(raw) + shift) % 3 else 0)]
        if len(whole) >= SHORTEST:
            found |= {whole, whole.replace("+", "-").replace("/", "_")}
    return found


def _is_never_escaped(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _escaped(text: str) -> re.Pattern[str]:
    """Matches a text with each of its characters as it is or escaped."""
    return re.compile("".join(_spelled(piece) for piece in re.findall(r"\\+|[^\\]", text, re.DOTALL)))


def _spelled(piece: str) -> str:
    """Matches one character, or a run of backslashes, which nobody can tell apart when they are doubled."""
    if _is_never_escaped(piece):
        return piece
    char, count = piece[0], len(piece)
    code = ord(char)
    pairs = char.encode("utf-16-be", "surrogatepass").hex()
    in_url = "".join(f"{_PERCENT}(?i:{byte:02x})" for byte in char.encode("utf-8", "surrogatepass"))
    in_json = "".join(f"{_U}(?i:{pairs[at : at + 4]})" for at in range(0, len(pairs), 4))
    name = f"|{_NAMES[code]}" if code in _NAMES else ""
    in_html = f"{_AND}(?:{_HASH}0{{0,4}}{code}|{_HASH}[xX]0{{0,4}}(?i:{code:x}){name}){_END}"
    if char == "\\":
        return rf"(?:\\{{{count},{8 * count}}}|(?:{in_url}|{in_json}|{in_html}){{{count}}})"
    plain = [rf"\\{{0,7}}{re.escape(char)}" if char in "\"'/" else re.escape(char)]
    if char in _SHORT_ESCAPES:
        plain.append(rf"\\{{1,7}}{_SHORT_ESCAPES[char]}")
    if char == " ":
        plain.append(r"\+")
    return f"(?:{'|'.join((in_html, in_json, in_url, *plain))})"
