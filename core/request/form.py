"""A rendered JSON object as an HTML form (application/x-www-form-urlencoded)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

from core.template import outside_marks


class NotAnObject(ValueError):
    """The payload of a form endpoint is not a JSON object at its top level."""


def form_body(payload: str) -> str:
    """Each key of the payload's top-level object as a field; an array repeats the key; deeper values as JSON text."""
    document = json.loads(payload, parse_int=str, parse_float=str, object_pairs_hook=_Pairs)
    if not isinstance(document, _Pairs):
        raise NotAnObject("a form needs a JSON object at its top level")
    fields = [(key, text) for key, value in document for text in _texts(value)]
    return "&".join(f"{outside_marks(key, _encoded)}={outside_marks(text, _encoded)}" for key, text in fields)


class _Pairs(list[tuple[str, Any]]):
    """An object's members in order, told apart from an array."""


def _texts(value: Any) -> list[str]:
    if isinstance(value, list) and not isinstance(value, _Pairs):
        return [_text(element) for element in value]
    return [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, _Pairs):
        return {key: _plain(inner) for key, inner in value}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _encoded(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")
