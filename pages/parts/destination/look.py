"""What stands for a destination wherever it is named: its mark, and the word for how it is released."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core.errors import NotFoundError
from core.integration.logo import logo_thumbnail
from core.portal.customers.destinations import Destination, Mark
from core.portal.review.releases import released_logo
from pages.parts.acting import org, store
from pages.parts.mark import SIDE, initials_mark

MARKS: dict[Mark, tuple[str, Literal["blue", "gray", "violet"], str]] = {
    "internal": ("Internal", "blue", "Released internally: only your organization has it."),
    "beta": ("Beta", "violet", "Approved and deployed, but no sync outside the sandbox has succeeded yet."),
    "deprecated": ("Deprecated", "gray", "Your connections go on; new ones are not made."),
}
"""Word, colour and meaning of each mark."""


def mark_of(destination: Destination) -> bytes:
    """The PNG to show, as the released version has it."""
    if destination.has_logo:
        try:
            return _of_release(org(), destination.id, destination.release)
        except NotFoundError:
            pass  # released anew or withdrawn since the catalogue was read
    return initials_mark(destination.name)


@st.cache_data(max_entries=500, show_spinner=False)
def _of_release(for_org: str, integration_id: str, release: int) -> bytes:
    """A release's logo never changes; another release has another number."""
    png = released_logo(store(), for_org, integration_id)
    if png is None:
        raise NotFoundError("The release has no logo.")
    return logo_thumbnail(png, SIDE)
