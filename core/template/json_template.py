"""A compiled JSON template: literal pieces and slots, rendered for one scope, or for whole columns (`members.py`).

An optional value that is missing leaves its key out, becomes null in an array, and nothing inside a longer text. Each
set of missing slots gives its own sequence of pieces, made once and kept: rendering is then only joining.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.template.json_parser import Array, Node, Object, Parser, Raw, Slot, Text
from core.template.mistakes import MistakeList
from core.template.names import Kind, Names
from core.template.references import Reference
from core.template.values import (
    Items,
    Scope,
    Secret,
    ValueFault,
    evaluate,
    joined,
    json_text,
    json_value,
    to_bytes,
)

if TYPE_CHECKING:
    from core.template.columns import Columns
    from core.template.members import RenderedMembers

Pieces = tuple[str | int, ...]
"""Literal texts and the numbers of references, in the order of the output."""


@dataclass(frozen=True)
class JsonTemplate:
    """`root` is the tree, `references` the uses of variables in the order of the text."""

    source: str
    root: Node
    references: tuple[Reference, ...]

    @property
    def is_plain_value(self) -> bool:
        """True when it renders to one string, number or literal rather than an object or an array."""
        return not isinstance(self.root, (Array, Object))

    def render(self, scope: Scope) -> str:
        """The JSON text for this scope. Raises `ValueFault` for a value that is missing or cannot be read."""
        texts = [self.encoded(reference, scope) for reference in self.references]
        pieces = self.pieces(frozenset(number for number, text in enumerate(texts) if text is None))
        if pieces is None:
            return "null"
        return "".join(piece if isinstance(piece, str) else texts[piece] or "" for piece in pieces)

    def render_bytes(self, scope: Scope) -> bytes:
        """As `render`, in UTF-8. Packed items are copied into the body as they are."""
        texts = [self._encoded_bytes(reference, scope) for reference in self.references]
        pieces = self.pieces(frozenset(number for number, text in enumerate(texts) if text is None))
        if pieces is None:
            return b"null"
        out: list[bytes | memoryview] = []
        for piece in pieces:
            out += [to_bytes(piece)] if isinstance(piece, str) else texts[piece] or ()
        return b"".join(out)

    def render_members(self, columns: Columns, scope: Scope, count: int, *, must_name: bool = False) -> RenderedMembers:
        """The JSON text of each of `count` members (core/template/members.py)."""
        # Here, because checking a template needs no Arrow, which takes longer to import than the rest of the language.
        from core.template.members import render_members

        return render_members(self, columns, scope, count, must_name=must_name)

    def _encoded_bytes(self, reference: Reference, scope: Scope) -> Sequence[bytes | memoryview] | None:
        value = scope.get(reference.name)
        if isinstance(value, Items) and not reference.filters:
            return value.json_pieces()
        text = self.encoded(reference, scope)
        return None if text is None else (to_bytes(text),)

    def encoded(self, reference: Reference, scope: Scope) -> str | None:
        """The JSON of a reference as it stands in its place; None when there is no value and none is required."""
        value = scope.get(reference.name)
        if isinstance(value, Items):
            return _encode_items(value, reference)
        text, kind = evaluate(reference, scope)
        if isinstance(value, Secret) and text is not None:
            filters = [str(call) for call in reference.filters]
            changed = json_text(text) != text
            mark = value.mark(*filters, *(["json"] if changed else []))
            return f'"{mark}"' if reference.place == "value" else mark
        return None if text is None else _encode(text, kind, reference)

    @cached_property
    def _numbers(self) -> dict[int, int]:
        """The number of each reference by its offset in the template, which no two share."""
        return {reference.start: number for number, reference in enumerate(self.references)}

    @cached_property
    def _known_pieces(self) -> dict[frozenset[int], Pieces | None]:
        return {}

    def pieces(self, missing: frozenset[int]) -> Pieces | None:
        """The output when the references of these numbers have no value; None when nothing is left of it."""
        if missing not in self._known_pieces:
            flat = self._flat(self.root, missing)
            self._known_pieces[missing] = None if flat is None else _merged(flat)
        return self._known_pieces[missing]

    def _flat(self, node: Node, missing: frozenset[int]) -> list[str | int] | None:
        """The pieces of a node; None when its whole value is missing."""
        match node:
            case Raw(text):
                return [text]
            case Slot(reference):
                number = self._numbers[reference.start]
                return None if number in missing else [number]
            case Text(parts):
                if node.whole and self._numbers[node.whole.start] in missing:
                    return None
                inner = [part if isinstance(part, str) else self._numbers[part.start] for part in parts]
                return ['"', *(part for part in inner if part not in missing), '"']
            case Array(elements):
                return _listed("[", [self._flat(element, missing) or ["null"] for element in elements], "]")
            case Object(entries):
                kept = []
                for key, value in entries:
                    name, content = self._flat(key, missing), self._flat(value, missing)
                    if name is not None and content is not None:
                        kept.append([*name, ":", *content])
                return _listed("{", kept, "}")


def _listed(opening: str, parts: list[list[str | int]], closing: str) -> list[str | int]:
    out: list[str | int] = [opening]
    for number, part in enumerate(parts):
        out.extend([",", *part] if number else part)
    return [*out, closing]


def _merged(flat: list[str | int]) -> Pieces:
    """Neighbouring literal texts become one."""
    out: list[str | int] = []
    for piece in flat:
        if isinstance(piece, str) and out and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(piece)
    return tuple(out)


def _encode(text: str, kind: Kind, reference: Reference) -> str:
    return json_value(text, kind) if reference.place == "value" else json_text(text)


def _encode_items(items: Items, reference: Reference) -> str | None:
    if not reference.filters:
        return items.json()
    text, kind = joined(items, reference)
    return None if text is None else _encode(text, kind, reference)


def compile_json(text: str, names: Names) -> JsonTemplate:
    """Compiles a payload or an item. Raises `TemplateError` with all mistakes."""
    mistakes = MistakeList(text)
    root = Parser(text, names, mistakes).node()
    mistakes.raise_if_any()
    return JsonTemplate(text, root, tuple(_references(root)))


def _references(node: Node | Reference) -> list[Reference]:
    match node:
        case Reference():
            return [node]
        case Slot(reference):
            return [reference]
        case Text(parts):
            return [part for part in parts if isinstance(part, Reference)]
        case Array(elements):
            return [found for element in elements for found in _references(element)]
        case Object(entries):
            return [found for key, value in entries for found in (*_references(key), *_references(value))]
        case _:
            return []


__all__ = ["JsonTemplate", "Pieces", "ValueFault", "compile_json"]
