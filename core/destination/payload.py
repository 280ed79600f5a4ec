"""The body of a request as the JSON value that its payload template describes: from JSON, or from an HTML form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from core.destination.exchange import Refusal
from core.template import JsonTemplate, Kind
from core.template.json_match import parse_json
from core.template.json_parser import Array, Node, Object, Raw, Slot, Text
from core.template.match import output_kind

Kinds = Mapping[str, Kind]


def json_document(body: bytes) -> Any:
    """The JSON value of a body, or a `Refusal` that says where reading stopped."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Refusal(400, f"The body is not UTF-8 (byte {error.start}).")
    try:
        return parse_json(text)
    except json.JSONDecodeError as error:
        what = "The body is empty; JSON is expected." if not text.strip() else f"The body is not JSON: {error.msg}"
        place = "" if not text.strip() else f" at line {error.lineno}, column {error.colno}."
        return Refusal(400, what + place)
    except ValueError as error:
        return Refusal(400, f"The body is not JSON: {error}.")


def form_document(body: bytes, payload: JsonTemplate, item: JsonTemplate | None, kinds: Kinds) -> Any:
    """The object that was turned into a form. A form knows texts only: the template says what they were before.

    `kinds` are those of variables that the template does not know. Or a `Refusal` for what is no form.
    """
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="surrogatepass")
    except ValueError:
        return Refusal(400, "The body is not a form (application/x-www-form-urlencoded).")
    fields: dict[str, list[str]] = {}
    for key, value in pairs:
        fields.setdefault(key, []).append(value)
    nodes = _fields_of(payload.root)
    document = {key: _field(texts, nodes.get(key), item, kinds) for key, texts in fields.items()}
    for key, node in nodes.items():
        if key not in document and _is_repeated(node):
            document[key] = []  # an empty array leaves no trace in a form
    return document


def _fields_of(root: Node) -> dict[str, Node]:
    if not isinstance(root, Object):
        return {}
    return {json.loads(key.text): node for key, node in root.entries if isinstance(key, Raw)}


def _is_repeated(node: Node | None) -> bool:
    """Whether a field stands once for each element of an array."""
    return isinstance(node, Array) or (isinstance(node, Slot) and output_kind(node.reference) == "items")


def _field(texts: list[str], node: Node | None, item: JsonTemplate | None, kinds: Kinds) -> Any:
    if isinstance(node, Array):
        nodes: list[Node | None] = [*node.elements, *[None] * len(texts)]
        return [_value(text, element, kinds) for text, element in zip(texts, nodes, strict=False)]
    if _is_repeated(node):
        return [plain_value(text, item, kinds) for text in texts]
    return _value(texts[0], node, kinds) if len(texts) == 1 else list(texts)


def plain_value(text: str, item: JsonTemplate | None, kinds: Kinds) -> Any:
    """An item that was sent as plain text, as the JSON value it was before."""
    return _value(text, item.root if item else None, kinds)


def _value(text: str, node: Node | None, kinds: Kinds) -> Any:
    if isinstance(node, Raw) and node.text.startswith('"'):
        return text
    if isinstance(node, Text) or node is None:
        return text or (None if node else "")
    if text == "":
        return None
    if isinstance(node, Slot) and kinds.get(node.reference.name, output_kind(node.reference)) == "string":
        return text
    try:
        return parse_json(text)
    except ValueError:
        return text
