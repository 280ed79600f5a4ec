"""The catalogue of destinations: what was released to an organisation, and how far it is connected there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.integration import Integration
from core.portal.customers.connections import CustomerConnection
from core.portal.people import Person
from core.portal.review.releases import Released, released, released_to
from core.portal.store import Store

Mark = Literal["internal", "beta", "deprecated"]


@dataclass(frozen=True, slots=True)
class Destination:
    """One tile. `connections` are this organisation's own.

    `mark`: `internal` is seen by nobody but this organisation; `beta` is deployed, but no sync with it has succeeded
    yet, anybody's; `deprecated` goes on for those who are connected and takes no new connection.
    """

    id: str
    integration: Integration
    release: int
    owner_org: str
    has_logo: bool
    mark: Mark | None
    connections: tuple[CustomerConnection, ...]

    @property
    def name(self) -> str:
        return self.integration.display_name

    @property
    def deprecated(self) -> bool:
        return self.mark == "deprecated"

    def matches(self, words: str) -> bool:
        """Whether every word stands somewhere in the name, the summary or the category."""
        category = self.integration.category
        text = " ".join((self.name, self.integration.summary, category, category.replace("_", " "))).casefold()
        return all(word in text for word in words.casefold().split())


def catalogue(store: Store, person: Person) -> list[Destination]:
    """All destinations of the person's organisation, by name. Raises ForbiddenError."""
    store.demand(person, "connect")
    found = released_to(store, person.org_id)
    ours: dict[str, list[CustomerConnection]] = {}
    for connection in store.list_connections(person.org_id):
        ours.setdefault(connection.integration_id, []).append(connection)
    proven = store.synced_integrations()
    tiles = [_destination(one, ours, proven) for one in found]
    return sorted(tiles, key=lambda tile: (tile.name.casefold(), tile.id))


def get_destination(store: Store, person: Person, integration_id: str) -> Destination:
    """One destination. Raises ForbiddenError, NotFoundError when it was not released to the person's organisation."""
    store.demand(person, "connect")
    found = released(store, person.org_id, integration_id)
    ours = {found.integration_id: store.list_connections(person.org_id, found.integration_id)}
    return _destination(found, ours, store.synced_integrations())


def _destination(
    found: Released, ours: Mapping[str, Sequence[CustomerConnection]], proven: frozenset[str]
) -> Destination:
    mark: Mark | None = None
    if found.state == "deprecated":
        mark = "deprecated"
    elif found.channel == "internal":
        mark = "internal"
    elif found.integration_id not in proven:
        mark = "beta"
    return Destination(
        found.integration_id,
        Integration.model_validate(found.document),
        found.release_number,
        found.owner_org,
        found.has_logo,
        mark,
        tuple(ours.get(found.integration_id, ())),
    )
