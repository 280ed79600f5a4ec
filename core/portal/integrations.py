"""Integrations in the store: their documents with every revision, scoped to the organisation that owns them.

Nobody's change is lost in silence: a save says which revision it started from, and when another one has been saved
since, the two are merged (merge.py) or, where they contradict each other, refused with both versions at hand. Reading,
merging and writing are one transaction that holds off other writers, so that a save succeeds however many there are.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.errors import ConflictError, DocumentError, NotFoundError
from core.portal.database import Database, is_id, new_id
from core.portal.merge import Conflict, Merged, merge, same
from core.portal.names import copy_name, name_key
from core.portal.people.entities import Person
from core.portal.stored import Document, EditConflict, RevisionLine, Saved, Stored, Summary
from core.portal.tables import connections, integrations, logos, revisions
from core.portal.transitions import record

REVISIONS_KEPT = 200


class Integrations(Database):
    """Create, read, save and delete integrations. Every id of another organisation counts as not there."""

    def create_integration(self, org: str, document: Document) -> Stored:
        """Store a new draft at revision 1. Raises DocumentError when `document` is not JSON."""
        with self._write() as connection:
            return self._insert(connection, org, _as_json(document))

    def list_integrations(self, org: str) -> list[Summary]:
        """All integrations of an organisation, the one changed last first."""
        ours = select(integrations).where(integrations.c.org_id == org)
        with self._read() as connection:
            rows = connection.execute(ours.order_by(integrations.c.updated_at.desc(), integrations.c.id)).all()
        return [_summary(row) for row in rows]

    def get(self, org: str, integration_id: str) -> Stored:
        """Raises NotFoundError."""
        with self._read() as connection:
            return _stored(find(connection, org, integration_id))

    def delete(self, org: str, integration_id: str) -> None:
        """Delete an integration with its revisions, logo, test settings, releases and runs.

        Raises NotFoundError, ConflictError while customers have it or could have it, or reviewers look at it.
        """
        with self._write() as connection:
            _refuse_while_used(connection, find(connection, org, integration_id, lock=True))
            connection.execute(delete(integrations).where(integrations.c.id == integration_id))

    def duplicate(self, org: str, integration_id: str) -> Stored:
        """A new draft with the same document and logo under a name of its own; test settings and runs stay behind."""
        with self._write() as connection:
            original = find(connection, org, integration_id)
            name = copy_name(
                str(original.document.get("display_name", "")), lambda name: _taken(connection, name, None)
            )
            copy = self._insert(connection, org, {**original.document, "display_name": name}, original.logo_digest)
            png = connection.scalar(select(logos.c.png).where(logos.c.integration_id == integration_id))
            if png is not None:
                connection.execute(insert(logos).values(integration_id=copy.id, png=png))
            return copy

    def name_taken(self, org: str, display_name: str, except_id: str | None = None) -> bool:
        """Whether any integration of any organisation bears this name (names.py says what counts as the same).

        `except_id` is the integration that asks, and only counts when it belongs to `org`. An empty name is never
        taken. A draft may be saved under a taken name; it is a finding, not a refusal.
        """
        with self._read() as connection:
            if except_id is not None:
                find(connection, org, except_id)
            return _taken(connection, display_name, except_id)

    def save(
        self,
        org: str,
        integration_id: str,
        base_revision: int,
        document: Document,
        *,
        overwrite: bool = False,
        by: Person | None = None,
    ) -> Saved:
        """Save `document`, which was made from revision `base_revision`.

        With other revisions saved since, both sides' changes are merged. `overwrite` lets mine win where they
        conflict; changes of theirs elsewhere still stay. A document that changes nothing makes no revision. The first
        change of an approved integration makes it a draft again, which the timeline tells as done by `by`.
        Raises EditConflict, NotFoundError, DocumentError when `document` is not JSON.
        """
        mine = _as_json(document)
        with self._write() as connection:
            row = find(connection, org, integration_id, lock=True)
            latest = _stored(row)
            merged = _merged(connection, latest, base_revision, mine)
            if merged.conflicts and not overwrite:
                raise EditConflict(merged.conflicts, latest, merged.document)
            revision = latest.revision
            if not same(merged.document, latest.document):
                revision += 1
                self._replace(connection, integration_id, revision, merged.document)
                note_edit(connection, row, by, self._clock())
        return Saved(revision, merged.document, merged=not same(merged.document, mine))

    def revision(self, org: str, integration_id: str, revision: int) -> Document:
        """An earlier document, for a look back. Raises NotFoundError, also for one no longer kept."""
        with self._read() as connection:
            find(connection, org, integration_id)
            document = _document_at(connection, integration_id, revision)
        if document is None:
            raise NotFoundError(f"Revision {revision} is not kept.", remedy=f"The last {REVISIONS_KEPT} are.")
        return document

    def list_revisions(self, org: str, integration_id: str) -> list[RevisionLine]:
        """The revisions that are kept, the newest first. Raises NotFoundError."""
        wanted = select(revisions.c.revision, revisions.c.saved_at).where(revisions.c.integration_id == integration_id)
        with self._read() as connection:
            find(connection, org, integration_id)
            rows = connection.execute(wanted.order_by(revisions.c.revision.desc())).all()
        return [RevisionLine(row.revision, row.saved_at) for row in rows]

    def _replace(self, connection: Connection, integration_id: str, revision: int, document: Document) -> None:
        now = self._clock()
        key = name_key(str(document.get("display_name", "")))
        values = {"revision": revision, "document": document, "name_key": key, "updated_at": now}
        connection.execute(update(integrations).where(integrations.c.id == integration_id).values(values))
        _keep_revision(connection, integration_id, revision, document, now)

    def _insert(self, connection: Connection, org: str, document: Document, logo: str | None = None) -> Stored:
        now = self._clock()
        stored = Stored(new_id(), document, 1, "draft", logo, now, now)
        connection.execute(
            insert(integrations).values(
                id=stored.id,
                org_id=org,
                name_key=name_key(str(document.get("display_name", ""))),
                state=stored.state,
                revision=1,
                document=document,
                logo_digest=logo,
                created_at=now,
                updated_at=now,
            )
        )
        _keep_revision(connection, stored.id, 1, document, now)
        return stored


def find(connection: Connection, org: str, integration_id: str, *, lock: bool = False) -> Row[Any]:
    """An integration of this organisation, for the other parts of the store. Raises NotFoundError.

    `lock` holds off other writers of it until the transaction ends; on SQLite every write transaction does so anyway.
    """
    ours = select(integrations).where(integrations.c.id == integration_id, integrations.c.org_id == org)
    wanted = ours.with_for_update() if lock else ours
    row = connection.execute(wanted).one_or_none() if is_id(integration_id) else None
    if row is None:
        raise NotFoundError("There is no such integration.", remedy="It may have been deleted.")
    return row


def note_edit(connection: Connection, row: Row[Any], by: Person | None, now: datetime) -> None:
    """What customers have is no longer what is edited: an approved integration is a draft again. `row` is locked."""
    if row.state == "approved":
        connection.execute(update(integrations).where(integrations.c.id == row.id).values(state="draft"))
        record(connection, row.id, "edit", "approved", "draft", at=now, by=by)


def _refuse_while_used(connection: Connection, row: Row[Any]) -> None:
    """Deleting takes nothing away from customers, and nothing from under a reviewer."""
    if connection.scalar(select(connections.c.id).where(connections.c.integration_id == row.id).limit(1)):
        raise ConflictError("Somebody is connected to it.", remedy="It can be deleted when no connection is left.")
    if row.deployed_release is not None and row.state != "deprecated":
        raise ConflictError("Customers have it on their Destinations page.", remedy="Deprecate it first.")
    if row.state in ("submitted", "in_review"):
        raise ConflictError("It is with the reviewers.", remedy="Withdraw the submission first.")


def _merged(connection: Connection, latest: Stored, base_revision: int, mine: Document) -> Merged:
    """My document with what was saved since its base; in conflict as a whole when the base is not kept."""
    if base_revision == latest.revision:
        return Merged(mine, ())
    base = _document_at(connection, latest.id, base_revision)
    if base is not None:
        return merge(base, mine, latest.document)
    if same(mine, latest.document):
        return Merged(mine, ())
    return Merged(mine, (Conflict((), mine, latest.document, None),))


def _taken(connection: Connection, display_name: str, except_id: str | None) -> bool:
    key = name_key(display_name)
    if not key:
        return False
    found = connection.scalars(select(integrations.c.id).where(integrations.c.name_key == key)).all()
    return any(owner != except_id for owner in found)


def _document_at(connection: Connection, integration_id: str, revision: int) -> Document | None:
    kept = select(revisions.c.document).where(
        revisions.c.integration_id == integration_id, revisions.c.revision == revision
    )
    document: Document | None = connection.scalar(kept)
    return document


def _keep_revision(
    connection: Connection, integration_id: str, revision: int, document: Document, at: datetime
) -> None:
    connection.execute(
        insert(revisions).values(integration_id=integration_id, revision=revision, document=document, saved_at=at)
    )
    outdated = revisions.c.revision <= revision - REVISIONS_KEPT
    connection.execute(delete(revisions).where(revisions.c.integration_id == integration_id, outdated))


def _stored(row: Row[Any]) -> Stored:
    return Stored(
        row.id,
        row.document,
        row.revision,
        row.state,
        row.logo_digest,
        row.created_at,
        row.updated_at,
        row.internal_release,
        row.deployed_release,
    )


def _summary(row: Row[Any]) -> Summary:
    document: Document = row.document
    return Summary(
        id=row.id,
        display_name=str(document.get("display_name", "")),
        category=str(document.get("category", "")),
        type=str(document.get("type", "")),
        state=row.state,
        revision=row.revision,
        has_logo=row.logo_digest is not None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        internal_release=row.internal_release,
        deployed_release=row.deployed_release,
    )


def _as_json(document: Document) -> Document:
    """A copy that is what will be read back. Raises DocumentError for what JSON cannot hold."""
    try:
        copy: Document = json.loads(json.dumps(document, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise DocumentError(f"The document cannot be saved as JSON: {error}.") from error
    return copy
