"""Puts a release in force without the review that leads to it, and a cohort where a project had none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select, update

from core.portal import Store
from core.portal.cohorts.entities import CohortSnapshot
from core.portal.database import new_id
from core.portal.tables import integrations, releases


def release(
    store: Store, document: dict[str, Any], integration: str | None = None, *, org: str, kind: str = "review"
) -> str:
    """A new release of an integration of `org`, deployed at once, or `internal`; without an id of a new integration.
    The integration's id.
    """
    chosen = integration or store.create_integration(org, document).id
    with store._write() as connection:
        theirs = select(func.count()).select_from(releases).where(releases.c.integration_id == chosen)
        number = int(connection.scalar(theirs) or 0) + 1
        row = {"integration_id": chosen, "number": number, "kind": kind, "revision": 1, "document": document}
        row |= {"state": "approved", "evidence": {}, "test_account": {}, "submitted_by": "Pat", "decided_by": "Rita"}
        connection.execute(insert(releases).values(**row, submitted_at=store._clock(), reason=""))
        column = "internal_release" if kind == "internal" else "deployed_release"
        this = integrations.c.id == chosen
        connection.execute(update(integrations).where(this).values({column: number, "state": "approved"}))
    return chosen


def set_state(store: Store, integration: str, state: str) -> None:
    with store._write() as connection:
        connection.execute(update(integrations).where(integrations.c.id == integration).values(state=state))


def cohort(store: Store, org: str, project: str, columns: Sequence[str], name: str = "Power users") -> str:
    """A cohort with one snapshot of these columns, whose file is nowhere; its id."""
    made = store.create_cohort(org, project, name, {"kind": "upload"})
    now = store._clock()
    store.record_snapshot(
        org, CohortSnapshot(new_id(), made.id, "a.csv", "a.csv", name, 1, 1, tuple(columns), now, now)
    )
    return made.id
