"""The way into the Developer Portal: what must be settled, the request, how it stands."""

from __future__ import annotations

import streamlit as st

from core.errors import PortalError
from core.portal.journey import journey
from core.portal.people import Organisation
from core.portal.people.access import Step, checklist, missing, request_access, tick
from pages.parts import acting, guide, moments
from pages.parts import journey as way
from pages.parts.text import md

_STYLE = """
.st-key-portal_status { padding: 1.25rem 1.5rem; gap: 0.75rem; }
.st-key-portal_checklist { padding: 1.25rem 1.5rem; gap: 0.5rem; }
.st-key-portal_checklist [class*="st-key-portal_step_"] { gap: 0; }
.st-key-portal_checklist [data-testid="stCaptionContainer"] { padding-left: 1.5rem; }
"""


def show() -> None:
    st.html(f"<style>{_STYLE}</style>")
    organisation = acting.organisation()
    st.caption("The Developer Portal is in alpha, and for cohort integrations only.")
    with st.container(key="portal_status", border=True):
        _status(organisation)
    if organisation.access != "granted":
        with st.container(key="portal_checklist", border=True):
            st.header("Before you start", anchor=False)
            for step in checklist(organisation):
                _prerequisite(step)
            guide.link("prerequisites", "What each of these means")
    _way(organisation)


def _status(organisation: Organisation) -> None:
    may_ask = acting.can("request_access")
    if organisation.access == "granted":
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge("Access granted", color="green", icon=":material/check:")
            if organisation.decided_at:
                moments.show(organisation.decided_at)
        if may_ask:
            st.page_link("integrations.py", label="Open your integrations", icon=":material/arrow_forward:")
        else:
            st.write("Partners of your organization build integrations. You connect destinations.")
        return
    if organisation.access == "requested":
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge("Access requested", color="blue", icon=":material/schedule:")
            if organisation.requested_at:
                moments.show(organisation.requested_at)
        st.write(
            f"{md(organisation.requested_by)} asked for organization `{organisation.id}`. "
            "The platform's team answers by e-mail."
        )
        return
    if organisation.reason:
        st.warning(f"{md(organisation.decided_by)} answered your last request: {md(organisation.reason)}")
    if not may_ask:
        st.write("Your organization does not have the Developer Portal. A partner of it can ask for it.")
        return
    st.write(f"Ask for access for organization `{organisation.id}`. The platform's team answers by e-mail.")
    lacking = missing(organisation)
    if lacking:
        st.caption(f"Not settled yet: {', '.join(lacking)}. You can ask now, but it may be the answer you get.")
    st.button("Ask for access", key="ask_for_access", type="primary", on_click=_ask)


def _prerequisite(step: Step) -> None:
    one = step.prerequisite
    with st.container(key=f"portal_step_{one.id}"):
        key = f"prerequisite_{one.id}"
        st.session_state[key] = step.done
        fixed = step.by_itself or not acting.can("request_access")
        st.checkbox(one.title, key=key, disabled=fixed, on_change=_tick, args=(one.id, key))
        st.caption(one.text)


def _way(organisation: Organisation) -> None:
    store = acting.store()
    own = store.list_integrations(organisation.id)
    states = [one.state for one in own]
    order = ("approved", "deprecated", "in_review", "submitted", "changes_requested", "rejected")
    furthest = next((state for state in order if state in states), "draft")
    deployed = any(one.deployed_release is not None for one in own)
    projects = len(store.list_projects(organisation.id))
    way.show(journey(organisation, projects, furthest, deployed=deployed), "The way to a tile")


def _ask() -> None:
    try:
        request_access(acting.store(), acting.person())
    except PortalError as error:
        st.toast(md(str(error)), icon=":material/error:")


def _tick(prerequisite: str, key: str) -> None:
    try:
        tick(acting.store(), acting.person(), prerequisite, bool(st.session_state[key]))
    except PortalError as error:
        st.toast(md(str(error)), icon=":material/error:")
