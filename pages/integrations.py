"""The partner's integrations, and the ways to a new one."""

from __future__ import annotations

import streamlit as st

from core.integration import Integration
from pages.parts import acting, card, mark, windows
from pages.parts.catalogue import entries

SEARCH_FROM = 7
PER_PAGE = 24

_STYLE = """
.st-key-list_header h1 { font-size: 1.75rem; padding: 0.25rem 0; }
.st-key-list_header { row-gap: 0.5rem; padding-bottom: 0.25rem; }
.st-key-list_header > [data-testid="stElementContainer"]:first-child { min-width: min(20rem, 100%); }
.st-key-empty_page { max-width: 46rem; margin-inline: auto; width: 100%; gap: 1.5rem; }
.st-key-empty { padding: 1.75rem 2rem 2rem; }
.st-key-empty h2 { font-size: 1.375rem; padding: 0 0 0.5rem; }
.st-key-empty_examples h2 { font-size: 1.125rem; padding: 0 0 0.5rem; }
"""

acting.admit("build")
st.html(f"<style>{_STYLE}</style>")
for part in (card, mark, windows):
    part.apply_style()
found = entries()

with st.container(key="list_header", horizontal=True, vertical_alignment="center"):
    st.title("Integrations", anchor=False, width="stretch")
    if found:
        st.button(
            "Start from an example",
            key="open_examples",
            icon=":material/auto_stories:",
            on_click=windows.open_window,
            args=("examples",),
        )
    st.button(
        "Import JSON", key="open_import", icon=":material/upload:", on_click=windows.open_window, args=("import",)
    )
    if found and st.button("New integration", key="new", type="primary", icon=":material/add:"):
        windows.start(Integration())

if found:
    shown = found
    if len(found) >= SEARCH_FROM:
        words = st.text_input(
            "Search your integrations",
            key="search",
            type="search",
            live="250ms",
            placeholder="Name, summary, category or type",
            label_visibility="collapsed",
            width=360,
        )
        shown = [entry for entry in found if entry.matches(words or "")]
    if not shown:
        st.caption(f"None of your {len(found)} integrations matches.")
    pages = -(-len(shown) // PER_PAGE)
    first = (st.session_state.get("list_page", 1) - 1) * PER_PAGE if pages > 1 else 0
    with st.grid(min_column_width=320, gap="small"):
        for entry in shown[first : first + PER_PAGE]:
            card.card(entry)
    if pages > 1:
        st.pagination(pages, key="list_page")
else:
    with st.container(key="empty_page"):
        with st.container(key="empty", border=True):
            st.header("Bring your product to Amplitude's customers", anchor=False)
            st.markdown(
                "An integration says how cohorts of users reach your API: set it up, configure the calls, test them."
            )
            if st.button("New integration", key="new", type="primary", icon=":material/add:"):
                windows.start(Integration())
        with st.container(key="empty_examples"):
            st.header("Or start from an example", anchor=False)
            windows.example_rows()

windows.show_open_window()
