"""Matches JSON values against a compiled payload or item, and reads back what stood in its references.

The tree of a template becomes a tree of small functions, once, so that ten thousand items are matched in milliseconds.
Keys may stand in any order; a key that rendering may leave out may be absent; no other key may be added.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.template.json_parser import Array, Node, Object, Raw, Slot, Text
from core.template.json_template import JsonTemplate
from core.template.match import (
    MISSING,
    Mismatch,
    Pair,
    SpelledNumber,
    TextMatcher,
    Values,
    as_text,
    described,
    form_of,
    gathered,
    output_kind,
)
from core.template.names import Kind
from core.template.references import Reference

_Check = Callable[[Any, list[Any]], Mismatch | None]
"""Compares a value with a node and writes what it finds into the list, by the number of the reference."""

_TYPES: dict[Kind, tuple[str, frozenset[type]]] = {
    "string": ("a string", frozenset({str})),
    "number": ("a number", frozenset({int, float, SpelledNumber})),
    "boolean": ("true or false", frozenset({bool})),
    "items": ("an array of items", frozenset({list})),
}
_SCALARS = frozenset({str, bool, int, float, SpelledNumber})


def parse_json(text: str | bytes) -> Any:
    """A JSON value in which numbers keep their spelling. Raises `ValueError`, also for NaN and for endless nesting."""
    try:
        return json.loads(text, parse_float=SpelledNumber, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class JsonMatcher:
    """A template made ready to be matched often. `kinds` holds variables to their kind where rendering would not."""

    def __init__(self, template: JsonTemplate, kinds: Mapping[str, Kind] | None = None) -> None:
        self.references: Sequence[Reference] = template.references
        self._kinds = kinds or {}
        self._numbers = {id(reference): number for number, reference in enumerate(template.references)}
        self._check = _or_null(self._node(template.root), template.root)
        uses = [(reference.name, reference.filters) for reference in template.references]
        self._repeats = [(uses.index(use), number) for number, use in enumerate(uses) if uses.index(use) < number]

    def match(self, value: Any) -> Values | Mismatch:
        """The values by variable, or the first place that does not fit."""
        pairs = self.pairs(value)
        return pairs if isinstance(pairs, Mismatch) else gathered(pairs)

    def pairs(self, value: Any) -> list[Pair] | Mismatch:
        """Each reference with what stood in it."""
        rows = self.rows([value])
        if isinstance(rows, Mismatch):
            return Mismatch("$" + rows.where.removeprefix("[0]"), rows.expected, rows.found)
        return list(zip(self.references, rows[0], strict=True))

    def rows(self, values: Sequence[Any]) -> list[list[Any]] | Mismatch:
        """For each of many values, what stood in each reference. A mismatch's path begins with the value's number."""
        check, empty, rows = self._check, [MISSING] * len(self.references), []
        for number, value in enumerate(values):
            found = empty.copy()
            fault = check(value, found)
            if fault is None and self._repeats:
                fault = self._difference(found)
            if fault is not None:
                return fault.under(f"[{number}]")
            rows.append(found)
        return rows

    def _difference(self, found: list[Any]) -> Mismatch | None:
        for one, other in self._repeats:
            if found[one] == found[other]:
                continue
            texts = [as_text(found[number]) for number in (one, other) if found[number] is not MISSING]
            if len(set(texts)) > 1:
                words = f"{described(texts[0])} for every ${self.references[one].written}"
                return Mismatch("", words, f"{described(texts[1])} as well")
        return None

    def _node(self, node: Node) -> _Check:
        match node:
            case Raw(text):
                return _literal(parse_json(text))
            case Slot(reference):
                return self._slot(reference)
            case Text(parts):
                return self._slot(node.whole, quoted=True) if node.whole else self._text(parts)
            case Array(elements):
                return self._array([_or_null(self._node(element), element) for element in elements])
            case Object(entries):
                return self._object(entries)

    def _slot(self, reference: Reference, *, quoted: bool = False) -> _Check:
        if reference.variable.kind == "items" and reference.filters:
            return self._text((reference,))
        number, form = self._numbers[id(reference)], form_of(reference)
        kind: Kind = "string" if quoted else self._kinds.get(reference.name, output_kind(reference))
        words, types = _TYPES[kind]
        as_declared = quoted or reference.variable.per_member or reference.filters or reference.name in self._kinds
        if kind == "string" and not as_declared:
            types = _SCALARS  # a field of a connection, or the list id, keeps the JSON type in which it came
        words = f"{words} for ${reference.written}"
        allow_empty, fits = reference.has_default, form.fits

        def check(value: Any, found: list[Any]) -> Mismatch | None:
            if type(value) not in types:
                return Mismatch("", words, described(value))
            if type(value) is str:
                if not value and not allow_empty:
                    return Mismatch("", words, "an empty string")
                if fits is not None and not fits(value):
                    return Mismatch("", f"{form.words} for ${reference.written}", described(value))
            found[number] = value
            return None

        return check

    def _text(self, parts: Sequence[str | Reference]) -> _Check:
        matcher = TextMatcher([json.loads(f'"{part}"') if isinstance(part, str) else part for part in parts])
        numbers = [self._numbers[id(reference)] for reference in matcher.references]

        def check(value: Any, found: list[Any]) -> Mismatch | None:
            if not isinstance(value, str):
                return Mismatch("", matcher.expected, described(value))
            values = matcher.match(value)
            if isinstance(values, Mismatch):
                return values
            for number, one in zip(numbers, values, strict=True):
                found[number] = one
            return None

        return check

    def _array(self, checks: Sequence[_Check]) -> _Check:
        def check(value: Any, found: list[Any]) -> Mismatch | None:
            if not isinstance(value, list) or len(value) != len(checks):
                return Mismatch("", f"an array of {len(checks)}", described(value))
            for number, (element, inner) in enumerate(zip(value, checks, strict=True)):
                if fault := inner(element, found):
                    return fault.under(f"[{number}]")
            return None

        return check

    def _object(self, entries: Sequence[tuple[Raw | Text, Node]]) -> _Check:
        fixed: dict[str, tuple[_Check, bool]] = {}
        varying: list[tuple[_Check, _Check, str, bool]] = []
        for key, node in entries:
            inner, optional = self._node(node), _may_be_left_out(node)
            if isinstance(key, Raw):
                fixed[json.loads(key.text)] = (inner, optional)
            else:
                words = TextMatcher(key.parts).expected
                varying.append((self._text(key.parts), inner, words, optional or _may_be_left_out(key)))
        required = list(fixed.items())
        known = ", ".join(json.dumps(key, ensure_ascii=False) for key in fixed) or "none"

        def check(value: Any, found: list[Any]) -> Mismatch | None:
            if not isinstance(value, dict):
                return Mismatch("", "an object", described(value))
            seen = 0
            for key, (inner, optional) in required:
                field = value.get(key, MISSING)
                if field is MISSING:
                    if optional:
                        continue
                    return Mismatch("", f"the key {json.dumps(key, ensure_ascii=False)}", described(value))
                seen += 1
                if fault := inner(field, found):
                    return fault.under(_step(key))
            if seen == len(value) and not varying:
                return None
            return _match_varying(varying, {key: value[key] for key in value if key not in fixed}, found, known)

        return check


def _match_varying(
    patterns: Sequence[tuple[_Check, _Check, str, bool]], others: dict[str, Any], found: list[Any], known: str
) -> Mismatch | None:
    """Finds a key for each key with variables in it; a key that is left over does not belong here."""
    for key_check, value_check, words, optional in patterns:
        near: Mismatch | None = None
        for key, value in others.items():
            if key_check(key, found) is None:
                fault = value_check(value, found)
                if fault is None:
                    del others[key]
                    break
                near = near or fault.under(_step(key))
        else:
            if not optional:
                keys = ", ".join(described(key) for key in list(others)[:5]) or "none"
                return near or Mismatch("", f"a key that is {words}", keys)
    if others:
        more = " and those with variables in them" if patterns else ""
        return Mismatch("", f"no keys but {known}{more}", f"the key {described(next(iter(others)))}")
    return None


def _literal(expected: Any) -> _Check:
    is_bool = isinstance(expected, bool)

    def check(value: Any, found: list[Any]) -> Mismatch | None:
        if value == expected and isinstance(value, bool) == is_bool:
            return None
        return Mismatch("", described(expected), described(value))

    return check


def _may_be_left_out(node: Node) -> bool:
    """Whether rendering leaves a key with this value (or this key) out when the variable has no value."""
    reference = node.reference if isinstance(node, Slot) else node.whole if isinstance(node, Text) else None
    return reference is not None and not reference.required


def _or_null(check: _Check, node: Node) -> _Check:
    """In an array, and at the top, a missing optional value is null."""
    if not _may_be_left_out(node):
        return check
    return lambda value, found: None if value is None else check(value, found)


def _step(key: str) -> str:
    return f".{key}" if key.isidentifier() else f"[{json.dumps(key, ensure_ascii=False)}]"


def match_json(template: JsonTemplate, value: Any) -> Values | Mismatch:
    """What stood in each reference of a payload or an item; `value` as `parse_json` gives it.

    `$items` alone gives the array, with `join` the list of texts.
    """
    return JsonMatcher(template).match(value)
