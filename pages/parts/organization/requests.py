"""For reviewers: who asks for the Developer Portal, and all organisations."""

from __future__ import annotations

import streamlit as st

from core.errors import PortalError
from core.portal.people import Organisation
from core.portal.people.access import PLANS, checklist, grant_access, refuse_access, set_plan
from pages.parts import acting, moments
from pages.parts.text import md

_STYLE = """
[class*="st-key-request_"] { padding: 1rem 1.25rem 1.25rem; gap: 0.75rem; }
.st-key-organizations { padding: 0.5rem 1.25rem; gap: 0; }
.st-key-organizations [class*="st-key-organization_"] {
    padding-block: 0.625rem; border-bottom: 1px solid light-dark(#e3e4e8, #3b3a37); gap: 0.5rem 1rem;
}
.st-key-organizations [class*="st-key-organization_"]:last-child { border-bottom: 0; }
"""
_ACCESS = {"none": "No access", "requested": "Requested", "granted": "Access"}


def show() -> None:
    st.html(f"<style>{_STYLE}</style>")
    known = acting.store().list_organisations(acting.person())
    asking = sorted((one for one in known if one.access == "requested"), key=lambda one: str(one.requested_at))
    st.header("Requests for the Developer Portal", anchor=False)
    if not asking:
        st.caption("Nobody is waiting for an answer.")
    for one in asking:
        with st.container(key=f"request_{one.id}", border=True):
            _request(one)
    st.header("All organizations", anchor=False)
    with st.container(key="organizations", border=True):
        for one in known:
            _organisation(one)


def _request(one: Organisation) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{md(one.name)}**", width="content")
        st.markdown(f"`{one.id}`", width="content")
        if one.requested_at:
            moments.show(one.requested_at, "Asked ")
    st.caption(f"Asked by {md(one.requested_by)}. What they say is settled:")
    with st.container(horizontal=True, gap="small"):
        for step in checklist(one):
            icon, colour = (":material/check:", "green") if step.done else (":material/close:", "orange")
            st.badge(step.prerequisite.title, icon=icon, color=colour)
    with st.container(horizontal=True):
        st.button("Grant access", key=f"grant_{one.id}", type="primary", on_click=_grant, args=(one.id,))
        with st.popover("Refuse…", key=f"refuse_{one.id}"):
            reason = st.text_area(
                "What is missing", key=f"reason_{one.id}", max_chars=1000, help="They get it by mail."
            )
            st.button("Refuse", key=f"refuse_now_{one.id}", on_click=_refuse, args=(one.id,), disabled=not reason)


def _organisation(one: Organisation) -> None:
    with st.container(key=f"organization_{one.id}", horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{md(one.name)}**")
            st.caption(f"`{one.id}`")
        st.badge(_ACCESS[one.access], color={"none": "gray", "requested": "blue", "granted": "green"}[one.access])
        if one.access == "none":
            st.button("Give access", key=f"grant_{one.id}", on_click=_grant, args=(one.id,))
        key = f"plan_{one.id}"
        st.session_state[key] = one.plan
        st.selectbox(
            f"Plan of {md(one.name)}",
            PLANS,
            key=key,
            format_func=str.capitalize,
            label_visibility="collapsed",
            width=150,
            on_change=_set_plan,
            args=(one.id, key),
        )


def _grant(org: str) -> None:
    try:
        granted = grant_access(acting.store(), acting.person(), org)
    except PortalError as error:
        st.toast(md(str(error)), icon=":material/error:")
    else:
        st.toast(f"{md(granted.name)} has the Developer Portal now; its people get a mail.")


def _refuse(org: str) -> None:
    try:
        refused = refuse_access(acting.store(), acting.person(), org, str(st.session_state[f"reason_{org}"]))
    except PortalError as error:
        st.toast(md(str(error)), icon=":material/error:")
    else:
        st.toast(f"{md(refused.name)} gets your answer by mail.")


def _set_plan(org: str, key: str) -> None:
    try:
        set_plan(acting.store(), acting.person(), org, st.session_state[key])
    except PortalError as error:
        st.toast(md(str(error)), icon=":material/error:")
