"""The mark of an integration: its logo, or its initials on a colour while it has none."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFoundError
from core.integration.logo import initials_logo, logo_thumbnail
from core.portal import Stored
from pages.parts.acting import org, store

SIDE = 128
"""Pixels of a mark; it is shown at half of this or less, so that it is sharp on dense screens too."""

# A mark only decorates the name beside it, so it needs no button that shows it in full size.
_STYLE = """
[data-testid="stFullScreenFrame"]:has(img[alt=""]) [data-testid="stElementToolbar"],
.st-key-logo_row [data-testid="stElementToolbar"] { display: none; }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def mark_of(stored: Stored) -> bytes:
    """The PNG to show for an integration, `SIDE` pixels square."""
    if stored.logo is not None:
        try:
            return _of_logo(stored.id, stored.logo)
        except NotFoundError:
            pass  # removed in another window since `stored` was read
    return initials_mark(str(stored.document.get("display_name", "")))


@st.cache_data(max_entries=500, show_spinner=False)
def initials_mark(name: str) -> bytes:
    return logo_thumbnail(initials_logo(name), SIDE)


@st.cache_data(max_entries=500, show_spinner=False)
def _of_logo(integration_id: str, digest: str) -> bytes:
    """`digest` says which logo it is, so that a new one is not answered from the cache."""
    png = store().get_logo(org(), integration_id)
    if png is None:
        raise NotFoundError("The logo was removed.")
    return logo_thumbnail(png, SIDE)


@st.cache_data(max_entries=50, show_spinner=False)
def thumbnail(png: bytes) -> bytes:
    """A logo that is not in the store (an example's), `SIDE` pixels square. `png` must come from `read_logo`."""
    return logo_thumbnail(png, SIDE)
