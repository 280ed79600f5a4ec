"""Destinations for a customer: the tiles, a destination's page, the Connect form from empty to saved and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.portal import Store
from core.portal.customers.connections import CustomerConnection
from core.portal.demo import CUSTOMER_ORG, DEMO_ORG
from core.request import Connection
from tests.integration.documents import LIST, PROPERTY, changed
from tests.pages.conftest import ROUTER
from tests.portal.customers.released import cohort, release, set_state

PROJECT = "402177"
SECRET = "tok-5ecret"
HOSTILE = "Tally $x$ :red[y] <b>z</b>"
OpenAs = Callable[..., AppTest]


@pytest.fixture
def open_as(store: Store) -> OpenAs:
    """Opens a page as somebody: `open_as("carl", "destination", id=...)`."""

    def open_one(person: str, page: str, **address: str) -> AppTest:
        session = AppTest.from_file(str(ROUTER), default_timeout=30)
        for name, value in {**address, "as": person}.items():
            session.query_params[name] = value
        session.run()
        if page != "destinations" or person not in ("carl", "alex"):  # customers begin there
            session.switch_page(f"{page}.py").run()
        assert not session.exception
        return session

    return open_one


def shown(page: AppTest) -> str:
    elements = (*page.title, *page.header, *page.subheader, *page.markdown, *page.caption, *page.error)
    return "\n".join(element.value for element in elements).replace("\\", "")


def tiles(page: AppTest) -> list[str]:
    links = (link.label.replace("\\", "") for link in page.get("page_link"))
    return [label.removesuffix(" :gray[– Cohort]") for label in links if label.endswith("– Cohort]")]


def field(page: AppTest, variable: str) -> Any:
    widgets = (*page.text_input, *page.selectbox, *page.button_group)
    return next(one for one in widgets if f"-{variable}-" in str(one.key))


def press(page: AppTest, key: str) -> None:
    page.button(key=key).click().run()
    assert not page.exception


def connected(store: Store, integration: str, **fields: Any) -> CustomerConnection:
    form = Connection(name="Ours", fields={"bearer_token": SECRET, **fields}, mappings={"user_id": "id"})
    return store.create_connection(CUSTOMER_ORG, PROJECT, integration, form, {"bearer_token"})


def test_the_catalogue_filters_by_words_category_and_connection(store: Store, open_as: OpenAs):
    acme = release(store, LIST, org=DEMO_ORG)
    release(store, {**PROPERTY, "category": "crm"}, org=DEMO_ORG)
    release(store, {**LIST, "display_name": HOSTILE}, org=DEMO_ORG, kind="internal")
    connected(store, acme)
    assert tiles(open_as("alex", "destinations")) == ["Acme", "Northwind", HOSTILE]
    page = open_as("carl", "destinations")
    assert tiles(page) == ["Acme", "Northwind"]
    page.selectbox(key="category").set_value("CRM").run()
    assert tiles(page) == ["Northwind"]
    page.selectbox(key="category").set_value("All categories").run()
    page.button_group(key="shown").set_value("Connected").run()
    assert tiles(page) == ["Acme"]
    page.text_input(key="words").set_value("north").run()
    assert "No destination matches." in shown(page)


def test_without_destinations_the_page_says_what_one_is(open_as: OpenAs):
    assert "No destination is released yet" in shown(open_as("carl", "destinations"))
    assert "release it internally" not in shown(open_as("carl", "destinations"))
    assert "release it internally" in shown(open_as("pat", "destinations"))


def test_a_form_goes_from_empty_to_a_connection_that_leads_on(store: Store, open_as: OpenAs):
    cohort(store, CUSTOMER_ORG, PROJECT, ["id", "email"])
    page = open_as("carl", "destination", id=release(store, LIST, org=DEMO_ORG))
    assert "Not connected yet" in shown(page)
    press(page, "connect")
    assert "Fill in this field." not in shown(page)
    press(page, "save_connection")
    assert "2 fields of the form need your attention." in shown(page)
    assert "Fill in this field." in shown(page)
    field(page, "bearer_token").set_value(SECRET).run()
    assert "Fill in this field." not in shown(page)
    field(page, "region").set_value("us").run()
    field(page, "user_id").set_value("email").run()
    press(page, "save_connection")
    (made,) = store.list_connections(CUSTOMER_ORG)
    plain = store.connection_settings(CUSTOMER_ORG, made.id)
    assert (plain.fields, plain.mappings) == ({"bearer_token": SECRET, "region": "us"}, {"user_id": "email"})
    assert (made.name, made.project_id, made.created_by) == ("Acme", PROJECT, "Carl Okafor")
    assert "Connected to Acme" in shown(page)
    page.button(key="sync_first").click().run()
    assert page.title[0].value == "Syncs"


def test_a_saved_secret_is_in_no_element_of_the_page_and_stays_when_others_change(store: Store, open_as: OpenAs):
    cohort(store, CUSTOMER_ORG, PROJECT, ["id"])
    integration = release(store, LIST, org=DEMO_ORG)
    made = connected(store, integration, region="eu")
    page = open_as("carl", "destination", id=integration)
    press(page, f"edit_{made.id}")
    assert field(page, "bearer_token").value == ""
    assert "saved; type to replace" in field(page, "bearer_token").placeholder
    drawn = str(page.main) + str(page.session_state["connect_form"])
    assert "Ours" in drawn
    assert SECRET not in drawn
    field(page, "region").set_value("us").run()
    press(page, "save_connection")
    assert store.connection_settings(CUSTOMER_ORG, made.id).fields == {"bearer_token": SECRET, "region": "us"}


def test_a_connection_that_no_longer_fits_says_what_to_fill_in(store: Store, open_as: OpenAs):
    cohort(store, CUSTOMER_ORG, PROJECT, ["id"])
    integration = release(store, LIST, org=DEMO_ORG)
    made = connected(store, integration, region="eu")
    account = {"variable": "account", "display_name": "Account"}
    newer = changed(LIST, custom_fields=[*LIST["custom_fields"], account])
    release(store, newer, integration, org=DEMO_ORG)
    assert ":orange-badge[Needs attention]" in shown(open_as("carl", "destinations"))
    page = open_as("carl", "destination", id=integration)
    assert "- **Account**: Fill in this field." in shown(page)
    press(page, f"edit_{made.id}")
    assert "no longer fits" in shown(page)
    field(page, "account").set_value("main").run()
    press(page, "save_connection")
    assert "Needs attention" not in shown(page)
    assert store.connection_settings(CUSTOMER_ORG, made.id).fields["account"] == "main"


def test_testing_the_credentials_says_first_what_goes_out(store: Store, open_as: OpenAs):
    document = changed(LIST, endpoints__remove_users__url="http://127.0.0.1:1/lists/$list_id/remove")
    page = open_as("carl", "destination", id=release(store, document, org=DEMO_ORG), connection="new")
    press(page, "test_credentials")
    assert "Bearer Token: Fill in this field." in shown(page)
    field(page, "bearer_token").set_value(SECRET).run()
    press(page, "test_credentials")
    assert "Neither exists, so that nothing is changed." in shown(page)
    assert page.code[0].value.startswith("POST http://127.0.0.1:1/lists/connection-test-")
    press(page, "send_trial")
    assert "says nothing about the credentials" in shown(page)
    field(page, "bearer_token").set_value("another").run()
    assert "says nothing about the credentials" not in shown(page)
    assert store.list_connections(CUSTOMER_ORG) == []


def test_deleting_asks_and_a_connection_in_use_stays(store: Store, open_as: OpenAs):
    integration = release(store, LIST, org=DEMO_ORG)
    made = connected(store, integration)
    used = cohort(store, CUSTOMER_ORG, PROJECT, ["id"])
    sync = store.create_sync(CUSTOMER_ORG, used, made.id, "daily", "Carl")
    page = open_as("carl", "destination", id=integration)
    press(page, f"delete_{made.id}")
    press(page, "confirm_disconnect")
    assert "A sync uses it" in shown(page)
    store.delete_sync(CUSTOMER_ORG, sync.id)
    press(page, "confirm_disconnect")
    assert store.list_connections(CUSTOMER_ORG) == []
    assert "Not connected yet" in shown(page)


def test_what_is_not_there_for_the_organisation_is_not_there(store: Store, open_as: OpenAs):
    internal = release(store, LIST, org=DEMO_ORG, kind="internal")
    gone = release(store, PROPERTY, org=DEMO_ORG)
    set_state(store, gone, "deprecated")
    for integration in (internal, gone, "x" * 16, "'", ""):
        assert "There is no such destination" in shown(open_as("carl", "destination", id=integration))
    assert "Released internally" in shown(open_as("pat", "destination", id=internal))
    assert "not yours to open" in shown(open_as("rita", "destinations"))
    made = connected(store, release(store, LIST, org=CUSTOMER_ORG))
    page = open_as("alex", "destination", id=made.integration_id, connection=made.id)
    assert "Ours" not in shown(page)
    assert "Not connected yet" in shown(page)
