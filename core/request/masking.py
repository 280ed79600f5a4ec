"""Hides secrets in texts that come from outside: responses, error messages, anything a destination may echo."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from core.request.rendered import MASK

SHORTEST = 4
"""Secrets shorter than this are not searched for: they would blot out ordinary text."""

_ESCAPE = re.compile(r"%[0-9A-F]{2}|\\u[0-9a-f]{4}")


class Masker:
    """Replaces every occurrence of a secret: plain, URL-encoded, escaped for JSON or HTML, in Base64 at any offset."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {spelling for secret in secrets if len(secret) >= SHORTEST for spelling in _spellings(secret)}
        ordered = sorted(found, key=len, reverse=True)
        self._plain = [spelling for spelling in ordered if not _ESCAPE.search(spelling)]
        self._escaped = [_in_either_case(spelling) for spelling in ordered if _ESCAPE.search(spelling)]

    def __call__(self, text: str) -> str:
        if "%" in text or "\\u" in text:
            for pattern in self._escaped:
                text = pattern.sub(MASK, text)
        for spelling in self._plain:
            if spelling in text:
                text = text.replace(spelling, MASK)
        return text


def _in_either_case(spelling: str) -> re.Pattern[str]:
    """Matches a spelling with the hexadecimal digits of its escapes in capitals or not."""
    parts: list[str] = []
    at = 0
    for escape in _ESCAPE.finditer(spelling):
        parts += [re.escape(spelling[at : escape.start()]), f"(?i:{re.escape(escape[0])})"]
        at = escape.end()
    return re.compile("".join([*parts, re.escape(spelling[at:])]))


def _spellings(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    spellings = {secret, quote(raw), quote_plus(raw), *(quote(raw, safe=safe) for safe in ("", "!'()*", "!'()*/"))}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    escaped |= {text.replace("/", "\\/") for text in escaped} | {_as_in_html(text) for text in escaped}
    spellings |= escaped | {html.escape(secret), html.escape(secret, quote=False)}
    for shift in range(3):
        # The characters of Base64 that depend on the secret alone, whatever stands before and after it.
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        start = (0, 2, 3)[shift]
        whole = encoded[start : len(encoded) - (1 if (len(raw) + shift) % 3 else 0)]
        if len(whole) >= SHORTEST:
            spellings |= {whole, whole.replace("+", "-").replace("/", "_")}
    return spellings


def _as_in_html(escaped: str) -> str:
    """JSON that may stand in HTML: <, > and & as escapes, as several servers write it."""
    return re.sub("[<>&]", lambda match: f"\\u{ord(match[0]):04x}", escaped)
