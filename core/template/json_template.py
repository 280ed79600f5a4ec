"""A compiled JSON template: literal pieces and slots, rendered for one scope or for whole columns at once.

An optional value that is missing leaves its key out, becomes null in an array, and nothing inside a longer text. Each
set of missing slots gives its own sequence of pieces, made once and kept: rendering is then only joining.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.template.json_parser import Array, Node, Object, Parser, Raw, Slot, Text
from core.template.mistakes import MistakeList
from core.template.names import Kind, Names
from core.template.references import Reference
from core.template.values import (
    Columns,
    Items,
    Scope,
    Secret,
    ValueFault,
    evaluate,
    evaluate_column,
    joined,
    json_text,
    json_value,
)

Pieces = tuple[str | int, ...]
"""Literal texts and the numbers of references, in the order of the output; None stands for nothing to render."""


@dataclass(frozen=True)
class RenderedMembers:
    """One JSON text a member (None where there is a fault), and the faults by row."""

    texts: list[str | None]
    faults: dict[int, str]


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
        texts = [self._encoded(reference, scope) for reference in self.references]
        pieces = self._pieces(frozenset(number for number, text in enumerate(texts) if text is None))
        if pieces is None:
            return "null"
        return "".join(piece if isinstance(piece, str) else texts[piece] or "" for piece in pieces)

    def render_members(self, columns: Columns, scope: Scope, count: int, *, must_name: bool = False) -> RenderedMembers:
        """The JSON text of each of `count` members; variables that are not columns come from the scope.

        `must_name` makes it a fault of a member that all values of its own are missing.
        """
        faults: dict[int, str] = {}
        encoded: list[Sequence[str | None]] = []
        missing_rows: dict[int, set[int]] = {}
        for number, reference in enumerate(self.references):
            column = columns.get(reference.name)
            if column is None:
                text = self._encoded(reference, scope)
                encoded.append([text] * count)
                if text is None:
                    missing_rows = {row: missing_rows.get(row, set()) | {number} for row in range(count)}
                continue
            texts, kind, column_faults = evaluate_column(reference, column)
            for row, reason in column_faults.items():
                faults.setdefault(row, reason)
            encoded.append(_encode_column(texts, kind, reference))
            if None in texts:
                for row, value in enumerate(texts):
                    if value is None:
                        missing_rows.setdefault(row, set()).add(number)
        own = frozenset(number for number, one in enumerate(self.references) if must_name and one.variable.per_member)
        return RenderedMembers(self._joined(encoded, missing_rows, faults, count, own), faults)

    def _joined(
        self,
        encoded: list[Sequence[str | None]],
        missing: dict[int, set[int]],
        faults: dict[int, str],
        count: int,
        own: frozenset[int],
    ) -> list[str | None]:
        complete = self._pieces(frozenset())
        texts: list[str | None]
        if not encoded:
            texts = ["".join(map(str, complete or ()))] * count
        else:
            form, order = _form(complete or ())
            rows = zip(*(encoded[number] for number in order), strict=True)
            texts = [form % row for row in rows]
        for row, numbers in missing.items():
            nobody = bool(own) and own <= numbers
            pieces = None if row in faults or nobody else self._pieces(frozenset(numbers))
            if pieces is None:
                texts[row] = None
                faults.setdefault(row, nothing_left(self.references[min(numbers)].name))
            else:
                texts[row] = "".join(piece if isinstance(piece, str) else encoded[piece][row] or "" for piece in pieces)
        for row in faults:
            texts[row] = None
        return texts

    def _encoded(self, reference: Reference, scope: Scope) -> str | None:
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

    def _pieces(self, missing: frozenset[int]) -> Pieces | None:
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


def _form(pieces: Pieces) -> tuple[str, list[int]]:
    """A %-format for a row of encoded values, and which references fill it. One C call a member when it is applied."""
    form = "".join(piece.replace("%", "%%") if isinstance(piece, str) else "%s" for piece in pieces)
    return form, [piece for piece in pieces if isinstance(piece, int)]


def _encode(text: str, kind: Kind, reference: Reference) -> str:
    return json_value(text, kind) if reference.place == "value" else json_text(text)


def _encode_column(texts: Sequence[str | None], kind: Kind, reference: Reference) -> list[str | None]:
    if kind != "string":
        return list(texts)
    if reference.place == "value":
        return [None if text is None else json_value(text, kind) for text in texts]
    return [None if text is None else json_text(text) for text in texts]


def _encode_items(items: Items, reference: Reference) -> str | None:
    if not reference.filters:
        return items.json()
    text, kind = joined(items, reference)
    return None if text is None else _encode(text, kind, reference)


def nothing_left(variable: str) -> str:
    """Why a member cannot be sent when none of the values that would name it is there."""
    return f"{variable} has no value, so nothing is left that names the user"


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


__all__ = ["JsonTemplate", "RenderedMembers", "ValueFault", "compile_json", "nothing_left"]
