"""The lists of a sandbox and their members. For a property-based integration a property is a list of those who have it.

Not safe for threads by itself: the sandbox calls it under its lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

WEIGHT_CHARACTERS = 100
"""A member (or a list) counts one more for each so many characters of its text."""


class Full(Exception):
    """The sandbox holds as much as it may."""


@dataclass(frozen=True, slots=True)
class HeldList:
    """One list as the page shows it. `id` has the JSON type in which it was given out."""

    id: str | int
    name: str
    members: int


@dataclass(slots=True)
class _List:
    id: str | int
    name: str
    members: set[str] = field(default_factory=set)


class Holdings:
    """Lists by the text of their id. `largest` bounds the sum of all members, long ones counting as several."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._lists: dict[str, _List] = {}
        self._next = 1
        self.weight = 0

    def __contains__(self, list_id: object) -> bool:
        return str(list_id) in self._lists

    def __len__(self) -> int:
        return len(self._lists)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._lists)

    @property
    def lists(self) -> tuple[HeldList, ...]:
        return tuple(HeldList(held.id, held.name, len(held.members)) for held in self._lists.values())

    def members(self, list_id: str | int) -> frozenset[str]:
        held = self._lists.get(str(list_id))
        return frozenset(held.members) if held else frozenset()

    def new_id(self, *, numeric: bool) -> str | int:
        """An id that no list has yet: L1, L2 ... or 1001, 1002 ..."""
        while True:
            list_id: str | int = 1000 + self._next if numeric else f"L{self._next}"
            self._next += 1
            if list_id not in self:
                return list_id

    def create(self, list_id: str | int, name: str) -> None:
        """Adds an empty list; one that exists stays as it is. Raises `Full`."""
        if list_id not in self:
            self._take(_weight(f"{list_id}{name}"))
            self._lists[str(list_id)] = _List(list_id, name)

    def forget_after(self, count: int) -> None:
        """Forgets the lists that were created after the first `count`."""
        while len(self._lists) > count:
            _, last = self._lists.popitem()
            self.weight -= _weight(f"{last.id}{last.name}") + sum(map(_weight, last.members))

    def add(self, list_id: str | int, members: Iterable[str]) -> int:
        """Puts members into a list; returns how many were not in it. Raises `Full`, and then adds none."""
        held = self._lists[str(list_id)].members
        new = set(members) - held
        self._take(sum(map(_weight, new)))
        held |= new
        return len(new)

    def remove(self, list_id: str | int, members: Iterable[str]) -> int:
        """Takes members out of a list; returns how many were in it."""
        held = self._lists[str(list_id)].members
        gone = held & set(members)
        held -= gone
        self.weight -= sum(map(_weight, gone))
        return len(gone)

    def _take(self, weight: int) -> None:
        if self.weight + weight > self._largest:
            raise Full(f"A sandbox holds at most {self._largest:,} members.")
        self.weight += weight


def _weight(text: str) -> int:
    return 1 + len(text) // WEIGHT_CHARACTERS
