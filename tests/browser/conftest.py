"""A real server and a real browser for the tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from driver import CHROMIUM_FLAGS, CHROMIUM_NAMES, ROOT, NewPage, Record, Servers
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    running = Servers(tmp_path_factory.mktemp("servers"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def server(servers: Servers) -> str:
    """The address of the portal, one for all tests of a session."""
    return servers.start(ROOT / "app.py")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        pytest.fail(f"The browser tests need Chromium: none of {', '.join(CHROMIUM_NAMES)} is on the PATH.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def new_page(browser: Browser, record: Record) -> Iterator[NewPage]:
    """Opens pages in a given scheme and width, each in a browser profile of its own; `record` watches them all."""
    contexts: list[BrowserContext] = []

    def open_page(*, scheme: str = "light", width: int = 1440, height: int = 900) -> Page:
        viewport = {"width": width, "height": height}
        context = browser.new_context(color_scheme=scheme, viewport=viewport, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        record.watch(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()
