"""Test: a cohort, what changed in it, and the run that sends it, end to end."""

from __future__ import annotations

import streamlit as st

from core.errors import PortalError
from core.integration import Integration
from core.request import Connection, RequestBuilder, with_stand_ins
from core.sync import SyncPlan
from core.template import ValueFault
from pages.parts.draft import open_draft, settle_conflict
from pages.parts.draft_header import draft_header
from pages.parts.testing import launch, look, source
from pages.parts.testing.change_view import show_change
from pages.parts.testing.cohort_panel import choose_cohort
from pages.parts.testing.cohort_view import show_coverage
from pages.parts.testing.connection import stored_connection
from pages.parts.testing.loaded import Loaded
from pages.parts.testing.plan_view import show_calls, show_sum
from pages.parts.testing.run_view import show_progress, show_run
from pages.parts.text import md

draft = open_draft()
draft_header(draft, "test")
settle_conflict()
look.apply()
integration = draft.integration


def _plans(built: RequestBuilder, loaded: Loaded, options: launch.Options) -> list[tuple[str, SyncPlan]] | None:
    try:
        return launch.plans(built, loaded, options)
    except (PortalError, ValueFault) as error:
        st.error(md(str(error)))
        return None


def _run_panel(integration: Integration, loaded: Loaded, connection: Connection, chosen: source.Source) -> None:
    """The third panel: where to, the plan, and the button."""
    options = launch.choose(integration, loaded, connection, chosen)
    if options.in_sandbox:
        integration, connection, missing = with_stand_ins(integration, connection)
        if missing:
            names = ", ".join(field.display_name or field.variable for field in missing)
            st.caption(f"Not filled in under Configure, so the sandbox gets stand-ins: {md(names)}.")
    try:
        built = launch.builder(integration, connection, loaded, options)
    except PortalError as error:
        st.error(md(str(error)))
        st.page_link("configure.py", label="Open Configure", query_params={"id": draft.id})
        return
    planned = _plans(built, loaded, options)
    if planned is None:
        return
    show_sum(planned)
    launch.start_button(draft, integration, built, loaded, planned, options)
    show_progress(draft.id)
    show_calls(planned)


left, middle, right = st.columns([10, 10, 12], gap="medium")
with left, st.container(border=True, key="test_cohort"):
    st.subheader("1 Cohort", anchor=False)
    found = choose_cohort(integration, lambda: stored_connection(draft))
with middle, st.container(border=True, key="test_change"):
    st.subheader("2 What changed", anchor=False)
    if found is None:
        st.caption("Choose a cohort to see who joined and who left.")
    else:
        show_change(found[0])
        show_coverage(found[2])
with right, st.container(border=True, key="test_run"):
    st.subheader("3 Run", anchor=False)
    if found is None:
        st.caption("Choose a cohort to see what would be sent.")
    else:
        _run_panel(integration, found[0], found[1], found[3])
show_run(draft.id)
st.page_link(
    "submit.py", label="Continue to Submit", icon=":material/arrow_forward:", query_params={"id": draft.id}
)  # fmt: skip
