"""Hostile strings, through `md`, in a real browser: every one comes out as it went in, and fetches nothing."""

from __future__ import annotations

import json

import pytest
from driver import APPS, Record, Servers, ready
from playwright.sync_api import Page, expect

HOSTILE = [
    "$EMAIL/$USER_ID and $$x^2$$",
    "![tracker](https://evil.test/track.png)",
    "[click](https://evil.test) <https://evil.test>",
    "https://evil.test/a?b=c www.evil.test ann@evil.test mailto:ann@evil.test",
    ":red[x] :blue-background[y] :green-badge[z] :small[s]",
    ":material/home: :material_home: :streamlit: :material/lock",
    ":smile: :+1: :-1: a:smile:b 12:30:45",
    "**bold** __bold__ *it* _it_ ~~gone~~ `code` ``c``",
    "<b>html</b> <script>alert(1)</script> <img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp; &#58;",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "2) item",
    "> quote",
    "---",
    "===",
    "| a | b |",
    "[^1] [^1]: note [ ] [x]",
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "-> a --",
    "back\\slash \\$x\\$ \\:smile\\:",
    "```json",
    "~~~",
    ":::note",
    "::leaf[x]{a=b}",
    "{#id .class}",
    "\"quotes\" and 'apostrophes' (brackets) 100% #1 a_b_c 5*3*2",
]
PLACES = ("markdown", "heading", "caption", "button", "label", "error")


@pytest.fixture(scope="module")
def text_server(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> str:
    strings = tmp_path_factory.mktemp("strings") / "strings.json"
    strings.write_text(json.dumps(HOSTILE), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEXT_APP_STRINGS", str(strings))
        return servers.start(APPS / "text_app.py")


def test_every_string_is_shown_literally(text_server: str, page: Page, record: Record) -> None:
    page.goto(text_server)
    ready(page)
    page.locator(".st-key-within_0 .katex").wait_for()  # the formula of the page's own, so that all readers are loaded

    # Comparing texts, Playwright leaves zero-width spaces out of account, as the eye does.
    for number, text in enumerate(HOSTILE):
        for place in PLACES:
            expect(page.locator(f".st-key-{place}_{number}")).to_have_text(text, use_inner_text=True)
        expect(page.locator(f".st-key-within_{number}")).to_contain_text(f"before {text} 😄", use_inner_text=True)
    assert page.locator("[data-testid=stMain] :is(a, img)").count() == 0
    assert record.external == []
