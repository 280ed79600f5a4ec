"""A rendered JSON object as an HTML form (application/x-www-form-urlencoded)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from core.template import outside_marks, rename_marks


class NotAnObject(ValueError):
    """The payload of a form endpoint is not a JSON object at its top level."""


def form_body(payload: str, secrets: Mapping[str, str] | None = None) -> str:
    """Each key of the payload's top-level object as a field; an array repeats the key; deeper values as JSON text.

    `secrets` has the values behind the payload's marks: one that a form encodes gets a mark that says so.
    """
    document = json.loads(payload, parse_int=_Literal, parse_float=_Literal, object_pairs_hook=_Pairs)
    if not isinstance(document, _Pairs):
        raise NotAnObject("a form needs a JSON object at its top level")

    def encoded(text: str, *, is_json: bool = False) -> str:
        def name(mark: str) -> str:
            mark = mark if is_json else mark.removesuffix("|json")
            raw = (secrets or {}).get(mark)
            return mark if raw is not None and _quoted(raw) == raw else f"{mark}|url"

        return outside_marks(rename_marks(text, name), _quoted)

    return "&".join(
        f"{encoded(key)}={encoded(text, is_json=is_json)}" for key, value in document for text, is_json in _texts(value)
    )


class _Literal(str):
    """A number as it is written."""


class _Pairs(list[tuple[str, Any]]):
    """An object's members in order, told apart from an array."""


def _texts(value: Any) -> list[tuple[str, bool]]:
    """The texts of a field, each with whether it is JSON."""
    if isinstance(value, list) and not isinstance(value, _Pairs):
        return [_text(element) for element in value]
    return [_text(value)]


def _text(value: Any) -> tuple[str, bool]:
    if value is None:
        return "", False
    return (value, False) if isinstance(value, str) else (_json(value), True)


def _json(value: Any) -> str:
    if isinstance(value, _Literal):
        return value
    if isinstance(value, _Pairs):
        return "{" + ",".join(f"{_json(key)}:{_json(inner)}" for key, inner in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _quoted(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")
