"""One destination: what it is, the organisation's connections to it, and the form that makes one."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from core.errors import NotFoundError
from core.portal.customers.destinations import get_destination
from pages.parts import findings, mark, page, tile
from pages.parts.acting import admit, person, store
from pages.parts.destination import about, connect, connected, form_state

STYLE = """
.st-key-destination_back a { padding: 0; }
.st-key-destination_side h2 { font-size: 1.125rem; padding: 0; }
.st-key-destination_side { gap: 0.75rem; }
.st-key-destination_side [data-testid="stHeading"] [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
[class*="st-key-section_"] { gap: 0.625rem; padding-block: 0.875rem; }
[class*="st-key-section_"] h3 { font-size: 1.125rem; font-weight: 600; padding: 0; }
@media (max-width: 899.98px) {
    [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] > * .st-key-destination_side)
        > [data-testid="stColumn"] { min-width: 100%; }
    [data-testid="stColumn"]:has(.st-key-destination_side .st-key-section_connect) { order: -1; }
}
"""


def not_there() -> NoReturn:
    with st.container(key="none_chosen", border=True):
        st.header("There is no such destination", anchor=False)
        st.write("The address names none that your organization can connect to. It may not be released any more.")
        st.page_link("destinations.py", label="Go to Destinations", icon=":material/arrow_back:")
    st.stop()


admit("connect")
st.html(f"<style>{STYLE}</style>")
for part in (about, connected, findings, mark, tile):
    part.apply_style()
try:
    destination = get_destination(store(), person(), page.requested())
except NotFoundError:
    not_there()

with st.container(key="destination_back"):
    st.page_link("destinations.py", label="Destinations", icon=":material/arrow_back:")
left, right = st.columns([11, 9], gap="large")
with left:
    about.show(destination)
with right, st.container(key="destination_side"):
    wanted = form_state.wanted()
    saved = next((one for one in destination.connections if one.id == wanted), None)
    if saved is not None or (wanted == form_state.NEW and not destination.deprecated):
        connect.show(destination, saved)
    else:
        connected.show(destination)
