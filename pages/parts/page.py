"""What stands at the top of the pages: the product's name, and for one integration its name, state and steps.

A page of one integration begins like this:

    integration = page.requested() or page.none_chosen()
    actions = page.header("configure", integration=integration, name=..., status="draft", note="saved 2 s ago")
    actions.button("Save", type="primary")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import badges, moments
from pages.parts.text import md

PRODUCT = "Developer Portal"
ICON = str(Path(__file__).with_name("icon.png"))

Step = Literal["setup", "configure", "test", "submit"]

_STEPS: dict[Step, str] = {"setup": "Set up", "configure": "Configure", "test": "Test", "submit": "Submit"}


@dataclass(frozen=True)
class Fix:
    """One thing that keeps the integration from being submitted, and the step where it is put right."""

    sentence: str
    step: Step


def requested() -> str:
    """The id of the integration in the address (`?id=...`), or "" when there is none."""
    return st.query_params.get("id", "")


def none_chosen() -> NoReturn:
    """Says that the address names no integration (or not one of this organisation's), and ends the page."""
    with st.container(key="none_chosen", border=True):
        st.header("Choose an integration first", anchor=False)
        st.write("This page works on one integration, and the address does not name one you can open.")
        st.page_link("integrations.py", label="Go to your integrations", icon=":material/arrow_back:")
    st.stop()


def masthead() -> None:
    """The product's mark, beside the menu on every page."""
    st.logo(ICON, size="medium")


def header(
    step: Step,
    *,
    integration: str,
    name: str,
    status: str = "draft",
    deployed: int | None = None,
    internal: int | None = None,
    note: str = "",
    logo: bytes | None = None,
    saved_at: datetime | None = None,
    fixes: Sequence[Fix] = (),
    hints: Sequence[Fix] = (),
) -> DeltaGenerator:
    """Draws the header of a page that works on one integration; returns the place for the page's own buttons.

    `status` is a state of the life cycle, `deployed` and `internal` are the numbers of the releases that customers and
    the own organisation have. `logo` must be the PNG that the portal re-encoded, never the uploaded bytes. `note` is a
    few words after the status, such as who edits it; `saved_at` is shown as "Saved 2 min ago". `fixes` are counted,
    listed on demand, each with the way to its step; `hints`, which keep nobody from going on, are listed apart.
    """
    with st.container(key="page_header", horizontal=True, vertical_alignment="center"):
        with st.container(key="page_identity", horizontal=True, vertical_alignment="center", width="content"):
            st.page_link("integrations.py", label="Integrations")
            if logo is not None:
                st.image(logo, width=36, alt="")
            st.title(md(name) or "Untitled integration", anchor=False, width="content")
            badges.show(status, deployed=deployed, internal=internal)
            if note:
                st.caption(md(note), width="content")
            if saved_at is not None:
                moments.show(saved_at, "Saved ")
        _steps(step, integration)
        actions = st.container(
            key="page_actions",
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="right",
            width="content",
        )
        if fixes or hints:
            _fixes(actions, fixes, hints, integration)
    return actions


def _steps(current: Step, integration: str) -> None:
    with st.container(key="page_steps", horizontal=True, vertical_alignment="center", width="content", gap="xsmall"):
        for step, title in _STEPS.items():
            with st.container(key=f"step_{step}_current" if step == current else f"step_{step}", width="content"):
                st.page_link(f"{step}.py", label=title, query_params={"id": integration})


def _fixes(place: DeltaGenerator, fixes: Sequence[Fix], hints: Sequence[Fix], integration: str) -> None:
    if fixes:
        count = f"{len(fixes)} thing to fix" if len(fixes) == 1 else f"{len(fixes)} things to fix"
    else:
        count = f"{len(hints)} suggestion" if len(hints) == 1 else f"{len(hints)} suggestions"
    icon, kind = (":material/error:", "fixes") if fixes else (":material/lightbulb:", "hints")
    with place.popover(count, icon=icon, key=f"page_{kind}"), st.container(key="page_links", gap="xxsmall"):
        _links(fixes, integration)
        if fixes and hints:
            st.caption("Worth a look, though nothing waits for it:")
        _links(hints, integration)


def _links(fixes: Sequence[Fix], integration: str) -> None:
    for fix in fixes:
        st.page_link(f"{fix.step}.py", label=md(fix.sentence), query_params={"id": integration})
