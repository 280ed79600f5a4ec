"""The Test page in a real browser: one click from a cohort to the proof, through a reload in the middle."""

from __future__ import annotations

from driver import NewPage, Record, ready
from playwright.sync_api import Page, expect


def open_test(page: Page, server: str, name: str) -> None:
    """From the list of integrations to the Test page of an example."""
    page.goto(server)
    ready(page)
    page.get_by_role("link", name=name, exact=True).click()
    ready(page)
    page.get_by_role("link", name="Test", exact=True).click()
    ready(page)
    expect(page.get_by_text("What changed")).to_be_visible()


def test_a_run_survives_a_reload_and_ends_with_the_proof(page: Page, server: str, record: Record) -> None:
    open_test(page, server, "Acme Messaging")
    page.get_by_label("Sample cohort").first.click()
    page.get_by_role("option", name="Middle").click()
    ready(page)
    page.get_by_text("Make the sandbox misbehave").click()
    latency = page.get_by_label("Latency, ms")
    latency.fill("800")
    latency.press("Enter")
    ready(page)
    page.get_by_role("button", name="Run end to end").click()
    expect(page.get_by_role("button", name="Running")).to_be_visible()
    page.reload()
    ready(page)

    expect(page.get_by_text("The destination holds")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("1,058").first).to_be_visible()
    expect(page.get_by_text("They are the same.")).to_be_visible()
    assert record.external == []


def test_narrow_and_dark_the_page_does_not_overflow(new_page: NewPage, server: str) -> None:
    page = new_page(scheme="dark", width=390, height=844)
    open_test(page, server, "Beacon CRM")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
