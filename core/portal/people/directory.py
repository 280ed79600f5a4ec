"""Organisations, people and projects in the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import ConflictError, InputError, NotFoundError
from core.portal.database import Database
from core.portal.people.entities import Organisation, Person, Plan, PortalAccess, Project, Role
from core.portal.people.rights import Right, require
from core.portal.tables import organisations, people, projects

PLATFORM_ORG = "platform"
"""The organisation that the reviewers belong to."""
API_URL = "https://amplitude.com"


class Directory(Database):
    """Everything here is told by exact id or by organisation; there is no way to list what is another's."""

    def add_organisation(
        self, org: str, name: str, *, plan: Plan = "starter", access: PortalAccess = "none"
    ) -> Organisation:
        """Raises InputError for an id that is taken."""
        row = {"id": org, "name": name, "plan": plan, "access": access, "checklist": [], "created_at": self._clock()}
        try:
            with self._write() as connection:
                connection.execute(insert(organisations).values(**row, requested_by="", decided_by="", reason=""))
        except IntegrityError:
            raise InputError(f"There is an organization {org} already.", remedy="Ask it to invite you.") from None
        return Organisation(org, name, plan, access)

    def get_organisation(self, org: str) -> Organisation:
        """Raises NotFoundError."""
        with self._read() as connection:
            return find_organisation(connection, org)

    def list_organisations(self, person: Person) -> list[Organisation]:
        """All of them, by name: for reviewers, who grant access. Raises ForbiddenError."""
        self.demand(person, "grant_access")
        with self._read() as connection:
            rows = connection.execute(select(organisations).order_by(organisations.c.name)).all()
        return [_organisation(row) for row in rows if row.id != PLATFORM_ORG]

    def update_organisation(
        self, org: str, changes: Mapping[str, Any], *, while_access: PortalAccess | None = None
    ) -> Organisation:
        """Sets columns. Raises NotFoundError, ConflictError when its access is not `while_access`."""
        with self._write() as connection:
            if while_access not in (None, find_organisation(connection, org, lock=True).access):
                raise ConflictError("Somebody else has just decided about this.", remedy="Reload the page.")
            connection.execute(update(organisations).where(organisations.c.id == org).values(dict(changes)))
            return find_organisation(connection, org)

    def add_person(self, person_id: str, org: str, name: str, email: str, role: Role) -> Person:
        """Raises NotFoundError for the organisation, InputError for an e-mail address or id that is taken."""
        row = {"id": person_id, "org_id": org, "name": name, "email": email.strip().lower(), "role": role}
        try:
            with self._write() as connection:
                find_organisation(connection, org)
                connection.execute(insert(people).values(**row, created_at=self._clock()))
        except IntegrityError:
            raise InputError("Somebody with this e-mail address is registered already.", where=email) from None
        return Person(person_id, org, name, row["email"], role)

    def update_person(self, person_id: str, org: str, role: Role) -> Person:
        """Moves somebody to an organisation and a role. Raises NotFoundError."""
        with self._write() as connection:
            find_organisation(connection, org)
            connection.execute(update(people).where(people.c.id == person_id).values(org_id=org, role=role))
        return self.get_person(person_id)

    def remove_person(self, org: str, person_id: str) -> None:
        """Raises NotFoundError."""
        with self._write() as connection:
            gone = connection.execute(delete(people).where(people.c.id == person_id, people.c.org_id == org))
            if gone.rowcount != 1:
                raise NotFoundError("There is no such person.")

    def get_person(self, person_id: str) -> Person:
        """Raises NotFoundError."""
        with self._read() as connection:
            row = connection.execute(select(people).where(people.c.id == person_id)).one_or_none()
        if row is None:
            raise NotFoundError("There is no such person.")
        return _person(row)

    def person_by_email(self, email: str) -> Person | None:
        with self._read() as connection:
            row = connection.execute(select(people).where(people.c.email == email.strip().lower())).one_or_none()
        return None if row is None else _person(row)

    def list_people(self, org: str) -> list[Person]:
        """The people of one organisation, by name."""
        with self._read() as connection:
            rows = connection.execute(select(people).where(people.c.org_id == org).order_by(people.c.name)).all()
        return [_person(row) for row in rows]

    def list_reviewers(self) -> list[Person]:
        """Everybody who reviews: to whom submissions are announced."""
        with self._read() as connection:
            rows = connection.execute(select(people).where(people.c.role == "reviewer").order_by(people.c.name)).all()
        return [_person(row) for row in rows]

    def demand(self, person: Person, right: Right) -> Organisation:
        """The person's organisation. Raises ForbiddenError unless the person has the right."""
        organisation = self.get_organisation(person.org_id)
        require(person, right, organisation)
        return organisation

    def add_project(
        self, project_id: str, org: str, name: str, api_key: str, *, secret: str = "", api_url: str = API_URL
    ) -> Project:
        """A project; its secret is sealed. Raises NotFoundError for the organisation, InputError for a taken id."""
        sealed = self._vault.seal(secret) if secret else None
        row = {"id": project_id, "org_id": org, "name": name, "api_key": api_key, "secret": sealed, "api_url": api_url}
        try:
            with self._write() as connection:
                find_organisation(connection, org)
                connection.execute(insert(projects).values(**row, created_at=self._clock()))
        except IntegrityError:
            raise InputError(f"There is a project {project_id} already.", remedy="Use its own id.") from None
        return Project(project_id, org, name, api_key, api_url, sealed is not None)

    def update_project(self, org: str, project_id: str, changes: Mapping[str, str]) -> Project:
        """Sets `name`, `api_key`, `api_url` or `secret` (sealed; "" forgets it). Raises NotFoundError."""
        values: dict[str, Any] = {key: changes[key] for key in ("name", "api_key", "api_url") if key in changes}
        if "secret" in changes:
            values["secret"] = self._vault.seal(changes["secret"]) if changes["secret"] else None
        with self._write() as connection:
            find_project(connection, org, project_id)
            if values:
                connection.execute(update(projects).where(projects.c.id == project_id).values(values))
            return _project(find_project(connection, org, project_id))

    def get_project(self, org: str, project_id: str) -> Project:
        """Raises NotFoundError."""
        with self._read() as connection:
            return _project(find_project(connection, org, project_id))

    def list_projects(self, org: str) -> list[Project]:
        """The projects of one organisation, the oldest first."""
        wanted = select(projects).where(projects.c.org_id == org)
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(projects.c.created_at, projects.c.id)).all()
        return [_project(row) for row in rows]

    def project_secret(self, org: str, project_id: str) -> str:
        """The project's secret in plain text; "" when it has none. Raises NotFoundError, VaultError."""
        with self._read() as connection:
            sealed = find_project(connection, org, project_id).secret
        return self._vault.unseal(sealed) if sealed else ""


def find_organisation(connection: Connection, org: str, *, lock: bool = False) -> Organisation:
    """`lock`: nobody else changes it until this transaction ends. Raises NotFoundError."""
    wanted = select(organisations).where(organisations.c.id == org)
    row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        raise NotFoundError("There is no such organization.")
    return _organisation(row)


def find_project(connection: Connection, org: str, project_id: str) -> Row[Any]:
    """A project of this organisation, for the other parts of the store. Raises NotFoundError."""
    wanted = select(projects).where(projects.c.id == project_id, projects.c.org_id == org)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFoundError("There is no such project.")
    return row


def _organisation(row: Row[Any]) -> Organisation:
    return Organisation(
        row.id,
        row.name,
        row.plan,
        row.access,
        tuple(row.checklist),
        row.requested_at,
        row.requested_by,
        row.decided_at,
        row.decided_by,
        row.reason,
    )


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.org_id, row.name, row.email, row.role)


def _project(row: Row[Any]) -> Project:
    return Project(row.id, row.org_id, row.name, row.api_key, row.api_url, row.secret is not None)
