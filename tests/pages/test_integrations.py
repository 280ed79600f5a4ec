"""The list of integrations: what it shows of each, and the ways to a new one."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.integration import Integration
from core.portal import Store, Stored
from core.portal.demo import DEMO_ORG, EXAMPLES, read_examples
from tests.pages.conftest import OpenPage


def draft(store: Store, **fields: object) -> Stored:
    return store.create_integration(DEMO_ORG, Integration(**fields).model_dump(mode="json"))


def names(store: Store) -> list[str]:
    return [summary.display_name for summary in store.list_integrations(DEMO_ORG)]


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception


def shown(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.caption, *page.error, *page.header)).replace(
        "\\", ""
    )


def import_file(page: AppTest, content: str | bytes) -> None:
    press(page, "Import JSON")
    data = content.encode() if isinstance(content, str) else content
    page.file_uploader(key="import_file").upload("mine.json", data, "application/json").run()
    assert not page.exception


def test_an_empty_list_says_what_an_integration_is_and_offers_examples(store: Store, open_page: OpenPage):
    page = open_page()
    assert len([button for button in page.button if button.proto.type == "primary"]) == 1
    for example in read_examples(EXAMPLES):
        assert example.integration.display_name in shown(page)


def test_a_new_integration_is_a_draft_that_opens_at_set_up(store: Store, open_page: OpenPage):
    page = open_page()
    press(page, "New integration")
    assert names(store) == [""]
    assert page.title[0].value == "Untitled integration"
    assert page.header[0].value == "How it is listed"


def test_an_example_becomes_a_draft_with_its_logo(store: Store, open_page: OpenPage):
    example = read_examples(EXAMPLES)[0]
    page = open_page()
    page.button(key=f"use_{example.name}").click().run()
    assert not page.exception
    (summary,) = store.list_integrations(DEMO_ORG)
    assert summary.display_name == example.integration.display_name
    assert summary.has_logo == (example.logo is not None)


def test_a_card_says_what_an_integration_is(store: Store, open_page: OpenPage):
    draft(store, display_name="Tidepool", category="crm", type="property", summary="Waves of users")
    text = shown(open_page())
    assert "CRM · Property-based" in text
    assert "Waves of users" in text
    assert ":gray-badge[Draft]" in text
    assert "to fix]" in text


def test_the_search_appears_from_seven_and_finds_by_what_is_shown(store: Store, open_page: OpenPage):
    for number in range(6):
        draft(store, display_name=f"Tidepool {number}")
    assert len(open_page().text_input) == 0
    draft(store, display_name="Quarry", category="storage")
    page = open_page()
    page.text_input(key="search").set_value("stor qua").run()
    cards = [element for element in page.markdown if "gray-badge[Draft]" in element.value]
    assert len(cards) == 1
    page.text_input(key="search").set_value("nothing like it").run()
    assert "None of your 7 integrations matches." in shown(page)


def test_a_duplicate_gets_a_name_of_its_own(store: Store, open_page: OpenPage):
    made = draft(store, display_name="Tidepool")
    page = open_page()
    page.session_state[f"more_{made.id}"] = True
    page.run()
    page.button(key=f"duplicate_{made.id}").click().run()
    assert sorted(names(store)) == ["Tidepool", "Tidepool (copy)"]


@pytest.mark.parametrize(("answer", "left"), [("cancel_delete", ["Tidepool"]), ("confirm_delete", [])])
def test_deleting_asks_first(store: Store, open_page: OpenPage, answer: str, left: list[str]):
    made = draft(store, display_name="Tidepool")
    page = open_page()
    page.session_state[f"more_{made.id}"] = True
    page.run()
    page.button(key=f"delete_{made.id}").click().run()
    assert names(store) == ["Tidepool"]
    assert "**Tidepool** goes with its logo" in shown(page)
    page.button(key=answer).click().run()
    assert not page.exception
    assert names(store) == left


def test_deleting_what_is_gone_already_is_no_error(store: Store, open_page: OpenPage):
    made = draft(store, display_name="Tidepool")
    page = open_page()
    page.session_state[f"more_{made.id}"] = True
    page.run()
    page.button(key=f"delete_{made.id}").click().run()
    store.delete(DEMO_ORG, made.id)
    page.button(key="confirm_delete").click().run()
    assert not page.exception
    assert names(store) == []


def test_an_imported_document_becomes_a_draft(store: Store, open_page: OpenPage):
    page = open_page()
    import_file(page, json.dumps({"display_name": "Tidepool", "type": "property"}))
    assert names(store) == ["Tidepool"]
    assert page.title[0].value == "Tidepool"


def test_an_imported_name_that_is_taken_gets_an_ending(store: Store, open_page: OpenPage):
    draft(store, display_name="Tidepool")
    import_file(open_page(), json.dumps({"display_name": "Tidepool"}))
    assert sorted(names(store)) == ["Tidepool", "Tidepool (copy)"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"display_name": 5}', "**Display name** must be a text"),
        ('{"type": "lists"}', "**Integration type** must be one of 'list' or 'property', not \"lists\""),
        ('{"endpoints": {"add_users": {"batch_size": 0}}}', "**Add users › Batch size** must be at least 1, not 0"),
        ('{"colour": 1}', "**colour** is not a field that exists here"),
        ('{"a": }', "mine.json is not JSON: expecting value at line 1, column 7."),
        (b"\xff\xfe", "mine.json is not UTF-8 (byte 0)."),
        ("[]", "mine.json must be a JSON object."),
    ],
)
def test_a_document_that_cannot_be_imported_is_refused_by_field(
    store: Store, open_page: OpenPage, content: str | bytes, sentence: str
):
    page = open_page()
    import_file(page, content)
    assert sentence in shown(page)
    assert names(store) == []
