"""Syncs in the store: which cohort goes to which connection, how often, and what is next.

A sync stays due until its run has ended: what a run consumes (a due time, somebody's wish) is taken back only then, so
that a process that dies in the middle leaves it due, and the next process goes on with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from core.errors import ConflictError, InputError, NotFoundError
from core.portal.database import Database, is_id, new_id
from core.portal.runs import RUNNING, refuse_a_second
from core.portal.syncs.cadence import CADENCES, Cadence, after_change, after_run
from core.portal.syncs.due import due
from core.portal.tables import cohorts, connections, runs, syncs


@dataclass(frozen=True, slots=True)
class Wish:
    """A run that somebody asked for. `token` tells it from a later one.

    `allow_removals` releases removals that were withheld, for this run alone. When an earlier run may have created a
    list and nobody knows its id: `create_again` says that it is not there, `list_id` that it is this one.
    """

    token: str
    allow_removals: bool = False
    create_again: bool = False
    list_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sync:
    """`next_at` is when the schedule has it next (None: never again); `wish` is a run asked for before that.

    `last_outcome` is how the last run that tells anything ended: succeeded, partly, failed, stopped; "" before the
    first. A run that somebody stopped tells nothing. `created_by` is a person's name.
    """

    id: str
    org_id: str
    cohort_id: str
    connection_id: str
    cadence: Cadence
    paused: bool
    next_at: datetime | None
    wish: Wish | None
    last_outcome: str
    created_by: str
    created_at: datetime

    @property
    def allow_removals(self) -> bool:
        """Whether the next run may send removals that are withheld otherwise."""
        return self.wish is not None and self.wish.allow_removals


class Syncs(Database):
    def create_sync(self, org: str, cohort_id: str, connection_id: str, cadence: Cadence, created_by: str) -> Sync:
        """A new sync, due at once. Raises NotFoundError, InputError for an unknown cadence or a cohort of another
        project than the connection's, ConflictError when the two are joined already.
        """
        _check(cadence)
        now = self._clock()
        with self._write() as connection:
            project = _project_of(connection, connections, org, connection_id, "connection", lock=True)
            if _project_of(connection, cohorts, org, cohort_id, "cohort") != project:
                remedy = "Choose a connection of the cohort's own project."
                raise InputError("The cohort and the connection belong to two projects.", remedy=remedy)
            joined = (syncs.c.cohort_id == cohort_id, syncs.c.connection_id == connection_id)
            if connection.scalar(select(exists().where(*joined))):
                remedy = "Open the sync that there is, or choose another connection."
                raise ConflictError("This cohort is synced to this connection already.", remedy=remedy)
            sync_id = new_id()
            connection.execute(
                insert(syncs).values(
                    id=sync_id,
                    org_id=org,
                    cohort_id=cohort_id,
                    connection_id=connection_id,
                    cadence=cadence,
                    paused=False,
                    allow_removals=False,
                    next_at=now,
                    trigger="",
                    last_outcome="",
                    created_by=created_by,
                    created_at=now,
                )
            )
            return _sync(_find(connection, org, sync_id))

    def get_sync(self, org: str, sync_id: str) -> Sync:
        """Raises NotFoundError."""
        with self._read() as connection:
            return _sync(_find(connection, org, sync_id))

    def list_syncs(self, org: str, *, cohort_id: str | None = None, connection_id: str | None = None) -> list[Sync]:
        """The syncs of one organisation, of one cohort or connection if that is given, the newest first."""
        wanted = select(syncs).where(syncs.c.org_id == org)
        if cohort_id is not None:
            wanted = wanted.where(syncs.c.cohort_id == cohort_id)
        if connection_id is not None:
            wanted = wanted.where(syncs.c.connection_id == connection_id)
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(syncs.c.created_at.desc(), syncs.c.id)).all()
        return [_sync(row) for row in rows]

    def delete_sync(self, org: str, sync_id: str) -> None:
        """Deletes a sync with its runs. Raises NotFoundError, ConflictError while a run of it goes on."""
        now = self._clock()
        with self._write() as connection:
            _find(connection, org, sync_id, lock=True)
            refuse_a_second(connection, (runs.c.sync_id == sync_id,), "A run of this sync", now)
            connection.execute(delete(syncs).where(syncs.c.id == sync_id))

    def set_cadence(self, org: str, sync_id: str, cadence: Cadence) -> Sync:
        """The next run is one period from now, or when it was due if that is sooner.

        Raises NotFoundError, InputError.
        """
        _check(cadence)
        now = self._clock()

        def changes(row: Row[Any]) -> dict[str, Any]:
            next_at = after_change(cadence, row.next_at, now, ran=bool(row.last_outcome))
            return {"cadence": cadence, "next_at": next_at}

        return self._change_sync(org, sync_id, changes)

    def pause_sync(self, org: str, sync_id: str) -> Sync:
        """No run by the schedule until it is resumed; one that goes on is not stopped. Raises NotFoundError."""
        return self._change_sync(org, sync_id, lambda _row: {"paused": True})

    def resume_sync(self, org: str, sync_id: str) -> Sync:
        """Runs that were due meanwhile are made up for by one. Raises NotFoundError."""
        return self._change_sync(org, sync_id, lambda _row: {"paused": False})

    def wish_sync(
        self,
        org: str,
        sync_id: str,
        *,
        allow_removals: bool = False,
        create_again: bool = False,
        list_id: str | None = None,
    ) -> Sync:
        """Ask for a run as soon as may be, of a paused sync too; of several wishes the last counts.

        One that is made while a run goes on is for another after it. Raises NotFoundError.
        """
        wish = {"token": new_id(), "create_again": create_again, "list_id": list_id or None}
        return self._change_sync(
            org, sync_id, lambda _row: {"trigger": json.dumps(wish), "allow_removals": allow_removals}
        )

    def due_syncs(self, now: datetime, limit: int = 100) -> list[Sync]:
        """Syncs of all organisations that are to run and do not, those asked for first, then those due for longest."""
        running = exists().where(runs.c.sync_id == syncs.c.id, runs.c.state == RUNNING)
        wanted = select(syncs).where(due(now), ~running)
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(syncs.c.trigger == "", syncs.c.next_at, syncs.c.id).limit(limit))
            return [_sync(row) for row in rows]

    def finish_sync(
        self, begun: Sync, outcome: str | None, announce: Callable[[Connection, str], None] | None = None
    ) -> None:
        """Takes back what a run of the sync, as it was when it `begun`, has consumed: its wish, and the due times.

        `outcome` becomes the last one; None for a run that tells nothing. `announce` is called in the same transaction
        with it and with the outcome before. Raises NotFoundError.
        """
        now = self._clock()
        with self._write() as connection:
            row = _find(connection, begun.org_id, begun.id, lock=True)
            values: dict[str, Any] = {"next_at": after_run(row.cadence, row.next_at, now)}
            wish = _wish(row)
            if wish is not None and begun.wish is not None and wish.token == begun.wish.token:
                values |= {"trigger": "", "allow_removals": False}
            if outcome is not None:
                values["last_outcome"] = outcome
            connection.execute(update(syncs).where(syncs.c.id == begun.id).values(values))
            if outcome is not None and announce is not None:
                announce(connection, row.last_outcome)

    def runs_to_stop(self, run_ids: Collection[str]) -> frozenset[str]:
        """Those of these runs that somebody wants to end."""
        wanted = select(runs.c.id).where(runs.c.id.in_(run_ids), runs.c.stop_wanted)
        with self._read() as connection:
            return frozenset(connection.scalars(wanted))

    def forget_sync_runs(self, before: datetime) -> list[tuple[str, str]]:
        """Deletes the runs of all syncs that began before this and have ended; the ids of sync and run of each."""
        old = (runs.c.kind == "sync", runs.c.state != RUNNING, runs.c.created_at < before)
        with self._read() as connection:
            found = [(str(row.sync_id), str(row.id)) for row in connection.execute(select(runs).where(*old))]
        for start in range(0, len(found), 100):
            with self._write() as connection:
                some = [run_id for _, run_id in found[start : start + 100]]
                connection.execute(delete(runs).where(runs.c.id.in_(some), runs.c.state != RUNNING))
        return found

    def _change_sync(self, org: str, sync_id: str, changes: Callable[[Row[Any]], dict[str, Any]]) -> Sync:
        with self._write() as connection:
            row = _find(connection, org, sync_id, lock=True)
            connection.execute(update(syncs).where(syncs.c.id == sync_id).values(changes(row)))
            return _sync(_find(connection, org, sync_id))


def _check(cadence: str) -> None:
    if cadence not in CADENCES:
        raise InputError(f"{cadence!r} is no cadence.", remedy=f"Choose one of: {', '.join(CADENCES)}.")


def _find(connection: Connection, org: str, sync_id: str, *, lock: bool = False) -> Row[Any]:
    wanted = select(syncs).where(syncs.c.id == sync_id, syncs.c.org_id == org)
    row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none() if is_id(sync_id) else None
    if row is None:
        raise NotFoundError("There is no such sync.", remedy="It may have been deleted.")
    return row


def _project_of(connection: Connection, table: Any, org: str, wanted_id: str, what: str, *, lock: bool = False) -> str:
    wanted = select(table.c.project_id).where(table.c.id == wanted_id, table.c.org_id == org)
    found = connection.scalar(wanted.with_for_update() if lock else wanted) if is_id(wanted_id) else None
    if found is None:
        raise NotFoundError(f"There is no such {what}.", remedy="It may have been deleted.")
    return str(found)


def _wish(row: Row[Any]) -> Wish | None:
    return Wish(allow_removals=bool(row.allow_removals), **json.loads(row.trigger)) if row.trigger else None


def _sync(row: Row[Any]) -> Sync:
    return Sync(
        id=row.id,
        org_id=row.org_id,
        cohort_id=row.cohort_id,
        connection_id=row.connection_id,
        cadence=row.cadence,
        paused=bool(row.paused),
        next_at=row.next_at,
        wish=_wish(row),
        last_outcome=row.last_outcome,
        created_by=row.created_by,
        created_at=row.created_at,
    )
