"""What happened to an integration, who did it and why: one row for each change of its state, never altered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from core.portal.people.entities import Person
from core.portal.tables import transitions


@dataclass(frozen=True, slots=True)
class Transition:
    """`release` is the number of the release it was about. `person_name` and `role` are as they were then; they are
    empty for what the portal did by itself. `reason` is also the note that came with a submission.
    """

    ordinal: int
    action: str
    before: str
    after: str
    release: int | None
    person_id: str
    person_name: str
    role: str
    reason: str
    at: datetime


def record(
    connection: Connection,
    integration_id: str,
    action: str,
    before: str,
    after: str,
    *,
    at: datetime,
    by: Person | None = None,
    release: int | None = None,
    reason: str = "",
) -> None:
    """Writes one row. The caller holds the integration's row, so that ordinal numbers have neither gap nor double."""
    last = select(func.max(transitions.c.ordinal)).where(transitions.c.integration_id == integration_id)
    connection.execute(
        insert(transitions).values(
            integration_id=integration_id,
            ordinal=(connection.scalar(last) or 0) + 1,
            action=action,
            before=before,
            after=after,
            release=release,
            person_id=by.id if by else "",
            person_name=by.name if by else "",
            role=by.role if by else "",
            reason=reason,
            at=at,
        )
    )


def history(connection: Connection, integration_id: str) -> list[Transition]:
    """All rows of an integration, the oldest first."""
    wanted = select(transitions).where(transitions.c.integration_id == integration_id)
    return [_moved(row) for row in connection.execute(wanted.order_by(transitions.c.ordinal)).all()]


def _moved(row: Row[Any]) -> Transition:
    return Transition(
        row.ordinal,
        row.action,
        row.before,
        row.after,
        row.release,
        row.person_id,
        row.person_name,
        row.role,
        row.reason,
        row.at,
    )
