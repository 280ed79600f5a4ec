"""Hides secrets in texts that come from outside: responses, error messages, anything a destination may echo."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from core.request.rendered import MASK

SHORTEST = 4
"""Secrets shorter than this are not searched for: they would blot out ordinary text."""


class Masker:
    """Replaces every occurrence of a secret: plain, URL-encoded, JSON-escaped and in Base64 at any alignment."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {spelling for secret in secrets if len(secret) >= SHORTEST for spelling in _spellings(secret)}
        self._spellings = sorted(found, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for spelling in self._spellings:
            if spelling in text:
                text = text.replace(spelling, MASK)
        return text


def _spellings(secret: str) -> set[str]:
    spellings = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
    spellings |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    spellings |= {spelling.lower() for spelling in spellings if "%" in spelling}
    raw = secret.encode()
    for shift in range(3):
        # The characters of Base64 that depend on the secret alone, whatever stands before and after it.
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        start = (0, 2, 3)[shift]
        whole = encoded[start : len(encoded) - (1 if (len(raw) + shift) % 3 else 0)]
        if len(whole) >= 2 * SHORTEST:
            spellings |= {whole, whole.replace("+", "-").replace("/", "_")}
    return spellings
