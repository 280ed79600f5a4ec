"""Cohorts and the records of their snapshots in the store. The files themselves are kept by keeping.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from core.errors import ConflictError, InputError, NotFoundError
from core.portal.cohorts.entities import Cohort, CohortSnapshot
from core.portal.database import Database, is_id, new_id
from core.portal.people.directory import find_project
from core.portal.tables import cohorts, snapshots, syncs

LONGEST_NAME = 200
LONGEST_FAULT = 600


class Cohorts(Database):
    """Every id of another organisation counts as not there."""

    def create_cohort(
        self, org: str, project_id: str, name: str, source: Mapping[str, Any], *, amp_id: str = "", url: str = ""
    ) -> Cohort:
        """A cohort without snapshots; without an `amp_id` it gets an id of the portal's own.

        Raises NotFoundError for the project, InputError for a name that is empty or too long and for an `amp_id` or a
        source that another cohort of the project has.
        """
        name, amp_id = plain(name), plain(amp_id)
        if not name or max(len(name), len(amp_id), len(url)) > LONGEST_NAME:
            raise InputError("A cohort needs a name, of at most 200 characters.", remedy="Shorten it, or give it one.")
        row = {
            "id": new_id(),
            "org_id": org,
            "project_id": project_id,
            "name": name,
            "url": plain(url),
            "source": dict(source),
            "fault": "",
            "created_at": self._clock(),
        }
        row["amp_id"] = amp_id or str(row["id"])[:8].lower()
        with self._write() as connection:
            find_project(connection, org, project_id)
            others = connection.execute(select(cohorts).where(cohorts.c.project_id == project_id)).all()
            _refuse_double(others, row)
            connection.execute(insert(cohorts).values(row))
            return _cohort(find_cohort(connection, org, str(row["id"])))

    def get_cohort(self, org: str, cohort_id: str) -> Cohort:
        """Raises NotFoundError."""
        with self._read() as connection:
            return _cohort(find_cohort(connection, org, cohort_id))

    def list_cohorts(self, org: str, project_id: str | None = None) -> list[Cohort]:
        """The cohorts of an organisation, or of one of its projects, by name."""
        wanted = select(cohorts).where(cohorts.c.org_id == org)
        if project_id is not None:
            wanted = wanted.where(cohorts.c.project_id == project_id)
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(func.lower(cohorts.c.name), cohorts.c.id)).all()
        return [_cohort(row) for row in rows]

    def watching_cohorts(self) -> list[Cohort]:
        """Those of all organisations that take their snapshots from the watched folder: for who scans it."""
        with self._read() as connection:
            rows = connection.execute(select(cohorts).order_by(cohorts.c.created_at, cohorts.c.id)).all()
        return [cohort for cohort in map(_cohort, rows) if cohort.kind == "folder"]

    def rename_cohort(self, org: str, cohort_id: str, name: str, amp_id: str) -> Cohort:
        """Raises NotFoundError, InputError as `create_cohort` does."""
        name, amp_id = plain(name), plain(amp_id)
        if not name or not amp_id or max(len(name), len(amp_id)) > LONGEST_NAME:
            raise InputError("A cohort needs a name and an id of at most 200 characters each.", remedy="Fill in both.")
        with self._write() as connection:
            row = find_cohort(connection, org, cohort_id)
            theirs = (cohorts.c.project_id == row.project_id, cohorts.c.id != cohort_id)
            others = connection.execute(select(cohorts).where(*theirs)).all()
            _refuse_double(others, {"amp_id": amp_id, "source": row.source if row.source["kind"] == "folder" else {}})
            connection.execute(update(cohorts).where(cohorts.c.id == cohort_id).values(name=name, amp_id=amp_id))
            return _cohort(find_cohort(connection, org, cohort_id))

    def delete_cohort(self, org: str, cohort_id: str) -> None:
        """Deletes it with the records of its snapshots. Raises NotFoundError, ConflictError while syncs send it."""
        with self._write() as connection:
            find_cohort(connection, org, cohort_id)
            used = select(func.count()).select_from(syncs).where(syncs.c.cohort_id == cohort_id)
            if count := int(connection.scalar(used) or 0):
                what = f"{count} sync{' sends' if count == 1 else 's send'} this cohort."
                raise ConflictError(what, remedy="Delete what sends it first.")
            connection.execute(delete(cohorts).where(cohorts.c.id == cohort_id))

    def note_source(self, org: str, cohort_id: str, changes: Mapping[str, Any], *, fault: str | None = None) -> None:
        """What the source has to remember, put in or (None) taken out, key by key; and what is wrong with it, if given.

        Raises NotFoundError.
        """
        with self._write() as connection:
            row = find_cohort(connection, org, cohort_id, lock=True)
            source = {key: value for key, value in {**row.source, **changes}.items() if value is not None}
            values = {"source": source} if fault is None else {"source": source, "fault": plain(fault)[:LONGEST_FAULT]}
            connection.execute(update(cohorts).where(cohorts.c.id == cohort_id).values(values))

    def record_snapshot(self, org: str, snapshot: CohortSnapshot) -> CohortSnapshot | None:
        """Records a file that is in its place; None when the cohort had this membership already.

        That is the newest one (which then counts as taken when this one was, if that is later) or one taken at the
        same moment. `received_at` becomes now; what was wrong with the source is over. Raises NotFoundError.
        """
        with self._write() as connection:
            find_cohort(connection, org, snapshot.cohort_id, lock=True)
            connection.execute(update(cohorts).where(cohorts.c.id == snapshot.cohort_id).values(fault=""))
            kept = _snapshots(connection, snapshot.cohort_id)
            newest = kept[0] if kept else None
            if newest is not None and newest.digest == snapshot.digest:
                if snapshot.taken_at > newest.taken_at:
                    same = snapshots.c.id == newest.id
                    connection.execute(update(snapshots).where(same).values(taken_at=snapshot.taken_at))
                return None
            if any((old.digest, old.taken_at) == (snapshot.digest, snapshot.taken_at) for old in kept):
                return None
            snapshot = replace(snapshot, received_at=self._clock())
            connection.execute(insert(snapshots).values({**asdict(snapshot), "columns": list(snapshot.columns)}))
        return snapshot

    def forget_snapshots(self, org: str, cohort_id: str, keep: int) -> list[CohortSnapshot]:
        """Deletes the records of all but the `keep` newest snapshots; those forgotten. Raises NotFoundError."""
        with self._write() as connection:
            find_cohort(connection, org, cohort_id)
            old = _snapshots(connection, cohort_id)[keep:]
            connection.execute(delete(snapshots).where(snapshots.c.id.in_([snapshot.id for snapshot in old])))
        return old

    def list_snapshots(self, org: str, cohort_id: str) -> list[CohortSnapshot]:
        """The newest first: by when the membership was so, then by when it was received. Raises NotFoundError."""
        with self._read() as connection:
            find_cohort(connection, org, cohort_id)
            return _snapshots(connection, cohort_id)

    def newest_snapshot(self, org: str, cohort_id: str) -> CohortSnapshot | None:
        """What a sync sends; None while there is none. Raises NotFoundError."""
        kept = self.list_snapshots(org, cohort_id)
        return kept[0] if kept else None

    def newest_snapshots(self, org: str) -> dict[str, CohortSnapshot]:
        """The newest snapshot of each cohort of an organisation that has one, by the cohort's id."""
        ours = select(snapshots).join(cohorts, snapshots.c.cohort_id == cohorts.c.id).where(cohorts.c.org_id == org)
        with self._read() as connection:
            rows = connection.execute(ours.order_by(snapshots.c.taken_at, snapshots.c.received_at, snapshots.c.id))
            return {row.cohort_id: _snapshot(row) for row in rows}


def plain(text: str) -> str:
    """The text on one line and without what no database or reader can do anything with."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def find_cohort(connection: Connection, org: str, cohort_id: str, *, lock: bool = False) -> Row[Any]:
    """A cohort of this organisation, for the other parts of the store. Raises NotFoundError."""
    row = None
    if is_id(cohort_id):
        wanted = select(cohorts).where(cohorts.c.id == cohort_id, cohorts.c.org_id == org)
        row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        raise NotFoundError("There is no such cohort.")
    return row


def _refuse_double(others: Any, row: Mapping[str, Any]) -> None:
    for other in others:
        if other.amp_id == row["amp_id"]:
            what = f'"{other.name}" has the cohort id {other.amp_id} already.'
            raise InputError(what, remedy="Add its next snapshot there, or choose another id.")
        folder = row["source"].get("folder")
        if folder is not None and other.source.get("folder") == folder:
            raise InputError(f'"{other.name}" watches the folder {folder} already.', remedy="Choose another folder.")


def _snapshots(connection: Connection, cohort_id: str) -> list[CohortSnapshot]:
    order = (snapshots.c.taken_at.desc(), snapshots.c.received_at.desc(), snapshots.c.id.desc())
    rows = connection.execute(select(snapshots).where(snapshots.c.cohort_id == cohort_id).order_by(*order))
    return [_snapshot(row) for row in rows]


def _cohort(row: Row[Any]) -> Cohort:
    return Cohort(
        row.id, row.org_id, row.project_id, row.amp_id, row.name, row.url, row.source, row.fault, row.created_at
    )


def _snapshot(row: Row[Any]) -> CohortSnapshot:
    return CohortSnapshot(
        row.id,
        row.cohort_id,
        row.name,
        row.file,
        row.digest,
        row.bytes,
        row.rows,
        tuple(row.columns),
        row.taken_at,
        row.received_at,
    )
