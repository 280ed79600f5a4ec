"""Sync and test runs in the store: their state, their summary, and their events as an append-only list.

A run is written by the thread that carries it out and read by pages that poll. A run whose process died is told by
its owner (owners.py) and its last sign of life, and marked stopped when the app starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select, update

from core.errors import ConflictError, NotFoundError
from core.portal.database import is_id, new_id
from core.portal.integrations import Integrations, find
from core.portal.owners import Owner, is_alive, this_process
from core.portal.syncs.due import due
from core.portal.tables import connections, run_events, runs, syncs

RUNNING = "running"
SILENT_FOR = timedelta(minutes=10)
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Run:
    """`event_count` is the ordinal number of the newest event; `updated_at` the last sign of life.

    `kind` is `test` (a partner's), `review` (a reviewer's) or `sync` (a customer's, with its `sync_id`).
    """

    id: str
    integration_id: str
    kind: str
    state: str
    summary: dict[str, Any]
    event_count: int
    created_at: datetime
    updated_at: datetime
    sync_id: str | None = None
    stop_wanted: bool = False


@dataclass(frozen=True, slots=True)
class RunEvent:
    """`ordinal` counts from 1 within its run, without gaps."""

    ordinal: int
    event: dict[str, Any]


class Runs(Integrations):
    def create_run(
        self,
        org: str,
        integration_id: str,
        kind: str,
        summary: dict[str, Any],
        *,
        alone: bool = False,
        owner_org: str | None = None,
    ) -> str:
        """A new run of this process, in state `running`, for `org` to see; its id. Raises NotFoundError.

        The integration is the organisation's own, or that of `owner_org`, which is for reviewers. `alone`: raises
        ConflictError while another run of this kind and integration goes on, in whatever process.
        """
        now = self._clock()
        with self._write() as connection:
            find(connection, owner_org or org, integration_id, lock=alone)
            if alone:
                same = (runs.c.integration_id == integration_id, runs.c.kind == kind)
                refuse_a_second(connection, same, "A test run of this integration", now)
            return _insert_run(connection, org, integration_id, kind, None, summary, now)

    def create_sync_run(
        self, org: str, sync_id: str, summary: dict[str, Any], *, due_at: datetime | None = None
    ) -> str:
        """A new run of a sync, in state `running`; its id. Of any number of processes only one gets it.

        With `due_at` a sync that has nothing to do at that time counts as not there. Raises NotFoundError,
        ConflictError while a run of this sync goes on.
        """
        now = self._clock()
        joined = syncs.join(connections, syncs.c.connection_id == connections.c.id)
        wanted = select(connections.c.integration_id).select_from(joined)
        ours = wanted.where(syncs.c.id == sync_id, syncs.c.org_id == org).with_for_update()
        if due_at is not None:
            ours = ours.where(due(due_at))
        with self._write() as connection:
            integration_id = connection.scalar(ours) if is_id(sync_id) else None
            if integration_id is None:
                raise NotFoundError("There is no such sync.", remedy="It may have been deleted.")
            refuse_a_second(connection, (runs.c.sync_id == sync_id,), "A run of this sync", now)
            return _insert_run(connection, org, str(integration_id), "sync", sync_id, summary, now)

    def want_stop(self, org: str, run_id: str) -> None:
        """Ask whichever process carries the run out to end it after the requests in flight. Raises NotFoundError."""
        self.get_run(org, run_id)
        with self._write() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(stop_wanted=True))

    def append_run_events(self, run_id: str, events: Sequence[dict[str, Any]]) -> int:
        """Add events behind those there are, all or none; the ordinal number of the last. Raises NotFoundError."""
        with self._write() as connection:
            _touch(connection, run_id, {"event_count": runs.c.event_count + len(events), "updated_at": self._clock()})
            last = int(connection.scalar(select(runs.c.event_count).where(runs.c.id == run_id)) or 0)
            first = last - len(events) + 1
            rows = [{"run_id": run_id, "ordinal": first + at, "event": event} for at, event in enumerate(events)]
            if rows:
                connection.execute(insert(run_events), rows)
        return last

    def update_run(self, run_id: str, state: str | None = None, summary: dict[str, Any] | None = None) -> None:
        """Set what is given, and give a sign of life, which is all that a call without either does.

        `state` is `running` or an outcome: succeeded, partly, failed, stopped. Raises NotFoundError.
        """
        given = {"state": state, "summary": summary}
        with self._write() as connection:
            changes = {name: value for name, value in given.items() if value is not None}
            _touch(connection, run_id, {**changes, "updated_at": self._clock()})

    def get_run(self, org: str, run_id: str) -> Run:
        """Raises NotFoundError."""
        with self._read() as connection:
            row = connection.execute(_ours(org).where(runs.c.id == run_id)).one_or_none() if is_id(run_id) else None
        if row is None:
            raise _no_run()
        return run_of(row)

    def run_events(self, org: str, run_id: str, after: int = 0, limit: int = 500) -> list[RunEvent]:
        """Events with ordinal numbers above `after`, oldest first, at most `limit`. Raises NotFoundError."""
        self.get_run(org, run_id)
        wanted = select(run_events).where(run_events.c.run_id == run_id, run_events.c.ordinal > after)
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(run_events.c.ordinal).limit(limit)).all()
        return [RunEvent(row.ordinal, row.event) for row in rows]

    def latest_run(self, org: str, integration_id: str) -> Run | None:
        """Raises NotFoundError."""
        return next(iter(self.list_runs(org, integration_id, limit=1)), None)

    def list_runs(
        self, org: str, integration_id: str | None = None, limit: int = 50, *, kind: str = "test"
    ) -> list[Run]:
        """Runs of one kind, of one integration or of all of the organisation, newest first. Raises NotFoundError."""
        wanted = _ours(org).where(runs.c.kind == kind)
        with self._read() as connection:
            if integration_id is not None:
                find(connection, org, integration_id)
                wanted = wanted.where(runs.c.integration_id == integration_id)
            rows = connection.execute(wanted.order_by(runs.c.created_at.desc(), runs.c.id).limit(limit)).all()
        return [run_of(row) for row in rows]

    def list_sync_runs(self, org: str, sync_id: str | None = None, limit: int = 200) -> list[Run]:
        """Runs of one sync, or of all syncs of the organisation, newest first."""
        wanted = _ours(org).where(runs.c.kind == "sync")
        if sync_id is not None:
            wanted = wanted.where(runs.c.sync_id == sync_id)
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(runs.c.created_at.desc(), runs.c.id).limit(limit)).all()
        return [run_of(row) for row in rows]

    def mark_orphans(self, silent_for: timedelta = SILENT_FOR) -> list[str]:
        """Mark as stopped the running runs of all organisations whose process has died; their ids.

        A process of which nothing can be known from here (another host) counts as dead when its run gave no sign of
        life for `silent_for`, which must be longer than the longest pause between two of a run's events.
        """
        now = self._clock()
        with self._read() as connection:
            rows = connection.execute(select(runs).where(runs.c.state == RUNNING)).all()
        orphans = []
        for row in rows:
            if _goes_on(row, now, silent_for):
                continue
            still_so = (runs.c.id == row.id, runs.c.state == RUNNING, runs.c.updated_at == row.updated_at)
            with self._write() as connection:
                marked = connection.execute(update(runs).where(*still_so).values(state=STOPPED, updated_at=now))
            if marked.rowcount:
                orphans.append(str(row.id))
        return orphans


def _insert_run(
    connection: Connection,
    org: str,
    integration_id: str,
    kind: str,
    sync_id: str | None,
    summary: dict[str, Any],
    now: datetime,
) -> str:
    run_id = new_id()
    connection.execute(
        insert(runs).values(
            id=run_id,
            integration_id=integration_id,
            org_id=org,
            sync_id=sync_id,
            stop_wanted=False,
            kind=kind,
            state=RUNNING,
            summary=summary,
            event_count=0,
            owner=this_process().as_json(),
            created_at=now,
            updated_at=now,
        )
    )
    return run_id


def refuse_a_second(connection: Connection, same: tuple[ColumnElement[bool], ...], what: str, now: datetime) -> None:
    """For the other parts of the store: raises ConflictError while one of these runs goes on, in whatever process."""
    rows = connection.execute(select(runs).where(*same, runs.c.state == RUNNING)).all()
    if any(_goes_on(row, now, SILENT_FOR) for row in rows):
        raise ConflictError(
            f"{what} is going on already, perhaps in another window.",
            remedy="Wait until it has ended, or stop it.",
        )


def _goes_on(row: Row[Any], now: datetime, silent_for: timedelta) -> bool:
    alive = is_alive(Owner(**row.owner))
    return bool(alive) or (alive is None and now - row.updated_at < silent_for)


def _ours(org: str) -> Select[Any]:
    return select(runs).where(runs.c.org_id == org)


def _touch(connection: Connection, run_id: str, values: dict[str, Any]) -> None:
    if connection.execute(update(runs).where(runs.c.id == run_id).values(values)).rowcount == 0:
        raise _no_run()


def _no_run() -> NotFoundError:
    return NotFoundError("There is no such run.", remedy="It may have been deleted with its integration.")


def run_of(row: Row[Any]) -> Run:
    """A row of the table as a value, for the other parts of the store."""
    return Run(
        row.id,
        row.integration_id,
        row.kind,
        row.state,
        row.summary,
        row.event_count,
        row.created_at,
        row.updated_at,
        row.sync_id,
        bool(row.stop_wanted),
    )
