"""What a customer sees of an integration: its tile on the Destinations page, and the details behind the tile.

The Destinations page and its preview in Set up draw the same tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from core.integration.logo import initials
from pages.parts.description import safe_markdown
from pages.parts.labels import CATEGORIES, UNTITLED
from pages.parts.text import md

# Nobody's products: they only show how much room a tile has and what it stands among.
_BEFORE = (("Lumen Mail", "Messaging"),)
_AFTER = (
    ("Quarry", "Storage"),
    ("Signpost Ads", "Ad networks"),
    ("Tally", "Surveys"),
    ("Umbra Desk", "Customer support"),
)

_CONNECTED = '<span class="connected" role="img" aria-label="Connected" title="Connected"></span>'

_STYLE = """
:is(.st-key-tiles, .st-key-catalogue) {
    border-radius: 0.5rem; padding: 1rem; background: light-dark(#f3f4f6, #211f1d);
}
@media (max-width: 640px) { .st-key-tiles [data-testid="stGridCell"]:nth-child(n + 4) { display: none; } }
.st-key-tile, [class*="st-key-tile_of_"], .neighbour {
    min-height: 4.75rem; padding: 0.75rem 1rem; box-sizing: border-box; border-radius: 0.25rem;
    background: light-dark(#ffffff, #171615); border: 1px solid light-dark(#dfe1e6, #3b3a37);
}
.st-key-tile { outline: 2px solid light-dark(#0b6bcb, #7db0ff); outline-offset: 1px; gap: 0.375rem; }
[class*="st-key-tile_of_"] { position: relative; height: 100%; gap: 0.375rem; }
[class*="st-key-tile_of_"]:hover { border-color: light-dark(#0b6bcb, #7db0ff); }
[class*="st-key-tile_of_"]:has(a:focus-visible) {
    outline: 2px solid light-dark(#0b6bcb, #7db0ff); outline-offset: 2px;
}
[class*="st-key-tile_of_"] [data-testid="stPageLink"] { position: static; }
[class*="st-key-tile_of_"] a { position: static; padding: 0; background: none; outline: none; }
[class*="st-key-tile_of_"] a::after { content: ""; position: absolute; inset: 0; border-radius: 0.25rem; }
[class*="st-key-tile_of_"] a p { font-weight: 400; white-space: normal; }
[class*="st-key-tile_badges"] { gap: 0.375rem; }
.connected {
    display: block; position: relative; width: 1.25rem; height: 1.25rem; border-radius: 50%;
    background: light-dark(#14804a, #2a9a62);
}
.connected::after {
    content: ""; position: absolute; left: 0.4375rem; top: 0.25rem; width: 0.3125rem; height: 0.5625rem;
    border: solid #ffffff; border-width: 0 2px 2px 0; transform: rotate(45deg); box-sizing: border-box;
}
[class*="st-key-tile_line"] { gap: 0.5rem; flex-wrap: nowrap; }
[class*="st-key-tile_line"] > * { min-width: 0; }
[class*="st-key-tile_line_"] > [data-testid="stElementContainer"] { flex: 1 1 0; }
[class*="st-key-tile_line"] > [data-testid="stElementContainer"]:is(:first-child, :has(.connected)) { flex: none; }
[class*="st-key-tile_line"] img { border-radius: 0.1875rem; display: block; }
[class*="st-key-tile_line"] p {
    font-size: 0.875rem; line-height: 1.35; overflow: hidden; overflow-wrap: anywhere;
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
}
.neighbour {
    display: grid; gap: 0.375rem; align-content: start; font-size: 0.875rem;
    background: light-dark(#fafbfc, #1b1a18); color: light-dark(#626875, #a09c95);
}
.neighbour > span:first-child { display: flex; align-items: center; gap: 0.5rem; line-height: 1.35; }
.neighbour i {
    width: 1.25rem; height: 1.25rem; border-radius: 0.1875rem; font: 600 0.5625rem/1.25rem sans-serif;
    text-align: center; color: #ffffff; background: light-dark(#6b7280, #57534e);
}
.neighbour b {
    justify-self: start; padding: 0 0.375rem; border-radius: 0.25rem; font-weight: 400; font-size: 0.8125rem;
    line-height: 1.5; background: light-dark(#eceef2, #2c2a27);
}
.st-key-details :is(h1, h3) {
    padding: 0; font-size: 1.25rem; line-height: 1.35; overflow: hidden; overflow-wrap: anywhere;
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
}
.st-key-details_title [data-testid="stCaptionContainer"] { margin: 0; padding-top: 0.25rem; }
.st-key-details img { border-radius: 0.375rem; display: block; }
.st-key-details_title { flex-wrap: nowrap; }
.st-key-details_title > * { min-width: 0; }
.st-key-details_title > [data-testid="stElementContainer"]:first-child { flex: none; }
.st-key-details [data-testid="stMarkdownContainer"] { overflow-wrap: anywhere; }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


@dataclass(frozen=True)
class Link:
    """Where a tile of the catalogue leads, and what it says besides: badges as (word, colour)."""

    integration: str
    connected: bool = False
    badges: Sequence[tuple[str, Literal["blue", "orange", "gray", "violet"]]] = ()


def tile(name: str, category: str, mark: bytes, link: Link | None = None) -> None:
    """One tile; without `link` it leads nowhere."""
    ending = f"_{link.integration}" if link else ""
    label = f"{md(name) or UNTITLED} :gray[– Cohort]"
    with st.container(key=f"tile_of{ending}" if link else "tile", height="stretch" if link else "content"):
        with st.container(key=f"tile_line{ending}", horizontal=True, vertical_alignment="center"):
            st.image(mark, width=20, alt="")
            if link is None:
                st.markdown(label)
            else:
                st.page_link("destination.py", label=label, query_params={"id": link.integration})
                if link.connected:
                    st.html(_CONNECTED, width="content")
        with st.container(key=f"tile_badges{ending}", horizontal=True):
            st.badge(CATEGORIES.get(category, md(category)), color="gray")
            for word, colour in link.badges if link else ():
                st.badge(word, color=colour)


def tile_among_others(name: str, category: str, mark: bytes) -> None:
    """The tile at its real size, with others around it that are greyed and invisible to assistive technology."""
    with st.container(key="tiles"), st.grid(min_column_width=230, gap="small"):
        for neighbour in _BEFORE:
            _neighbour(*neighbour)
        tile(name, category, mark)
        for neighbour in _AFTER:
            _neighbour(*neighbour)


def details(name: str, category: str, summary: str, description: str, mark: bytes, *, whole_page: bool = False) -> None:
    """What opens when the customer chooses the tile; on a page of its own the name is the page's title."""
    with st.container(key="details", border=True):
        with st.container(key="details_title", horizontal=True, vertical_alignment="center"):
            st.image(mark, width=48, alt="")
            with st.container(gap="xsmall"):
                (st.title if whole_page else st.subheader)(md(name) or UNTITLED, anchor=False)
                st.caption(f"{CATEGORIES.get(category, md(category))} · Cohort sync")
        if summary.strip():
            st.markdown(f"**{md(summary)}**")
        else:
            st.caption("The summary will stand here.")
        if description.strip():
            st.markdown(safe_markdown(description), anchors=False)
        else:
            st.caption("The description will stand here.")


def _neighbour(name: str, category: str) -> None:
    st.html(
        f'<div class="neighbour" aria-hidden="true"><span><i>{initials(name)}</i>'
        f"{name} – Cohort</span><b>{category}</b></div>"
    )
