"""Logging in with a provider: a stand-in for it on loopback, a real server, a real browser."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from driver import ROOT, NewPage, Servers, ready
from oidc_provider import Provider, running
from playwright.sync_api import Page, expect


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as listening:
        yield listening


@pytest.fixture(scope="module")
def portal(servers: Servers, provider: Provider) -> str:
    """The address of a portal that people log in to."""

    def toml(address: str) -> str:
        return (
            f'[auth]\nredirect_uri = "{address}/oauth2callback"\ncookie_secret = "{secrets.token_hex(32)}"\n'
            f'client_id = "portal"\nclient_secret = "s3cret"\n'
            f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
        )

    return servers.start(ROOT / "app.py", secrets=toml, environ={"PORTAL_REVIEWERS": "rev@platform.example"})


def log_in(page: Page, portal: str, provider: Provider, path: str = "", **claims: object) -> None:
    provider.claims = {"email_verified": True, **claims}
    page.goto(f"{portal}/{path}")
    ready(page)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log in")).to_have_count(0, timeout=20_000)
    ready(page)


def test_somebody_new_registers_an_organisation_and_comes_back_to_it(
    portal: str, provider: Provider, new_page: NewPage
) -> None:
    page = new_page()
    log_in(page, portal, provider, email="zoe@new.example", name="Zoë Lee")
    expect(page.get_by_role("heading", name="Register your organization")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your name")).to_have_value("Zoë Lee")
    page.get_by_role("textbox", name="Organization name").fill("New Co")
    page.get_by_role("textbox", name="Organization ID").fill("555001")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("button", name="Ask for access")).to_be_visible()
    page.get_by_role("button", name="Zoë Lee").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    log_in(page, portal, provider, email="ZOE@new.example")
    expect(page.get_by_role("button", name="Ask for access")).to_be_visible()


def test_nobody_registers_into_an_organisation_that_exists(portal: str, provider: Provider, new_page: NewPage) -> None:
    page = new_page()
    log_in(page, portal, provider, email="rev@platform.example", name="Rev Iewer")  # makes the organisation
    log_in(page := new_page(), portal, provider, email="eve@new.example", name="Eve")
    page.get_by_role("textbox", name="Organization name").fill("Mine")
    page.get_by_role("textbox", name="Organization ID").fill("platform")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("This organization is registered already")).to_be_visible()
    expect(page.get_by_role("link", name="Review")).to_have_count(0)


def test_a_listed_address_reviews_and_the_demos_switch_is_gone(
    portal: str, provider: Provider, new_page: NewPage
) -> None:
    page = new_page()
    log_in(page, portal, provider, email="rev@platform.example", name="Rev Iewer")
    page.goto(f"{portal}/organization?as=pat")
    ready(page)
    expect(page.get_by_role("heading", name="Requests for the Developer Portal")).to_be_visible()
    page.get_by_role("button", name="Rev Iewer").click()
    expect(page.get_by_text("rev@platform.example")).to_be_visible()
    expect(page.get_by_text("Acting as")).to_have_count(0)
    expect(page.get_by_text("demo mode")).to_have_count(0)


def test_an_address_that_the_provider_has_not_verified_is_nobody(
    portal: str, provider: Provider, new_page: NewPage
) -> None:
    page = new_page()
    log_in(page, portal, provider, "organization?as=pat", email="pat@acme.example", email_verified=None)
    expect(page.get_by_role("heading", name="E-mail not verified")).to_be_visible()
    expect(page.get_by_text("Acme Labs")).to_have_count(0)


@pytest.mark.parametrize("path", ["setup", "outbox?as=rita"])
def test_nothing_is_shown_before_one_has_logged_in(portal: str, new_page: NewPage, path: str) -> None:
    page = new_page()
    page.goto(f"{portal}/{path}")
    ready(page)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.get_by_role("link", name="Integrations")).to_have_count(0)
    expect(page.get_by_text("Acting as")).to_have_count(0)
