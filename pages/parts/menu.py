"""The pages of the portal, and which of them stand in the menu of the person who acts.

Every page can be reached by its address; what a person may not open says so itself (`acting.admit`). Pages that work on
one thing need its id in the address and stand in nobody's menu.
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.portal.people import Role
from pages.parts import acting

_MENUS: dict[Role, tuple[str, ...]] = {
    "partner": ("integrations", "destinations", "cohorts", "syncs", "organization", "help"),
    "customer": ("destinations", "cohorts", "syncs", "organization", "help"),
    "reviewer": ("review", "organization", "outbox", "help"),
}
_TITLES = {
    "integrations": "Integrations",
    "setup": "Set up",
    "configure": "Configure",
    "test": "Test",
    "submit": "Submit",
    "review": "Review",
    "submission": "Submission",
    "destinations": "Destinations",
    "destination": "Destination",
    "cohorts": "Cohorts",
    "syncs": "Syncs",
    "sync": "Sync",
    "organization": "Organization settings",
    "outbox": "Mail",
    "help": "Help",
}


def pages() -> list[StreamlitPage]:
    """All pages, those in the menu of the person who acts first; the first of them is where `/` leads.

    That one is there at its own address as well, so that a link to it is good for everybody.
    """
    shown = _shown()
    hidden = [shown[0], *(name for name in _TITLES if name not in shown)]
    return [_page(name, hidden=False, default=name == shown[0]) for name in shown] + [
        _page(name, hidden=True) for name in hidden
    ]


def closed() -> list[StreamlitPage]:
    """All pages for a visitor who may open none yet: their addresses are good, but nothing stands in the menu."""
    return [_page("help", hidden=True, default=True), *(_page(name, hidden=True) for name in _TITLES)]


def settle(chosen: StreamlitPage) -> None:
    """Brings a visitor of the first page's own address to `/`, where the menu shows it as open."""
    first = _shown()[0]
    if chosen.url_path == first:
        st.switch_page(f"{first}.py", query_params=st.query_params.to_dict())


def go_on(title: str) -> NoReturn:
    """After somebody else began to act: stay on a page that stands in their menu too, else go where `/` leads."""
    shown = _shown()
    if title in (_TITLES[name] for name in shown):
        st.rerun()
    st.switch_page(f"{shown[0]}.py")


def _shown() -> list[str]:
    shown = list(_MENUS[acting.person().role])
    if "integrations" in shown and not acting.can("build"):
        shown.sort(key=lambda name: name != "organization")
    return shown


def _page(name: str, *, hidden: bool, default: bool = False) -> StreamlitPage:
    return st.Page(
        f"{name}.py",
        title=_TITLES[name],
        url_path="" if default else name,
        default=default,
        visibility="hidden" if hidden else "visible",
    )
