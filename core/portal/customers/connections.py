"""Connections in the store: customers' filled-in Connect forms, each of one organisation and for one destination.

A connection's settings go in as one `core.request.Connection`. The values of secret fields are sealed (sealing.py) and
come out again only through `connection_settings`, for the engine; everything else is told their names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection as Database_
from sqlalchemy import Row, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import ConflictError, InputError, NotFoundError
from core.portal.database import Database, is_id, new_id
from core.portal.people.directory import find_project
from core.portal.sealing import is_sealed, seal, unseal
from core.portal.tables import connections, integrations, runs, syncs
from core.request import Connection

Target = Literal["destination", "sandbox"]
"""Where its syncs send: to the destination itself, or to a sandbox of the portal that plays it."""


@dataclass(frozen=True, slots=True)
class CustomerConnection:
    """A connection as pages may see it: `settings` has no value of a secret, `secrets` names those that are saved.

    `created_by` is the name of a person.
    """

    id: str
    org_id: str
    project_id: str
    integration_id: str
    name: str
    target: Target
    settings: Connection
    secrets: frozenset[str]
    created_by: str
    created_at: datetime
    updated_at: datetime


class Connections(Database):
    """Create, read, change and delete connections. Every id of another organisation counts as not there."""

    def create_connection(
        self,
        org: str,
        project_id: str,
        integration_id: str,
        settings: Connection,
        secret_fields: Collection[str],
        *,
        target: Target = "destination",
        created_by: str = "",
    ) -> CustomerConnection:
        """A new connection named `settings.name`; of `settings`, the cohort is not kept.

        Raises NotFoundError for the project or the integration, InputError for a name that another connection of this
        organisation to this destination has. Whether the organisation may use the integration is not judged here.
        """
        now = self._clock()
        with self._write() as connection:
            find_project(connection, org, project_id)
            if connection.scalar(select(integrations.c.id).where(integrations.c.id == integration_id)) is None:
                raise NotFoundError("There is no such destination.")
            _refuse_taken_name(connection, org, integration_id, settings.name, except_id=None)
            made = new_id()
            row = {
                "id": made,
                "org_id": org,
                "project_id": project_id,
                "integration_id": integration_id,
                "name": settings.name,
                "target": target,
                "settings": self._sealed(settings, secret_fields, {}),
                "created_by": created_by,
                "created_at": now,
                "updated_at": now,
            }
            connection.execute(insert(connections).values(row))
            return _shown(find_connection(connection, org, made))

    def update_connection(
        self, org: str, connection_id: str, settings: Connection, secret_fields: Collection[str]
    ) -> CustomerConnection:
        """Replace a connection's settings; its project, destination and target stay.

        A saved secret keeps its value unless `settings.fields` has its name: another value replaces it, None or ""
        forgets it. Raises NotFoundError, InputError for a taken name.
        """
        with self._write() as connection:
            row = find_connection(connection, org, connection_id, lock=True)
            _refuse_taken_name(connection, org, row.integration_id, settings.name, except_id=connection_id)
            kept = {name: value for name, value in row.settings["fields"].items() if is_sealed(value)}
            values = {
                "name": settings.name,
                "settings": self._sealed(settings, secret_fields, kept),
                "updated_at": self._clock(),
            }
            connection.execute(update(connections).where(connections.c.id == connection_id).values(values))
            return _shown(find_connection(connection, org, connection_id))

    def get_connection(self, org: str, connection_id: str) -> CustomerConnection:
        """Raises NotFoundError."""
        with self._read() as connection:
            return _shown(find_connection(connection, org, connection_id))

    def list_connections(self, org: str, integration_id: str | None = None) -> list[CustomerConnection]:
        """The connections of one organisation, to all destinations or to one, the oldest first."""
        wanted = select(connections).where(connections.c.org_id == org)
        if integration_id is not None:
            wanted = wanted.where(connections.c.integration_id == integration_id)
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(connections.c.created_at, connections.c.id)).all()
        return [_shown(row) for row in rows]

    def connection_settings(self, org: str, connection_id: str) -> Connection:
        """The settings with every secret in plain text, for the engine and never for a page. Raises NotFoundError.

        A secret that the present key does not open is left out, so that it counts as not filled in. What a newer
        release no longer has is still in there: `connecting.usable_settings` leaves it out.
        """
        with self._read() as connection:
            settings = find_connection(connection, org, connection_id).settings
        return Connection.model_validate(unseal(settings, self._vault))

    def delete_connection(self, org: str, connection_id: str) -> None:
        """Raises NotFoundError, ConflictError while syncs use it."""
        try:
            with self._write() as connection:
                row = find_connection(connection, org, connection_id, lock=True)
                used = connection.scalars(select(syncs.c.id).where(syncs.c.connection_id == connection_id)).all()
                if used:
                    raise _in_use(row.name, len(used))
                connection.execute(delete(connections).where(connections.c.id == connection_id))
        except IntegrityError:  # a sync was made meanwhile
            raise _in_use("It", 1) from None

    def syncs_of_connections(self, org: str) -> Mapping[str, int]:
        """How many syncs use each connection of an organisation; connections without one are left out."""
        with self._read() as connection:
            used = connection.scalars(select(syncs.c.connection_id).where(syncs.c.org_id == org)).all()
        return {connection_id: used.count(connection_id) for connection_id in set(used)}

    def synced_integrations(self) -> frozenset[str]:
        """The integrations with which a sync to the destination itself has succeeded, whoever's: one of the runs that
        are kept, or the last of a sync that ran before those.
        """
        ran = exists().where(runs.c.sync_id == syncs.c.id, runs.c.state == "succeeded")
        wanted = (
            select(connections.c.integration_id)
            .join(syncs, syncs.c.connection_id == connections.c.id)
            .where(connections.c.target == "destination", or_(syncs.c.last_outcome == "succeeded", ran))
            .distinct()
        )
        with self._read() as connection:
            return frozenset(connection.scalars(wanted))

    def _sealed(self, settings: Connection, secret_fields: Iterable[str], kept: Mapping[str, Any]) -> dict[str, Any]:
        """What is stored: secrets sealed, those of `kept` as they are unless the settings name them."""
        fields = {name: value for name, value in settings.fields.items() if value not in (None, "")}
        unchanged = {name: token for name, token in kept.items() if name not in settings.fields}
        return {
            "name": settings.name,
            "fields": {**seal(fields, frozenset(secret_fields), self._vault), **unchanged},
            "mappings": {name: column for name, column in settings.mappings.items() if column},
            "list_id": settings.list_id,
        }


def find_connection(connection: Database_, org: str, connection_id: str, *, lock: bool = False) -> Row[Any]:
    """A connection of this organisation, for the other parts of the store. Raises NotFoundError."""
    ours = select(connections).where(connections.c.id == connection_id, connections.c.org_id == org)
    wanted = ours.with_for_update() if lock else ours
    row = connection.execute(wanted).one_or_none() if is_id(connection_id) else None
    if row is None:
        raise NotFoundError("There is no such connection.", remedy="It may have been deleted.")
    return row


def _refuse_taken_name(
    connection: Database_, org: str, integration_id: str, name: str, *, except_id: str | None
) -> None:
    theirs = select(connections.c.id, connections.c.name).where(
        connections.c.org_id == org, connections.c.integration_id == integration_id
    )
    for row in connection.execute(theirs):
        if row.id != except_id and row.name.strip().casefold() == name.strip().casefold():
            raise InputError("Another connection to this destination has this name.", where="Name", remedy="Change it.")


def _in_use(name: str, count: int) -> ConflictError:
    used = "A sync uses it" if count == 1 else f"{count} syncs use it"
    return ConflictError(f"{name} cannot be deleted.", remedy=f"{used}: delete that first, under Syncs.")


def _shown(row: Row[Any]) -> CustomerConnection:
    fields: dict[str, Any] = row.settings["fields"]
    plain = {name: value for name, value in fields.items() if not is_sealed(value)}
    return CustomerConnection(
        row.id,
        row.org_id,
        row.project_id,
        row.integration_id,
        row.name,
        row.target,
        Connection.model_validate({**row.settings, "fields": plain}),
        frozenset(fields.keys() - plain.keys()),
        row.created_by,
        row.created_at,
        row.updated_at,
    )
