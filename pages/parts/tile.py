"""What a customer will see of an integration: its tile on the Destinations page, and the details behind the tile."""

from __future__ import annotations

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

_STYLE = """
.st-key-tiles { border-radius: 0.5rem; padding: 1rem; background: light-dark(#f3f4f6, #211f1d); }
@media (max-width: 640px) { .st-key-tiles [data-testid="stGridCell"]:nth-child(n + 4) { display: none; } }
.st-key-tile, .neighbour {
    min-height: 4.75rem; padding: 0.75rem 1rem; box-sizing: border-box; border-radius: 0.25rem;
    background: light-dark(#ffffff, #171615); border: 1px solid light-dark(#dfe1e6, #3b3a37);
}
.st-key-tile { outline: 2px solid light-dark(#0b6bcb, #7db0ff); outline-offset: 1px; gap: 0.375rem; }
.st-key-tile_line { gap: 0.5rem; flex-wrap: nowrap; }
.st-key-tile_line > * { min-width: 0; }
.st-key-tile_line > [data-testid="stElementContainer"]:first-child { flex: none; }
.st-key-tile_line img { border-radius: 0.1875rem; display: block; }
.st-key-tile_line p {
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
.st-key-details h3 {
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


def tile_among_others(name: str, category: str, mark: bytes) -> None:
    """The tile at its real size, with others around it that are greyed and invisible to assistive technology."""
    with st.container(key="tiles"), st.grid(min_column_width=230, gap="small"):
        for neighbour in _BEFORE:
            _neighbour(*neighbour)
        with st.container(key="tile"):
            with st.container(key="tile_line", horizontal=True, vertical_alignment="center"):
                st.image(mark, width=20, alt="")
                st.markdown(f"{md(name) or UNTITLED} :gray[– Cohort]")
            st.badge(CATEGORIES.get(category, md(category)), color="gray")
        for neighbour in _AFTER:
            _neighbour(*neighbour)


def details(name: str, category: str, summary: str, description: str, mark: bytes) -> None:
    """What opens when the customer chooses the tile."""
    with st.container(key="details", border=True):
        with st.container(key="details_title", horizontal=True, vertical_alignment="center"):
            st.image(mark, width=48, alt="")
            with st.container(gap="xsmall"):
                st.subheader(md(name) or UNTITLED, anchor=False)
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
