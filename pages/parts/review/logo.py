"""The mark of a release: the logo that was frozen with it, or the initials of its name."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFoundError
from core.integration.logo import logo_thumbnail
from pages.parts.acting import person, store
from pages.parts.mark import SIDE, initials_mark


def of_release(integration_id: str, number: int, name: str) -> bytes:
    """The PNG to show, `SIDE` pixels square, for whoever may see the release."""
    try:
        found = _of_release(integration_id, number, person().id)
    except NotFoundError:
        found = None
    return found or initials_mark(name)


@st.cache_data(max_entries=500, show_spinner=False)
def _of_release(integration_id: str, number: int, who: str) -> bytes | None:
    """`who` is asked for, so that nobody is answered from the cache with what only another may see."""
    png = store().release_logo(person(), integration_id, number)
    return None if png is None else logo_thumbnail(png, SIDE)
