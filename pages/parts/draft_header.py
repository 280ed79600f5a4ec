"""The header of the pages that edit a draft: its name, when it was saved, the steps, and what is still to fix.

draft = open_draft()
actions = draft_header(draft, "setup")
actions.button("Save a copy")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.integration import Finding
from pages.parts import mark, page
from pages.parts.draft import Draft

_ON_SETUP = frozenset({"display_name", "category", "summary", "description", "type"})
_VISITED = "last_step"


def step_of(place: str) -> page.Step:
    """The page on which a place of the document is edited."""
    return "setup" if place.split(".")[0] in _ON_SETUP else "configure"


def last_step(integration_id: str, otherwise: page.Step) -> page.Step:
    """The step at which this session left an integration."""
    return cast(page.Step, st.session_state.get(_VISITED, {}).get(integration_id, otherwise))


def draft_header(draft: Draft, step: page.Step) -> DeltaGenerator:
    """Draws the header; returns the place for the page's own buttons."""
    mark.apply_style()
    st.session_state[_VISITED] = {**st.session_state.get(_VISITED, {}), draft.id: step}
    report = draft.report
    return page.header(
        step,
        integration=draft.id,
        name=str(draft.document.get("display_name", "")),
        status=draft.stored.state,
        deployed=draft.stored.deployed_release,
        internal=draft.stored.internal_release,
        saved_at=draft.stored.updated_at,
        logo=mark.mark_of(draft.stored),
        fixes=_fixes(report.errors),
        hints=_fixes(report.warnings),
    )


def _fixes(findings: Sequence[Finding]) -> list[page.Fix]:
    return [page.Fix(str(finding), step_of(finding.place)) for finding in findings]
