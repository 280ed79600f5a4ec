"""Makes a JSON document in which JMESPath expressions find what they look for: the inverse of searching.

Works on the expression's syntax tree as jmespath parses it. Covers field paths, indices, projections, filters, pipes,
comparisons with literals, `!`, `&&`, `||`, `length` and `contains`; raises `CannotPlace` for anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

_Node = dict[str, Any]
_Write = Callable[[Any], Any]
LARGEST_INDEX = 1_000


class CannotPlace(ValueError):
    """The expression asks for more than can be derived from it."""


def place(expression: str, document: Any, value: Any) -> Any:
    """The document with `value` where the expression looks. Raises `CannotPlace`.

    >>> place("data.lists[0].id", {}, "L1")
    {'data': {'lists': [{'id': 'L1'}]}}
    """
    return _checked(_put(_parsed(expression), document, lambda _: value))


def place_all(expression: str, document: Any, values: Sequence[Any]) -> Any:
    """The document with all values where the expression looks: one element each for `errors[].id`."""
    node = _parsed(expression)
    if _projects(node):
        return _checked(_put(node, document, lambda _: None, list(values)))
    return _checked(_put(node, document, lambda _: list(values)))


def satisfy(expression: str, document: Any) -> Any:
    """The document changed so that the expression is true of it. Raises `CannotPlace`."""
    changed = _checked(_make(_parsed(expression), document, True))
    if not jmespath.search(expression, changed):
        raise CannotPlace(expression)
    return changed


def _parsed(expression: str) -> _Node:
    try:
        return cast(_Node, jmespath.compile(expression).parsed)
    except (JMESPathError, ValueError):
        raise CannotPlace(expression) from None


def _checked(document: Any) -> Any:
    return {} if document is None else document


def _put(node: _Node, document: Any, write: _Write, spread: list[Any] | None = None) -> Any:
    """The document with what the node points at replaced by what `write` makes of it.

    A projection puts one element, or with `spread` one for each of these values.
    """
    children: list[_Node] = node["children"]
    match node["type"]:
        case "field":
            fields = document if isinstance(document, dict) else {}
            return {**fields, node["value"]: write(fields.get(node["value"]))}
        case "index":
            return _put_at(node["value"], document, write)
        case "identity" | "current":
            return write(document)
        case "pipe" if _projects(children[0]) and children[1]["type"] == "index_expression":
            return _put(children[0], document, write)
        case "subexpression" | "index_expression" | "pipe":
            first, *others = children
            rest: _Node = others[0] if len(others) == 1 else {**node, "children": others}
            return _put(first, document, lambda inner: _put(rest, inner, write, spread), spread)
        case "flatten":
            return _put(children[0], document, write, spread)
        case "projection" | "filter_projection":
            condition = children[2] if node["type"] == "filter_projection" else None

            def element(writer: _Write) -> Any:
                made = _make(condition, None, True) if condition else None
                return _put(children[1], made, writer)

            if spread is None:
                return _put(children[0], document, lambda _: [element(write)])
            return _put(children[0], document, lambda _: [element(lambda _, one=one: one) for one in spread])  # type: ignore[misc]
        case _:
            raise CannotPlace(node["type"])


def _put_at(index: int, document: Any, write: _Write) -> list[Any]:
    elements = list(document) if isinstance(document, list) else []
    if abs(index) > LARGEST_INDEX:
        raise CannotPlace("index")
    needed = index + 1 if index >= 0 else -index
    elements += [None] * (needed - len(elements))
    elements[index] = write(elements[index])
    return elements


def _projects(node: _Node) -> bool:
    return node["type"] in ("projection", "filter_projection") or any(
        _projects(child) for child in node["children"] if node["type"] in ("subexpression", "index_expression", "pipe")
    )


def _make(node: _Node, document: Any, truth: bool) -> Any:
    """The document changed, as little as needed, so that the node is true, or false, of it."""
    if _holds(node, document) == truth:
        return document
    children: list[_Node] = node["children"]
    match node["type"]:
        case "and_expression" | "or_expression":
            if (node["type"] == "and_expression") == truth:
                return _make(children[1], _make(children[0], document, truth), truth)
            return _make(children[0], document, truth)
        case "not_expression":
            return _make(children[0], document, not truth)
        case "comparator":
            return _make_comparison(node, document, truth)
        case "function_expression" if node["value"] == "contains" and truth and len(children) == 2:
            return _put(children[0], document, lambda _: [_literal(children[1])])
        case "literal":
            return document
        case _:
            return _put(node, document, lambda _: truth)


def _holds(node: _Node, document: Any) -> bool:
    """JMESPath's truth: all but null, false and what is empty; 0 is true."""
    try:
        value = TreeInterpreter().visit(node, document)  # type: ignore[arg-type]
    except JMESPathError:
        return False
    return value not in (None, False, "", [], {}) or (type(value) in (int, float))


_OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "gte", "gte": "lt", "gt": "lte", "lte": "gt"}
_MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "lte": "gte", "gte": "lte"}


def _make_comparison(node: _Node, document: Any, truth: bool) -> Any:
    path, other = node["children"]
    operator: str = node["value"]
    if path["type"] == "literal":
        path, other, operator = other, path, _MIRRORED[operator]
    operator = operator if truth else _OPPOSITE[operator]
    value = _fitting(operator, _literal(other))
    if path["type"] == "function_expression" and path["value"] == "length" and isinstance(value, int):
        if not 0 <= value <= LARGEST_INDEX:
            raise CannotPlace("length")
        return _put(path["children"][0], document, lambda _: [None] * value)
    return _put(path, document, lambda _: value)


def _literal(node: _Node) -> Any:
    if node["type"] != "literal":
        raise CannotPlace(node["type"])
    return node["value"]


def _fitting(operator: str, value: Any) -> Any:
    """A value for which `value-found operator value` holds."""
    if operator in ("eq", "lte", "gte"):
        return value
    if operator == "ne":
        return None if value is not None else True
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CannotPlace(operator)
    return value - 1 if operator == "lt" else value + 1
