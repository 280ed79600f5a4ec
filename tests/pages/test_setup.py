"""Set up: what is typed is saved and shown, mistakes stand by their field, others' changes are not lost."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.integration import Integration
from core.portal import Store, Stored
from core.portal.demo import DEMO_ORG
from tests.pages.conftest import OpenPage

HOSTILE = "$x$ ![](http://evil.test/x.png) :red[x] <b>"


def draft(store: Store, **fields: object) -> Stored:
    return store.create_integration(DEMO_ORG, Integration(**fields).model_dump(mode="json"))


def text_input(page: AppTest, label: str):
    return next(box for box in page.text_input if box.label == label)


def saved(store: Store, stored: Stored) -> Stored:
    return store.get(DEMO_ORG, stored.id)


def shown(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.caption, *page.title, *page.subheader))


def picture(kind: str = "PNG", side: int = 96) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "#2a9d8f").save(out, kind)
    return out.getvalue()


def test_what_is_typed_is_saved_and_shown_on_the_tile(store: Store, open_page: OpenPage):
    made = draft(store)
    page = open_page("setup", made.id)
    text_input(page, "Display name").set_value("Tidepool").run()
    text_input(page, "Summary").set_value("Waves of users").run()
    page.selectbox[0].set_value("crm").run()
    page.text_area[0].set_value("**Deep** water").run()
    assert not page.exception
    document = saved(store, made).document
    assert (document["display_name"], document["summary"], document["category"]) == (
        "Tidepool",
        "Waves of users",
        "crm",
    )
    assert document["description"] == "**Deep** water"
    assert "Tidepool :gray[– Cohort]" in shown(page)
    assert "14 of about 100 characters" in shown(page)


def test_the_type_is_saved(store: Store, open_page: OpenPage):
    made = draft(store)
    page = open_page("setup", made.id)
    page.radio[0].set_value("property").run()
    assert saved(store, made).document["type"] == "property"


def test_a_fresh_draft_is_not_scolded_for_its_empty_name(store: Store, open_page: OpenPage):
    page = open_page("setup", draft(store).id)
    assert "The integration has no name" not in shown(page)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("acme  MESSAGING", 'Another integration is already called "acme MESSAGING".'),
        ("N" * 300, "The name has 300 characters; tiles have room for 60."),
        ("", "The integration has no name."),
    ],
)
def test_a_name_that_cannot_stay_says_why_and_is_kept(store: Store, open_page: OpenPage, name: str, sentence: str):
    draft(store, display_name="Acme Messaging")
    made = draft(store, display_name="Tidepool")
    page = open_page("setup", made.id)
    text_input(page, "Display name").set_value(name).run()
    assert sentence in shown(page)
    assert text_input(page, "Display name").value == name
    assert saved(store, made).document["display_name"] == name


def test_hostile_text_is_escaped_wherever_it_is_shown(store: Store, open_page: OpenPage):
    made = draft(store, display_name=HOSTILE, summary=HOSTILE, description=HOSTILE)
    text = shown(open_page("setup", made.id))
    assert "$x$" not in text
    assert "![](" not in text
    assert ":red[x]" not in text.replace("\\:", "")
    assert "<b>" not in text


def test_a_logo_is_taken_shown_and_removed(store: Store, open_page: OpenPage):
    made = draft(store, display_name="Tidepool")
    page = open_page("setup", made.id)
    page.file_uploader[0].upload("logo.png", picture(), "image/png").run()
    assert not page.exception
    assert saved(store, made).logo is not None
    page.button(key="remove_logo").click().run()
    assert saved(store, made).logo is None


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("photo.png", picture("JPEG"), "This is a JPEG"),
        ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is an SVG"),
        ("cut.png", picture()[:100], "damaged"),
        ("small.png", picture(side=16), "16 x 16 pixels"),
        ("large.png", b"\x89PNG\r\n\x1a\n" + bytes(1024 * 1024), "at most 1,048,576"),
    ],
)
def test_a_logo_that_cannot_be_used_is_refused_with_the_reason(
    store: Store, open_page: OpenPage, name: str, data: bytes, reason: str
):
    made = draft(store, display_name="Tidepool")
    page = open_page("setup", made.id)
    page.file_uploader[0].upload(name, data, "image/png").run()
    assert reason in shown(page)
    assert name in shown(page)
    assert saved(store, made).logo is None


def test_changes_of_two_windows_to_different_fields_both_stay(store: Store, open_page: OpenPage):
    made = draft(store, display_name="Tidepool")
    one, other = open_page("setup", made.id), open_page("setup", made.id)
    text_input(other, "Summary").set_value("From the other window").run()
    text_input(one, "Display name").set_value("Tidepool Two").run()
    assert text_input(one, "Summary").value == "From the other window"
    document = saved(store, made).document
    assert (document["display_name"], document["summary"]) == ("Tidepool Two", "From the other window")


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", "Mine"), ("Take the other", "Theirs")])
def test_contradicting_changes_are_put_before_the_user(store: Store, open_page: OpenPage, choice: str, kept: str):
    made = draft(store, display_name="Tidepool")
    one, other = open_page("setup", made.id), open_page("setup", made.id)
    text_input(other, "Display name").set_value("Theirs").run()
    text_input(one, "Display name").set_value("Mine").run()
    assert "yours: **Mine** · the other: **Theirs**" in shown(one)
    assert saved(store, made).document["display_name"] == "Theirs"
    next(button for button in one.button if button.label == choice).click().run()
    assert not one.exception
    assert saved(store, made).document["display_name"] == kept
    assert text_input(one, "Display name").value == kept


def test_a_draft_deleted_in_another_window_ends_the_page_plainly(store: Store, open_page: OpenPage):
    made = draft(store, display_name="Tidepool")
    page = open_page("setup", made.id)
    store.delete(DEMO_ORG, made.id)
    text_input(page, "Display name").set_value("Tidepool Two").run()
    assert not page.exception
    assert [header.value for header in page.header] == ["Choose an integration first"]


def test_the_header_lists_what_is_to_fix_with_the_way_to_each(store: Store, open_page: OpenPage):
    page = open_page("setup", draft(store).id)
    ways = {link.proto.label: link.proto.page for link in page.get("page_link")}
    assert ways["Display name\\: The integration has no name. Give it one."] == "setup"
    assert ways[
        "Mapping fields\\: Without a mapping field no request can name a user. Add one, e.g. for the user id."
    ] == ("configure")
    assert ways["Summary\\: The tile has no summary. Say in a line what it does."] == "setup"
