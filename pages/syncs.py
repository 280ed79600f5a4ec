"""Syncs: which cohort goes where, how often, and how it went last."""

from __future__ import annotations

import streamlit as st

from core.portal.syncs.overview import SyncView, overview
from pages.parts import mark, moments
from pages.parts.acting import admit, org, person, store
from pages.parts.destination.look import mark_of
from pages.parts.syncs import new
from pages.parts.syncs.words import CADENCES, next_run, standing
from pages.parts.text import md

PER_PAGE = 25
STYLE = """
.st-key-list_header h1 { font-size: 1.75rem; padding: 0.25rem 0; }
.st-key-empty_page { max-width: 46rem; margin-inline: auto; width: 100%; }
.st-key-empty { padding: 1.75rem 2rem 2rem; }
.st-key-empty h2 { font-size: 1.375rem; padding: 0 0 0.5rem; }
[class*="st-key-sync_row_"] {
    position: relative; padding: 0.75rem 1rem; border: 1px solid light-dark(#dfe1e6, #3b3a37); border-radius: 0.5rem;
    column-gap: 1rem; row-gap: 0.375rem;
}
[class*="st-key-sync_row_"]:hover { border-color: light-dark(#0b6bcb, #7db0ff); }
[class*="st-key-sync_row_"]:has(a:focus-visible) {
    outline: 2px solid light-dark(#0b6bcb, #7db0ff); outline-offset: 2px;
}
[class*="st-key-sync_row_"] img { border-radius: 0.25rem; display: block; }
[class*="st-key-sync_row_"] > [data-testid="stElementContainer"]:first-child { flex: none; }
[class*="st-key-sync_named_"] { gap: 0; min-width: min(16rem, 60%); }
[class*="st-key-sync_named_"] [data-testid="stPageLink"], [class*="st-key-sync_named_"] a { position: static; }
[class*="st-key-sync_named_"] a { padding: 0; background: none; outline: none; }
[class*="st-key-sync_named_"] a::after { content: ""; position: absolute; inset: 0; border-radius: 0.5rem; }
[class*="st-key-sync_named_"] a p { line-height: 1.35; font-weight: 600; white-space: normal; overflow-wrap: anywhere; }
[class*="st-key-sync_when_"] { gap: 0; align-items: flex-end; min-width: 8.5rem; }
[class*="st-key-sync_when_"] p { text-align: right; }
@media (max-width: 640px) {
    [class*="st-key-sync_when_"] { align-items: flex-start; flex-basis: 100%; padding-left: 3rem; }
    [class*="st-key-sync_when_"] p { text-align: left; }
}
"""


def row(view: SyncView) -> None:
    """One sync; the whole row leads to it."""
    sync = view.sync
    name = view.destination.name if view.destination else "A destination that is no longer released"
    with st.container(key=f"sync_row_{sync.id}", horizontal=True, vertical_alignment="center"):
        picture = mark_of(view.destination) if view.destination else mark.initials_mark("?")
        st.image(picture, width=32, alt="")
        with st.container(key=f"sync_named_{sync.id}"):
            st.page_link("sync.py", label=f"{md(view.cohort.name)} → {md(name)}", query_params={"id": sync.id})
            sandbox = " · sandbox" if view.connection.target == "sandbox" else ""
            st.caption(f"{md(view.connection.name)} · {CADENCES[sync.cadence]}{sandbox}")
        word, colour = standing(view)
        st.badge(word, color=colour)
        with st.container(key=f"sync_when_{sync.id}", width="content"):
            if view.run is not None:
                moments.show(view.run.created_at, "Last run ")
            st.caption(f"Next: {next_run(view)}")


def empty() -> None:
    """The page without a sync: what one is, and the one thing to do next."""
    with st.container(key="empty_page"), st.container(key="empty", border=True):
        st.header("Send a cohort to a product", anchor=False)
        st.markdown(
            "A sync joins a cohort with a connection: once, hourly or daily. The first run sends everybody, "
            "each later one what changed."
        )
        if not store().list_connections(org()):
            st.page_link("destinations.py", label="First connect a destination", icon=":material/arrow_forward:")
        elif not store().list_cohorts(org()):
            st.page_link("cohorts.py", label="First add a cohort", icon=":material/arrow_forward:")
        else:
            st.button("New sync", type="primary", key="new", icon=":material/add:", on_click=new.open_window)


admit("connect")
st.html(f"<style>{STYLE}</style>")
mark.apply_style()
found = overview(store(), person())

with st.container(key="list_header", horizontal=True, vertical_alignment="center"):
    st.title("Syncs", anchor=False, width="stretch")
    if found:
        st.button("New sync", type="primary", key="new", icon=":material/add:", on_click=new.open_window)
if not found:
    empty()


def rows() -> None:
    """The rows of the chosen page, read anew whenever they are drawn."""
    fresh = overview(store(), person())
    first = (st.session_state.get("syncs_page", 1) - 1) * PER_PAGE if len(fresh) > PER_PAGE else 0
    with st.container(gap="small"):
        for view in fresh[first : first + PER_PAGE]:
            row(view)


if found:
    busy = any(view.running or view.sync.wish or standing(view)[0] == "Starting" for view in found)
    st.fragment(rows, run_every="2s" if busy else "15s")()
if len(found) > PER_PAGE:
    st.pagination(-(-len(found) // PER_PAGE), key="syncs_page")
new.show_window()
