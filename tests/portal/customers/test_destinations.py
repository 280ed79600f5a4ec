"""The catalogue: who sees which tile, and what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.errors import ForbiddenError, NotFoundError
from core.portal.customers.destinations import catalogue, get_destination
from core.portal.people import Person
from core.request import Connection
from tests.integration.documents import LIST, PROPERTY
from tests.portal.customers.conftest import SHOP, Market


def tiles(market: Market, person: Person) -> list[tuple[str, str | None, int]]:
    return [(one.name, one.mark, len(one.connections)) for one in catalogue(market.store, person)]


def test_everybody_sees_what_is_deployed_and_only_the_owner_what_is_internal(market: Market):
    market.release(PROPERTY, kind="internal")
    market.store.create_integration("acme", {**LIST, "display_name": "Draft"})
    assert tiles(market, market.customer) == [("Acme", "beta", 0)]
    assert tiles(market, market.partner) == [("Acme", "beta", 0), ("Northwind", "internal", 0)]
    with pytest.raises(ForbiddenError):
        catalogue(market.store, market.reviewer)


def test_a_deprecated_one_is_there_for_who_is_connected(market: Market, form: Callable[..., Connection]):
    market.store.create_connection(SHOP, "p2", market.integration, form(), {"bearer_token"})
    market.set_state(market.integration, "deprecated")
    assert tiles(market, market.customer) == [("Acme", "deprecated", 1)]
    assert tiles(market, market.partner) == []
    with pytest.raises(NotFoundError):
        get_destination(market.store, market.partner, market.integration)


def test_it_is_beta_until_a_sync_with_it_has_succeeded(market: Market, form: Callable[..., Connection]):
    made = market.store.create_connection(SHOP, "p2", market.integration, form(), {"bearer_token"})
    sync = market.store.create_sync(SHOP, market.cohort(["id"]), made.id, "once", "Carl")
    run = market.store.create_sync_run(SHOP, sync.id, {})
    market.store.update_run(run, "failed")
    assert get_destination(market.store, market.partner, market.integration).mark == "beta"
    run = market.store.create_sync_run(SHOP, sync.id, {})
    market.store.update_run(run, "succeeded")
    assert get_destination(market.store, market.partner, market.integration).mark is None


def test_a_sync_to_the_sandbox_proves_nothing(market: Market, form: Callable[..., Connection]):
    made = market.store.create_connection(SHOP, "p2", market.integration, form(), {"bearer_token"}, target="sandbox")
    sync = market.store.create_sync(SHOP, market.cohort(["id"]), made.id, "once", "Carl")
    market.store.update_run(market.store.create_sync_run(SHOP, sync.id, {}), "succeeded")
    assert get_destination(market.store, market.partner, market.integration).mark == "beta"


def test_customers_have_the_released_version_not_the_draft(market: Market):
    stored = market.store.get("acme", market.integration)
    market.store.save("acme", market.integration, stored.revision, {**LIST, "summary": "Not yet for customers"})
    assert get_destination(market.store, market.customer, market.integration).integration.summary == LIST["summary"]


@pytest.mark.parametrize(
    ("words", "found"), [("", True), ("acm", True), ("COHORTS acme", True), ("other", True), ("acme crm", False)]
)
def test_the_search_finds_by_name_summary_and_category(market: Market, words: str, found: bool):
    (one,) = catalogue(market.store, market.customer)
    assert one.matches(words) is found
