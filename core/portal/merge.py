"""Three-way merge of JSON documents: two people changed the same revision, what holds both their changes?

Pure. `base` is what both started from, `mine` and `theirs` what each made of it; all are JSON values as `json.loads`
gives them. Objects are merged key by key, lists of one length element by element, anything else as a whole. The same
change on both sides is no conflict.

A list is treated as a whole when going by position could put a change onto the wrong element: when a side moved
elements, or when an element's identity (its variable, its name, its status) is not the same on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

_IDENTITY = ("variable", "name", "status")


class _Missing(Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""Stands in a `Conflict` for a key that is not there on that side."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place that the two sides changed differently. `path` leads to it: object keys and list positions."""

    path: tuple[str | int, ...]
    mine: Any
    theirs: Any
    base: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """`document` has every change of both sides, and mine where they conflict."""

    document: Any
    conflicts: tuple[Conflict, ...]


def merge(base: Any, mine: Any, theirs: Any) -> Merged:
    """Merge the changes base -> mine and base -> theirs. The inputs are not modified, but parts may be shared."""
    conflicts: list[Conflict] = []
    document = _merge(base, mine, theirs, path=(), conflicts=conflicts)
    return Merged(document, tuple(conflicts))


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: unlike `==`, true is not 1 and 1 is not 1.0; the order of an object's keys does not count."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _merge(base: Any, mine: Any, theirs: Any, *, path: tuple[str | int, ...], conflicts: list[Conflict]) -> Any:
    if same(mine, theirs) or same(base, theirs):
        return mine
    if same(base, mine):
        return theirs
    if isinstance(base, dict) and isinstance(mine, dict) and isinstance(theirs, dict):
        keys = [*mine, *(key for key in theirs if key not in mine)]
        merged = {}
        for key in keys:
            sides = (side.get(key, MISSING) for side in (base, mine, theirs))
            merged[key] = _merge(*sides, path=(*path, key), conflicts=conflicts)
        return {key: value for key, value in merged.items() if value is not MISSING}
    if _by_position(base, mine, theirs):
        return [
            _merge(*sides, path=(*path, at), conflicts=conflicts)
            for at, sides in enumerate(zip(base, mine, theirs, strict=True))
        ]
    conflicts.append(Conflict(path, mine, theirs, base))
    return mine


def _by_position(base: Any, mine: Any, theirs: Any) -> bool:
    """Whether three values are lists whose elements at one position are one thing on all sides."""
    if not (isinstance(base, list) and isinstance(mine, list) and isinstance(theirs, list)):
        return False
    if not len(base) == len(mine) == len(theirs):
        return False
    if _moved(base, mine) or _moved(base, theirs):
        return False
    changed_by_both = (
        sides
        for sides in zip(base, mine, theirs, strict=True)
        if not same(sides[0], sides[1]) and not same(sides[0], sides[2])
    )
    return all(same(_identity(b), _identity(m)) and same(_identity(b), _identity(t)) for b, m, t in changed_by_both)


def _moved(base: list[Any], side: list[Any]) -> bool:
    return any(
        not same(element, base[at]) and any(same(element, earlier) for earlier in base)
        for at, element in enumerate(side)
    )


def _identity(element: Any) -> list[Any]:
    return [element.get(key) for key in _IDENTITY] if isinstance(element, dict) else []
