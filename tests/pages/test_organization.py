"""Organization settings, the way into the Developer Portal, and who acts, under AppTest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.portal import Store
from core.portal.people.access import request_access
from tests.pages.conftest import ROUTER

Open = Callable[..., AppTest]


@pytest.fixture
def open_as(store: Store) -> Open:
    """Opens a page as somebody: `open_as("nora", "organization", section="people")`."""

    def open_one(who: str, page: str = "organization", **address: str) -> AppTest:
        session = AppTest.from_file(str(ROUTER), default_timeout=30)
        session.query_params["as"] = who
        session.run()
        for name, value in address.items():
            session.query_params[name] = value
        session.switch_page(f"{page}.py").run()
        assert not session.exception
        return session

    return open_one


def shown(session: AppTest) -> str:
    """All text of the page."""
    parts = [*session.title, *session.header, *session.markdown, *session.caption, *session.text, *session.error]
    return "\n".join(str(part.value) for part in [*parts, *session.warning])


def test_an_organisation_without_access_ticks_off_asks_and_waits(open_as: Open, store: Store) -> None:
    session = open_as("nora")
    assert session.title[0].value == "Developer Portal"
    assert "Partner application, NDA and partner agreement, Guide to receiving cohorts read" in shown(session)
    session.checkbox(key="prerequisite_application").check().run()
    assert "Not settled yet: NDA and partner agreement" in shown(session)
    assert session.checkbox(key="prerequisite_plan").value
    assert session.checkbox(key="prerequisite_plan").disabled
    session.button(key="ask_for_access").click().run()
    assert not session.exception
    assert "Nora Lind asked for organization `318822`" in shown(session)
    assert store.get_organisation("318822").access == "requested"
    assert not [button for button in session.button if button.key == "ask_for_access"]


def test_a_reviewer_grants_and_the_menu_of_the_organisation_begins_with_integrations(
    open_as: Open, store: Store
) -> None:
    request_access(store, store.get_person("nora"))
    session = open_as("rita")
    session.button(key="grant_318822").click().run()
    assert not session.exception
    assert "Nobody is waiting for an answer." in shown(session)
    assert store.get_organisation("318822").access == "granted"
    start = AppTest.from_file(str(ROUTER), default_timeout=30)
    start.query_params["as"] = "nora"
    start.run()
    assert start.title[0].value == "Integrations"


def test_a_refusal_reaches_the_organisation_with_its_reason(open_as: Open, store: Store) -> None:
    request_access(store, store.get_person("nora"))
    session = open_as("rita")
    assert session.button(key="refuse_now_318822").disabled
    session.text_area(key="reason_318822").input("The NDA is *not* signed: $a$").run()
    session.button(key="refuse_now_318822").click().run()
    assert not session.exception
    assert r"The NDA is \*not\* signed\: \$a\$" in shown(open_as("nora"))


@pytest.mark.parametrize("who", ["carl", "alex"])
def test_a_customer_sees_the_settings_and_changes_nobody(open_as: Open, who: str) -> None:
    for section in ("developer-portal", "people"):
        session = open_as(who, section=section)
        keys = {button.key for button in session.button if not str(button.key).startswith("act_as_")}
        assert keys == set()
        assert all(box.disabled for box in session.checkbox)


def test_sections_of_reviewers_are_not_there_for_others(open_as: Open) -> None:
    session = open_as("pat", section="organizations")
    assert session.title[0].value == "Organization"
    assert "Larkspur" not in shown(session).replace("**Larkspur Retail**", "", 1)  # the demo's switch names it


def test_a_partner_adds_somebody_who_gets_a_mail(open_as: Open, store: Store) -> None:
    session = open_as("pat", section="people")
    session.text_input(key="people_name_0").input("Ann Lee")
    session.text_input(key="people_email_0").input("nora@larkspur.example")
    session.button(key="FormSubmitter:people_form_0-Add to organization").click().run()
    assert "registered already" in shown(session)
    session.text_input(key="people_email_0").input("ann@acme.example")
    session.button(key="FormSubmitter:people_form_0-Add to organization").click().run()
    assert not session.exception
    ann = store.person_by_email("ann@acme.example")
    assert ann is not None
    assert "**Ann Lee**" in shown(session)
    letter = open_as(ann.id, "outbox")
    assert "Pat Summers added you to Acme Labs as a partner." in letter.text[0].value


def test_a_projects_secret_goes_in_and_never_comes_out(open_as: Open, store: Store) -> None:
    session = open_as("pat", section="projects")
    session.button(key="project_edit_378831").click().run()
    session.text_input(key="project_secret_378831").input("s3cret-value")
    session.button(key="FormSubmitter:project_form_378831-Save project").click().run()
    assert not session.exception
    assert store.project_secret("214507", "378831") == "s3cret-value"
    again = open_as("pat", section="projects")
    again.button(key="project_edit_378831").click().run()
    assert again.text_input(key="project_secret_378831").value == ""
    assert "s3cret" not in str(again.main)


def test_mail_is_read_by_its_recipient_and_by_reviewers(open_as: Open, store: Store) -> None:
    request_access(store, store.get_person("nora"))
    assert "Nora Lind asks for the Developer Portal" in open_as("rita", "outbox").text[0].value
    for who in ("nora", "pat", "carl"):
        session = open_as(who, "outbox")
        assert list(session.text) == []
        assert "There is no mail yet" in session.info[0].value


def test_acting_as_somebody_else_forgets_what_was_typed(open_as: Open) -> None:
    session = open_as("pat", section="people")
    session.text_input(key="people_name_0").input("Typed by Pat").run()
    session.button(key="act_as_nora").click().run()
    assert not session.exception
    assert session.query_params["as"] == "nora"
    assert session.session_state["acting_as"] == "nora"
    assert "Typed by Pat" not in str(session.main)


def test_somebody_unknown_in_the_address_is_nobody(open_as: Open) -> None:
    session = open_as("nobody' OR 1=1", section="organization")
    assert "Acme Labs" in shown(session)


def test_with_a_provider_the_address_makes_nobody_act(store: Store) -> None:
    session = AppTest.from_file(str(ROUTER), default_timeout=30)
    session.secrets["auth"] = {"client_id": "portal"}
    session.query_params["as"] = "rita"
    session.run()
    assert not session.exception
    assert [button.key for button in session.button] == ["log_in"]
    assert "Acme" not in shown(session)
