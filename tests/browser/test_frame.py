"""The frame around every page: links straight into a page, the header, headers of responses, widths and schemes."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from driver import APPS, ROOT, NewPage, Record, Servers, ready
from playwright.sync_api import Page, expect

STEPS = {"setup": "Set up", "configure": "Configure", "test": "Test"}
MISSING = "no-such-integration"


def assert_clean(page: Page, record: Record) -> None:
    expect(page.get_by_role("dialog")).to_have_count(0)
    if (page.viewport_size or {"width": 0})["width"] > 768:  # below, Streamlit folds the menu into a drawer
        expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert record.errors == []
    assert record.external == []


@pytest.mark.parametrize("address", ["configure?id=" + MISSING, "test?id=" + MISSING, "setup"])
def test_the_first_request_a_server_gets_may_be_for_any_page(
    servers: Servers, page: Page, record: Record, address: str
) -> None:
    page.goto(f"{servers.start(ROOT / 'app.py')}/{address}")
    ready(page)
    expect(page.get_by_role("button", name="Navigate to home page")).to_be_visible()
    assert_clean(page, record)


@pytest.mark.parametrize("address", ["", "setup", "configure", "test"])
def test_every_page_opens_from_its_address(server: str, page: Page, record: Record, address: str) -> None:
    page.goto(f"{server}/{address}")
    ready(page)
    expect(page).to_have_title(f"{STEPS.get(address, 'Integrations')} · Developer Portal")
    assert_clean(page, record)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_without_an_integration_leads_back_to_the_list(server: str, page: Page, step: str) -> None:
    page.goto(f"{server}/{step}")
    ready(page)
    expect(page.get_by_role("heading", name="Choose an integration first")).to_be_visible()
    page.get_by_role("link", name="Go to your integrations").click()
    expect(page).to_have_url(f"{server}/")


def test_the_server_works_from_any_folder(servers: Servers, page: Page, record: Record, tmp_path: Path) -> None:
    page.goto(servers.start(ROOT / "app.py", cwd=tmp_path))
    ready(page)
    assert_clean(page, record)


def test_every_response_carries_the_security_headers(server: str) -> None:
    for path in ("/", "/healthz", "/_stcore/health", "/configure", "/static/nothing.js"):
        headers = httpx.get(server + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_healthz_answers(server: str) -> None:
    answer = httpx.get(f"{server}/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_window(
    server: str, new_page: NewPage, record: Record, scheme: str, width: int
) -> None:
    page = new_page(scheme=scheme, width=width)
    for address in ("", "setup", "configure", "test"):
        page.goto(f"{server}/{address}")
        ready(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, address
    assert_clean(page, record)


@pytest.fixture(scope="module")
def header_server(servers: Servers) -> str:
    return servers.start(APPS / "header" / "router.py")


def test_the_steps_keep_the_integration(header_server: str, page: Page, record: Record) -> None:
    page.goto(f"{header_server}/setup?id=a%26b")
    ready(page)
    expect(page.get_by_role("heading", level=1, name="Acme :red[Messaging] $1/$2", exact=True)).to_be_visible()
    for step, title in list(STEPS.items())[1:]:
        page.get_by_role("link", name=title, exact=True).click()
        expect(page).to_have_url(f"{header_server}/{step}?id=a%26b")
        expect(page.locator(f".st-key-step_{step}_current")).to_be_visible()
    page.locator(".st-key-page_identity").get_by_role("link", name="Integrations", exact=True).click()
    expect(page).to_have_url(f"{header_server}/")
    assert_clean(page, record)


def test_the_header_counts_what_is_to_fix_and_leads_to_it(header_server: str, page: Page, record: Record) -> None:
    page.goto(f"{header_server}/configure?id=7")
    ready(page)
    page.get_by_role("button", name="2 things to fix").click()
    expect(page.get_by_role("link", name="$itmes in Add users is not a variable.")).to_be_visible()
    page.get_by_role("link", name="The logo is missing.").click()
    expect(page).to_have_url(f"{header_server}/setup?id=7")
    expect(page.get_by_role("button", name="Submit for review")).to_be_visible()
    assert_clean(page, record)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_full_header_fits_the_window(
    header_server: str, new_page: NewPage, record: Record, scheme: str, width: int
) -> None:
    page = new_page(scheme=scheme, width=width)
    page.goto(f"{header_server}/configure?id=7")
    ready(page)
    expect(page.get_by_role("button", name="Submit for review")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name="Test", exact=True)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert_clean(page, record)
