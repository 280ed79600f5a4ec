"""The reviewers' queue: what waits for a decision since when, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.portal.people.entities import Person
from core.portal.review.entities import Decision, QueueEntry

if TYPE_CHECKING:
    from core.portal.store import Store


def review_queue(store: Store, person: Person) -> list[QueueEntry]:
    """The submissions that wait, the oldest first. Raises ForbiddenError for anybody but a reviewer."""
    return store.review_queue(person)


def decisions(store: Store, person: Person, limit: int = 50) -> list[Decision]:
    """The submissions that were decided or withdrawn, the last first. Raises ForbiddenError."""
    return store.decisions(person, limit)
