"""Two organisations with a project each, a partner's integration deployed to both, and cohorts to map from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from core.portal import Store
from core.portal.people import Person
from core.request import Connection
from tests.integration.documents import LIST
from tests.portal.customers import released

ACME, SHOP = "acme", "shop"


@dataclass(frozen=True)
class Market:
    """`partner` is of Acme, who made `integration`; `customer` is of the shop."""

    store: Store
    partner: Person
    customer: Person
    reviewer: Person
    integration: str

    def release(self, document: dict[str, Any] = LIST, integration: str | None = None, *, kind: str = "review") -> str:
        return released.release(self.store, document, integration, org=ACME, kind=kind)

    def set_state(self, integration: str, state: str) -> None:
        released.set_state(self.store, integration, state)

    def cohort(self, columns: Sequence[str], name: str = "Power users") -> str:
        return released.cohort(self.store, SHOP, "p2", columns, name)


@pytest.fixture
def market(store: Store) -> Market:
    store.add_organisation(ACME, "Acme", access="granted")
    store.add_organisation(SHOP, "Shop")
    store.add_organisation("platform", "Platform")
    partner = store.add_person("pat", ACME, "Pat", "pat@acme.example", "partner")
    customer = store.add_person("carl", SHOP, "Carl", "carl@shop.example", "customer")
    reviewer = store.add_person("rita", "platform", "Rita", "rita@platform.example", "reviewer")
    store.add_project("p1", ACME, "One", "key-1")
    store.add_project("p2", SHOP, "Two", "key-2")
    market = Market(store, partner, customer, reviewer, store.create_integration(ACME, LIST).id)
    market.release(integration=market.integration)
    return market


@pytest.fixture
def form() -> Callable[..., Connection]:
    """A filled-in form that fits; fields by name replace what is in it."""

    def filled(name: str = "Ours", mapped: str | None = "id", **fields: Any) -> Connection:
        values = {"bearer_token": "tok-5ecret", "region": "us", **fields}
        return Connection(name=name, fields=values, mappings={"user_id": mapped})

    return filled
