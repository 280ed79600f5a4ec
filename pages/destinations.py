"""Destinations: the products that cohorts can be synced to, as tiles."""

from __future__ import annotations

import streamlit as st

from core.portal.customers.connecting import needs_attention
from core.portal.customers.destinations import Destination, catalogue
from pages.parts import mark, tile
from pages.parts.acting import admit, can, organisation, person, store
from pages.parts.destination.look import MARKS, mark_of
from pages.parts.labels import CATEGORIES
from pages.parts.text import md

PER_PAGE = 48
EVERYTHING = "All categories"
SHOWN = ("All", "Connected", "Not connected")
STYLE = """
.st-key-list_header h1 { font-size: 1.75rem; padding: 0.25rem 0; }
.st-key-catalogue_filters { row-gap: 0.5rem; }
.st-key-empty_page { max-width: 46rem; margin-inline: auto; width: 100%; }
.st-key-empty { padding: 1.75rem 2rem 2rem; }
.st-key-empty h2 { font-size: 1.375rem; padding: 0 0 0.5rem; }
"""


def filters(found: list[Destination]) -> list[Destination]:
    """Draws the filters; those of `found` that pass them."""
    there = {one.integration.category for one in found}
    with st.container(key="catalogue_filters", horizontal=True, vertical_alignment="center", gap="small"):
        words = st.text_input(
            "Search destinations", key="words", type="search", live="250ms", placeholder="Search",
            label_visibility="collapsed", width=240,
        )  # fmt: skip
        chosen = st.selectbox(
            "Category", [EVERYTHING, *(CATEGORIES[one] for one in CATEGORIES if one in there)], key="category",
            label_visibility="collapsed", width=200,
        )  # fmt: skip
        shown = st.segmented_control(
            "Show", SHOWN, default=SHOWN[0], required=True, key="shown", label_visibility="collapsed"
        )
    return [
        one
        for one in found
        if one.matches(words or "")
        and chosen in (EVERYTHING, CATEGORIES[one.integration.category])
        and (shown == "All" or bool(one.connections) == (shown == "Connected"))
    ]


def draw(one: Destination) -> None:
    badges = []
    if one.mark:
        badges.append(MARKS[one.mark][:2])
    if any(needs_attention(store(), connection, one.integration) for connection in one.connections):
        badges.append(("Needs attention", "orange"))
    link = tile.Link(one.id, connected=bool(one.connections), badges=badges)
    tile.tile(one.name, one.integration.category, mark_of(one), link)


def nothing_released() -> None:
    with st.container(key="empty_page"), st.container(key="empty", border=True):
        st.header("No destination is released yet", anchor=False)
        st.markdown(
            "A destination is another product that your cohorts are synced to. It shows here as soon as its partner's "
            "integration was approved."
        )
        if can("build"):
            st.markdown(f"What {md(organisation().name)} builds itself can be here at once: release it internally.")
            st.page_link("integrations.py", label="Go to your integrations", icon=":material/arrow_forward:")


admit("connect")
st.html(f"<style>{STYLE}</style>")
tile.apply_style()
mark.apply_style()
with st.container(key="list_header"):
    st.title("Destinations", anchor=False)
    st.caption("Connect a product once, then sync any of your cohorts to it.")
found = catalogue(store(), person())
if not found:
    nothing_released()
    st.stop()

passing = filters(found)
if not passing:
    st.caption("No destination matches.")
    st.stop()
pages = -(-len(passing) // PER_PAGE)
first = (min(st.session_state.get("catalogue_page", 1), pages) - 1) * PER_PAGE if pages > 1 else 0
with st.container(key="catalogue"), st.grid(min_column_width=230, gap="small"):
    for one in passing[first : first + PER_PAGE]:
        draw(one)
if pages > 1:
    st.pagination(pages, key="catalogue_page")
