"""The Connect form: what may be saved, by whom, and what a new release of the destination does to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import ConflictError, ForbiddenError, NotFoundError
from core.integration import Integration
from core.portal.customers import connecting
from core.portal.customers.connecting import FormError
from core.portal.customers.connections import CustomerConnection
from core.request import Connection
from tests.integration.documents import LIST, changed
from tests.portal.customers.conftest import SHOP, Market

Form = Callable[..., Connection]


def connect(market: Market, form: Connection, **options: Any) -> CustomerConnection:
    return connecting.connect(market.store, market.customer, market.integration, "p2", form, **options)


def faults(attempt: Callable[[], object]) -> list[str]:
    with pytest.raises(FormError) as raised:
        attempt()
    return [problem.title for problem in raised.value.problems]


def attention(market: Market, saved: CustomerConnection, document: dict[str, Any]) -> list[str]:
    market.release(document, market.integration)
    missing = connecting.needs_attention(market.store, saved, Integration.model_validate(document))
    return [str(one) for one in missing]


def with_fields(*fields: dict[str, Any]) -> dict[str, Any]:
    return {**LIST, "custom_fields": [*LIST["custom_fields"], *fields]}


def test_a_form_is_saved_as_it_was_seen(market: Market, form: Form):
    market.cohort(["id", "email"])
    made = connect(market, form("  My\n account ", bearer_token=" tok-5ecret ", region=None))
    plain = market.store.connection_settings(SHOP, made.id)
    assert plain.fields == {"bearer_token": "tok-5ecret", "region": "eu"}
    assert (plain.name, made.created_by, made.secrets) == ("My account", "Carl", {"bearer_token"})


def test_all_that_is_wrong_is_said_at_once(market: Market, form: Form):
    market.cohort(["id"])
    bad = form("", mapped="phone", bearer_token="", region="mars")
    assert faults(lambda: connect(market, bad)) == ["Name", "Bearer Token", "Region", "User ID"]
    assert market.store.list_connections(SHOP) == []


def test_mappings_are_chosen_from_all_cohorts_of_the_project(market: Market, form: Form):
    market.cohort(["id", "email"], "One")
    market.cohort(["email", "phone"], "Two")
    assert connecting.properties_of(market.store, market.customer, "p2") == ("id", "email", "phone")
    assert connect(market, form(mapped="phone")).settings.mappings == {"user_id": "phone"}
    with pytest.raises(NotFoundError):
        connecting.properties_of(market.store, market.customer, "p1")


def test_without_a_cohort_the_property_is_named_but_not_judged(market: Market, form: Form):
    assert faults(lambda: connect(market, form(mapped=None))) == ["User ID"]
    made = connect(market, form(mapped="whatever"))
    assert connecting.needs_attention(market.store, made, Integration.model_validate(LIST)) == ()
    market.cohort(["id"])
    assert len(connecting.needs_attention(market.store, made, Integration.model_validate(LIST))) == 1


def test_who_may_connect_and_to_what(market: Market, form: Form):
    with pytest.raises(ForbiddenError):
        connecting.connect(market.store, market.reviewer, market.integration, "p2", form())
    internal = market.release(kind="internal")
    with pytest.raises(NotFoundError):
        connecting.connect(market.store, market.customer, internal, "p2", form())
    with pytest.raises(NotFoundError):
        connecting.connect(market.store, market.customer, market.integration, "p1", form())
    made = connect(market, form())
    market.set_state(market.integration, "deprecated")
    with pytest.raises(ConflictError, match="deprecated"):
        connect(market, form("Second"))
    assert connecting.change(market.store, market.customer, made.id, form("Renamed")).name == "Renamed"
    for others in (connecting.change, connecting.disconnect):
        with pytest.raises(NotFoundError):
            others(market.store, market.partner, made.id, *([form()] if others is connecting.change else []))


def test_saving_again_keeps_the_secret_that_no_page_had(market: Market, form: Form):
    made = connect(market, form())
    shown = connecting.shown_form(made, Integration.model_validate(LIST))
    again = connecting.change(market.store, market.customer, made.id, shown)
    assert market.store.connection_settings(SHOP, again.id).fields["bearer_token"] == "tok-5ecret"
    emptied = shown.model_copy(update={"fields": {**shown.fields, "bearer_token": ""}})
    assert faults(lambda: connecting.change(market.store, market.customer, made.id, emptied)) == ["Bearer Token"]


def test_a_new_release_says_what_has_to_be_filled_in(market: Market, form: Form):
    made = connect(market, form())
    assert attention(market, made, LIST) == []
    account = {"variable": "account", "display_name": "Account"}
    assert attention(market, made, with_fields({**account, "required": False})) == []
    assert attention(market, made, with_fields({**account, "default": "main"})) == []
    assert attention(market, made, with_fields(account)) == ["Account: Fill in this field."]
    moved = changed(LIST, custom_fields__1__options=[{"label": "EU", "value": "eu"}])
    assert attention(market, made, moved) == ["Region: Choose one of: EU."]
    assert attention(market, made, changed(LIST, custom_fields__0__pattern="[0-9]+")) == [
        "Bearer Token: The value does not have the expected form ([0-9]+)."
    ]
    connecting.change(market.store, market.customer, made.id, form(bearer_token="123"))
    assert connecting.needs_attention(market.store, made, Integration.model_validate(LIST)) == ()


def test_a_release_that_drops_a_field_stops_nobody(market: Market, form: Form):
    made = connect(market, form())
    fewer = changed(LIST, custom_fields=LIST["custom_fields"][:1])
    assert attention(market, made, fewer) == []
    usable = connecting.usable_settings(market.store, SHOP, made.id, Integration.model_validate(fewer))
    assert usable.fields == {"bearer_token": "tok-5ecret"}


def test_a_field_that_becomes_secret_is_no_longer_shown_nor_lost(market: Market, form: Form):
    made = connect(market, form())
    document = changed(LIST, custom_fields__1__secret=True)
    market.release(document, market.integration)
    integration = Integration.model_validate(document)
    assert connecting.shown_form(made, integration).fields == {}
    assert connecting.hidden_fields(made, integration) == {"bearer_token", "region"}
    shown = connecting.shown_form(made, integration)
    again = connecting.change(market.store, market.customer, made.id, shown)
    assert again.secrets == {"bearer_token", "region"}
    assert market.store.connection_settings(SHOP, made.id).fields == form().fields
