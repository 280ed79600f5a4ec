"""Configure in a real browser: what is typed on the left is on the right at once, and can be sent from there."""

from __future__ import annotations

from driver import NewPage, Record, ready
from playwright.sync_api import Locator, Page, expect

HOSTILE = "$x$ ![](http://evil.test/x.png) :red[x] <b>bold</b>"


def open_configure(page: Page, server: str) -> tuple[Locator, Locator]:
    """The two panels of a new, empty integration."""
    page.goto(server)
    ready(page)
    page.get_by_role("button", name="New integration").click()
    page.get_by_role("link", name="Configure").click()
    configuration, testing = page.locator(".st-key-configuration_panel"), page.locator(".st-key-testing_panel")
    expect(testing.locator(".st-key-section_request")).to_be_attached(timeout=20_000)
    ready(page)
    return configuration, testing


def complaints(record: Record) -> list[str]:
    """What the page complained of, but for pictures of a page that was left before they had loaded."""
    return [error for error in record.errors if "/media/" not in error]


def fill(field: Locator, text: str) -> None:
    field.fill(text)
    field.press("Enter")
    ready(field.page)


def choose(configuration: Locator, side: Locator, title: str) -> None:
    """Chooses an endpoint on one side and waits until both show it, and nothing of the one before."""
    side.get_by_role("radio", name=title).click()
    key = f".st-key-endpoint_{title.lower().replace(' ', '_').replace('list_creation', 'create_list')}"
    shown = configuration.locator('[data-testid="stVerticalBlock"][class*="st-key-endpoint_"]')
    expect(shown).to_have_count(1)
    expect(configuration.locator(key)).to_be_visible()
    ready(configuration.page)


def build(configuration: Locator) -> None:
    """A list integration with everything that list creation and adding users need."""
    page = configuration.page
    configuration.get_by_role("radio", name="Bearer").click()
    expect(configuration.get_by_label("Display name", exact=True)).to_have_value("Bearer Token")
    ready(page)
    configuration.get_by_role("button", name="Add mapping field").click()
    ready(page)
    expect(configuration.get_by_label("Amplitude mapping field")).to_have_value("user_id_field_amplitude")
    configuration.get_by_role("button", name="Configure list creation").click()
    fill(configuration.get_by_role("textbox", name="URL"), "https://api.example.com/lists")
    choose(configuration, configuration, "Add users")
    configuration.get_by_role("button", name="Configure add users").click()
    fill(configuration.get_by_role("textbox", name="URL"), "https://api.example.com/lists/$list_id/add")
    choose(configuration, configuration, "Remove users")
    configuration.get_by_role("button", name="Copy from Add users").click()
    fill(configuration.get_by_role("textbox", name="URL"), "https://api.example.com/lists/$list_id/remove")
    ready(page)


def test_from_an_empty_draft_to_users_in_the_sandbox(server: str, page: Page, record: Record) -> None:
    configuration, testing = open_configure(page, server)
    build(configuration)
    secret = testing.get_by_role("textbox", name="Bearer Token")
    fill(secret, "s3cr3t-token-value")

    choose(configuration, configuration, "Add users")
    editor = configuration.get_by_role("textbox", name="Payload")
    editor.fill('{"userIds": $itmes}')
    expect(testing.get_by_text("Did you mean $items?").first).to_be_attached()
    editor.fill('{"userIds": $items}')
    expect(testing.get_by_text("Did you mean $items?")).to_have_count(0)

    choose(configuration, testing, "List creation")
    testing.get_by_role("button", name="Send test request").click()
    expect(testing.get_by_text("200 OK").or_(testing.get_by_text("201 Created"))).to_be_attached()
    expect(testing.get_by_text("$list_id is")).to_be_attached()
    choose(configuration, testing, "Add users")
    testing.get_by_role("button", name="Send test request").click()
    expect(testing.get_by_text("Success")).to_be_attached()

    page.reload()
    ready(page)
    expect(secret).to_have_attribute("placeholder", "•••••••••••• saved; type to replace")
    expect(testing.get_by_text("$list_id is")).to_be_attached()
    assert "s3cr3t-token-value" not in page.content()
    assert record.external == []
    assert complaints(record) == []


def test_a_narrow_screen_shows_one_panel_and_the_other_at_a_tap(server: str, new_page: NewPage, record: Record) -> None:
    page = new_page(width=390, height=844)
    configuration, testing = open_configure(page, server)
    expect(configuration.get_by_role("heading", name="Authentication")).to_be_visible()
    expect(testing).to_be_hidden()
    page.get_by_role("radio", name="Testing").click()
    expect(testing.get_by_role("heading", name="Request")).to_be_visible()
    expect(configuration).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_names_are_shown_as_they_are_and_fetch_nothing(server: str, page: Page, record: Record) -> None:
    configuration, testing = open_configure(page, server)
    configuration.get_by_role("button", name="Add custom field").click()
    fill(configuration.get_by_label("Display name", exact=True), HOSTILE)
    fill(configuration.get_by_label("Variable", exact=True), HOSTILE)
    expect(testing.locator("label", has_text=HOSTILE)).to_have_count(1)
    expect(testing.locator("label", has_text=HOSTILE)).to_be_attached()
    expect(testing.locator("code", has_text=f"${HOSTILE}").first).to_be_attached()
    assert testing.locator("b, .katex, img").count() == 0
    assert record.external == []
    assert complaints(record) == []
