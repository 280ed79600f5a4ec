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


class Masker:
    """Replaces every occurrence of a secret: plain, URL-encoded, escaped for JSON or HTML, in Base64 at any offset."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {spelling for secret in secrets if len(secret) >= SHORTEST for spelling in _spellings(secret)}
        self._spellings = sorted(found, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for spelling in self._spellings:
            if spelling in text:
                text = text.replace(spelling, MASK)
        return text


def _lower_escapes(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), text)


def _as_in_html(escaped: str) -> str:
    """JSON that may stand in HTML: <, > and & as escapes, as several servers write it."""
    return re.sub("[<>&]", lambda match: f"\\u{ord(match[0]):04x}", escaped)


def _spellings(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    spellings = {secret, quote(raw), quote_plus(raw), *(quote(raw, safe=safe) for safe in ("", "!'()*", "!'()*/"))}
    spellings |= {_lower_escapes(spelling) for spelling in spellings}
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
