"""What customers have of an integration: its deployed release, or the internal one of their own organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select

from core.errors import NotFoundError
from core.portal.database import Database, is_id
from core.portal.review.entities import Document
from core.portal.tables import connections, integrations, releases

if TYPE_CHECKING:
    from core.portal.store import Store


@dataclass(frozen=True, slots=True)
class Released:
    """A release as a customer gets it. `owner_org` is the organisation that made it, `name` its display name.

    `channel` is `internal` for a release that only the owner's own people have. `state` is `deprecated` when no new
    connections are made to it; nothing else of how its draft stands is told.
    """

    integration_id: str
    owner_org: str
    release_number: int
    channel: Literal["deployed", "internal"]
    document: Document
    state: Literal["released", "deprecated"]
    has_logo: bool

    @property
    def name(self) -> str:
        return str(self.document.get("display_name", ""))

    @property
    def deprecated(self) -> bool:
        return self.state == "deprecated"


class ReleasedParts(Database):
    """The customers' side of the releases in the store."""

    def released_rows(self, org: str, integration_id: str | None = None) -> list[Released]:
        """What the organisation has, one release an integration; of one integration when its id is given."""
        wanted = _reaching(org)
        if integration_id is not None:
            if not is_id(integration_id):
                return []
            wanted = wanted.where(integrations.c.id == integration_id)
        with self._read() as connection:
            rows = connection.execute(wanted.order_by(releases.c.integration_id, releases.c.number)).all()
        newest = {row.integration_id: row for row in rows}
        return [_released(row) for row in newest.values()]

    def released_picture(self, released: Released) -> bytes | None:
        """The logo of a release that `released_rows` gave."""
        this = _one(released.integration_id, released.release_number)
        with self._read() as connection:
            png: bytes | None = connection.scalar(select(releases.c.logo).where(this))
        return png


def released_to(store: Store, org: str) -> list[Released]:
    """All that the organisation may connect to, by name: the deployed releases of anybody, and its own internal ones.

    Of one's own integration the newer of the two counts. A deprecated one is there only for an organisation that has a
    connection to it.
    """
    return sorted(store.released_rows(org), key=lambda found: (found.name.casefold(), found.integration_id))


def released(store: Store, org: str, integration_id: str) -> Released:
    """The release of one integration that the organisation has. Raises NotFoundError."""
    found = store.released_rows(org, integration_id)
    if not found:
        raise NotFoundError("There is no such destination.", remedy="It may not be released any more.")
    return found[0]


def released_logo(store: Store, org: str, integration_id: str) -> bytes | None:
    """The logo of the release that the organisation has, as PNG; None without one. Raises NotFoundError."""
    return store.released_picture(released(store, org, integration_id))


def _reaching(org: str) -> Select[Any]:
    connected = exists().where(connections.c.integration_id == integrations.c.id, connections.c.org_id == org)
    deployed = and_(
        releases.c.number == integrations.c.deployed_release, or_(integrations.c.state != "deprecated", connected)
    )
    internal = and_(releases.c.number == integrations.c.internal_release, integrations.c.org_id == org)
    columns = [column for column in releases.c if column.name not in ("evidence", "test_account", "logo")]
    return (
        select(
            *columns,
            releases.c.logo.is_not(None).label("has_logo"),
            integrations.c.org_id,
            integrations.c.state.label("stands"),
        )
        .join(integrations, releases.c.integration_id == integrations.c.id)
        .where(or_(deployed, internal))
    )


def _released(row: Row[Any]) -> Released:
    return Released(
        integration_id=row.integration_id,
        owner_org=row.org_id,
        release_number=row.number,
        channel="internal" if row.kind == "internal" else "deployed",
        document=row.document,
        state="deprecated" if row.stands == "deprecated" else "released",
        has_logo=bool(row.has_logo),
    )


def _one(integration_id: str, number: int) -> ColumnElement[bool]:
    return and_(releases.c.integration_id == integration_id, releases.c.number == number)
