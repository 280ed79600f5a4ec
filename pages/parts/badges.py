"""The state of an integration as a word in its colour, and which of its releases others have.

Grey rests with its partner, blue is under way, green is done, amber waits for changes, red was refused.
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core.portal.review.states import STATE_TITLES

Colour = Literal["gray", "blue", "orange", "green", "red"]

COLOURS: dict[str, Colour] = {
    "draft": "gray",
    "released_internally": "blue",
    "submitted": "blue",
    "in_review": "blue",
    "changes_requested": "orange",
    "approved": "green",
    "rejected": "red",
    "withdrawn": "gray",
    "deprecated": "gray",
}
_TITLES: dict[str, str] = dict(STATE_TITLES)

RELEASES: dict[str, tuple[str, Colour]] = {
    "open": ("Waits for review", "blue"),
    "approved": ("Approved", "green"),
    "changes_requested": ("Changes requested", "orange"),
    "rejected": ("Rejected", "red"),
    "withdrawn": ("Withdrawn", "gray"),
    "internal": ("Internal", "blue"),
    "ended": ("Ended", "gray"),
}


def word(state: str) -> str:
    """The word for a state of an integration."""
    return _TITLES.get(state, state)


def show(state: str, *, deployed: int | None = None, internal: int | None = None) -> None:
    """The badges of an integration. `deployed` is the number of the release that customers have, `internal` that of the
    one that only the own organisation has.
    """
    st.badge(word(state), color=COLOURS.get(state, "gray"))
    if deployed is not None and state not in ("approved", "deprecated"):
        st.badge("Deployed", color="green", help=f"Customers have release {deployed}; this draft does not change it.")
    if internal is not None and state != "released_internally":
        st.badge("Internal", color="blue", help=f"Your organization has release {internal} on its Destinations page.")


def show_release(state: str) -> None:
    """The badge of one release."""
    shown, colour = RELEASES.get(state, (state, "gray"))
    st.badge(shown, color=colour)
