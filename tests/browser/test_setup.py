"""From nothing to a named integration with a logo, in a real browser."""

from __future__ import annotations

import io

import pytest
from driver import NewPage, Record, ready
from PIL import Image
from playwright.sync_api import Page, expect


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (128, 128), "#2a9d8f").save(out, "PNG")
    return out.getvalue()


def new_integration(page: Page, server: str) -> None:
    page.goto(server)
    ready(page)
    page.get_by_role("button", name="New integration").click()
    expect(page.get_by_role("heading", name="How it is listed")).to_be_visible()


def name_field(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_label("Display name", exact=True)


def test_create_name_and_logo_survive_a_reload(server: str, page: Page, record: Record) -> None:
    new_integration(page, server)
    name_field(page).click()
    page.keyboard.type("Tidepool $x$")
    tile = page.locator(".st-key-tile_line")
    expect(tile).to_contain_text("Tidepool $x$ – Cohort")
    expect(name_field(page)).to_be_focused()
    page.get_by_label("Summary").fill("Waves of users")
    expect(page.get_by_text("14 of about 100 characters")).to_be_visible()
    initials = tile.locator("img").get_attribute("src")
    page.locator(".st-key-logo input[type=file]").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": png()}
    )
    expect(page.get_by_role("button", name="Remove logo")).to_be_visible()
    expect(tile.locator("img")).not_to_have_attribute("src", initials or "")

    page.reload()
    ready(page)
    expect(name_field(page)).to_have_value("Tidepool $x$")
    expect(page.get_by_label("Summary")).to_have_value("Waves of users")
    expect(page.get_by_role("button", name="Remove logo")).to_be_visible()

    page.locator(".st-key-page_identity").get_by_role("link", name="Integrations", exact=True).click()
    expect(page.get_by_role("link", name="Tidepool $x$")).to_be_visible()
    page.get_by_role("link", name="Tidepool $x$").click()
    expect(page.locator(".st-key-step_setup_current")).to_be_visible()
    assert record.external == []
    assert record.errors == []


def test_a_picture_that_is_no_png_is_refused_in_words(server: str, page: Page) -> None:
    new_integration(page, server)
    page.locator(".st-key-logo input[type=file]").set_input_files(
        {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
    )
    expect(page.get_by_text("logo.svg: This is an SVG. Save it as PNG.")).to_be_visible()


def test_the_type_is_chosen_with_the_keyboard(server: str, page: Page) -> None:
    new_integration(page, server)
    page.get_by_role("radio", name="List-based").focus()
    page.keyboard.press("ArrowDown")
    ready(page)
    page.reload()
    ready(page)
    expect(page.get_by_role("radio", name="Property-based")).to_be_checked()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_pages_fit_the_window(server: str, new_page: NewPage, scheme: str, width: int) -> None:
    page = new_page(scheme=scheme, width=width)
    page.goto(server)
    ready(page)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.get_by_role("button", name="New integration").click()
    expect(page.get_by_role("heading", name="How it is listed")).to_be_visible()
    name_field(page).fill("N" * 300)
    expect(page.get_by_text("The name has 300 characters")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
