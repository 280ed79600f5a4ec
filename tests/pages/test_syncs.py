"""Syncs: what ran, what waits for somebody, and the way to a new one, on the demo's nine days."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.portal import Store
from core.portal.demo import CUSTOMER_ORG, EXAMPLES, load_people, read_examples
from core.portal.demo_story import tell
from core.portal.syncs.overview import view_of
from core.settings import Settings
from tests.pages.conftest import ROUTER

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a portal that was just started for the first time."""
    folder = tmp_path_factory.mktemp("told")
    settings = Settings.from_environment({"PORTAL_DATA_DIR": str(folder)})
    store = Store.open(settings)
    load_people(store)
    tell(settings, read_examples(EXAMPLES), datetime.now(UTC))
    store.close()
    return folder


@pytest.fixture
def store(told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    shutil.copytree(told, tmp_path / "data")
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "data"))
    st.cache_resource.clear()
    return Store.open(Settings.from_environment())


@pytest.fixture
def open_as(store: Store) -> Open:
    def open_one(page: str, person: str, **query: str) -> AppTest:
        session = AppTest.from_file(str(ROUTER), default_timeout=30)
        for name, value in {"as": person, **query}.items():
            session.query_params[name] = value
        session.run()
        session.switch_page(f"{page}.py").run()
        assert not session.exception
        return session

    return open_one


def only_sync(store: Store) -> str:
    return store.list_syncs(CUSTOMER_ORG)[0].id


def test_the_list_says_where_a_cohort_goes_and_how_it_went(open_as: Open):
    page = open_as("syncs", "carl")
    assert any("Weekend shoppers" in link.label and "Acme Messaging" in link.label for link in page.get("page_link"))
    assert any("Succeeded" in badge.value for badge in page.markdown)


def test_the_history_has_every_run_with_its_numbers(open_as: Open, store: Store):
    page = open_as("sync", "carl", id=only_sync(store))
    table = page.dataframe[0].value
    assert list(table["Outcome"])[:2] == ["Succeeded", "Failed"]
    assert table["Added"].iloc[-1] == 1_200
    assert "Partly" in set(table["Outcome"])


def test_the_errors_say_in_whose_words_they_are(open_as: Open, store: Store):
    sync_id = only_sync(store)
    page = open_as("sync", "carl", id=sync_id)
    page.session_state[f"tabs-{sync_id}"] = "Errors"
    page.run()
    kinds = set(page.dataframe[0].value["Kind"])
    assert kinds <= {"Named by the partner", "Unclassified"}
    assert "Rejected by the destination" in set(page.dataframe[0].value["Error"])


def test_sync_now_pause_and_cadence_reach_the_store(open_as: Open, store: Store):
    sync_id = only_sync(store)
    page = open_as("sync", "carl", id=sync_id)
    page.button(key="sync_now").click().run()
    assert store.get_sync(CUSTOMER_ORG, sync_id).wish is not None
    assert page.button(key="sync_now").disabled
    page.button(key="pause").click().run()
    assert store.get_sync(CUSTOMER_ORG, sync_id).paused
    page.session_state[f"tabs-{sync_id}"] = "Cadence"
    page.run()
    page.segmented_control(key=f"cadence-{sync_id}").set_value("hourly").run()
    assert store.get_sync(CUSTOMER_ORG, sync_id).cadence == "hourly"


def test_a_deleted_sync_is_gone_with_a_way_back(open_as: Open, store: Store):
    sync_id = only_sync(store)
    page = open_as("sync", "carl", id=sync_id)
    page.session_state[f"tabs-{sync_id}"] = "Cadence"
    page.run()
    page.button(key="delete_sync").click().run()
    assert store.list_syncs(CUSTOMER_ORG) == []
    assert any(header.value == "Send a cohort to a product" for header in page.header)


@pytest.mark.parametrize("person", ["pat", "alex"])
def test_another_organisation_s_sync_is_not_there(open_as: Open, store: Store, person: str):
    page = open_as("sync", person, id=only_sync(store))
    assert [header.value for header in page.header] == ["There is no such sync"]
    assert "Weekend shoppers" not in str(page)


def test_a_reviewer_has_no_syncs(open_as: Open, store: Store):
    page = open_as("sync", "rita", id=only_sync(store))
    assert not any(button.key == "sync_now" for button in page.button)
    assert "Weekend shoppers" not in str(page)


def test_a_cohort_that_is_synced_already_is_refused_in_words(open_as: Open, store: Store):
    page = open_as("syncs", "carl")
    page.button(key="new").click().run()
    page.button(key="new_sync_start").click().run()
    assert any("synced to this connection already" in error.value for error in page.error)


def test_what_a_page_shows_is_one_view(store: Store):
    view = view_of(store, store.get_person("carl"), only_sync(store))
    assert (view.destination and view.destination.name, view.running) == ("Acme Messaging", False)
