"""The endpoints, one at a time; the same choice shows on both sides, so that the preview is that of what is edited."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.integration import ENDPOINT_TITLES, EndpointName, endpoint_names, endpoints_of
from pages.parts.configure import endpoint, starting_points
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section
from pages.parts.draft import rewrite
from pages.parts.findings import findings_at

_STATE = "endpoint"
_SIDES = ("edited", "previewed")
_COLOURS = {
    "error": "light-dark(#b3261e, #ff9d94)",
    "check_circle": "light-dark(#12663a, #7ee2a8)",
    "radio_button_unchecked": "light-dark(#565d6b, #a9b1bd)",
}
_ICON = 'font-family: "Material Symbols Rounded"; font-size: 1.1em; vertical-align: -0.15em; margin-right: 0.25em;'
_MISSING = {
    "create_list": "No call creates a list: the customer gives the list id in the Connect form.",
    "add_users": "Users who join the cohort are sent with this call.",
    "remove_users": "Users who leave the cohort are sent with this call.",
    "update_users": "Users who join or leave the cohort are sent with this call.",
}
_LEAVERS_BY_UPDATE = (
    "Users who leave are sent with Update users, where `$in_cohort` is false. Add this call if leavers need another."
)


def show(editing: Editing) -> None:
    with section("endpoints", "Endpoints"):
        st.html(_marks(editing))
        name = chooser(editing, "edited")
        configured = endpoints_of(editing.integration)
        with st.container(key=f"endpoint_{name}"):
            if name in configured:
                endpoint.show(editing, name, configured[name])
            else:
                _not_configured(editing, name)


def chooser(editing: Editing, side: str) -> EndpointName:
    """The endpoint that both sides show; a choice on one side moves the other too.

    The control of the other side is drawn anew under another key: what the browser still sends for the old one, in a
    rerun that was under way, must not count as a choice.
    """
    names = endpoint_names(editing.integration)
    of = [editing.draft.id, editing.integration.type]
    state = st.session_state.get(_STATE)
    if not state or state["of"] != of:
        state = st.session_state[_STATE] = {"of": of, "name": names[0], **dict.fromkeys(_SIDES, 0)}
    name: EndpointName = state["name"]
    key = f"endpoint_{side}-{editing.draft.id}-{editing.integration.type}-{state[side]}"
    st.segmented_control(
        "Endpoint", names, default=name, required=True, format_func=ENDPOINT_TITLES.__getitem__, key=key,
        label_visibility="collapsed", width="stretch", on_change=_follow, args=(side, key),
    )  # fmt: skip
    return name


def _follow(side: str, key: str) -> None:
    state = st.session_state[_STATE]
    others = {other: state[other] + 1 for other in _SIDES if other != side}
    st.session_state[_STATE] = {**state, **others, "name": st.session_state[key]}


def _marks(editing: Editing) -> str:
    """A style block with the mark of each endpoint's state, for both controls.

    The marks are no part of the labels: the browser names a choice by its label, so that a choice made while a label
    was changing would be lost.
    """
    rules = []
    for number, name in enumerate(endpoint_names(editing.integration), 1):
        wrong = sum(finding.severity == "error" for finding in editing.report.at(f"endpoints.{name}"))
        missing = getattr(editing.integration.endpoints, name) is None
        state = "error" if wrong else "radio_button_unchecked" if missing else "check_circle"
        option = f'[class*="st-key-endpoint_"] [role="radio"]:nth-of-type({number}) p'
        rules.append(f'{option}::before {{ content: "{state}" / ""; color: {_COLOURS[state]}; {_ICON} }}')
        if wrong:
            rules.append(f'{option}::after {{ content: " ({wrong})" / " {wrong} to fix"; }}')
    return f"<style>{' '.join(rules)}</style>"


def _not_configured(editing: Editing, name: EndpointName) -> None:
    by_update = name == "remove_users" and editing.integration.type == "property"
    st.markdown(_LEAVERS_BY_UPDATE if by_update else _MISSING[name])
    with st.container(horizontal=True):
        st.button(
            f"Configure {starting_points.verb(name)}", icon=":material/add:",
            key=editing.draft.key(f"configure.{name}"), on_click=rewrite,
            args=(partial(starting_points.configure, name=name),),
        )  # fmt: skip
        for source in endpoints_of(editing.integration):
            if name != "create_list" and source != "create_list":
                edit = partial(starting_points.copy_endpoint, source=source, name=name)
                st.button(
                    f"Copy from {ENDPOINT_TITLES[source]}", icon=":material/content_copy:",
                    key=editing.draft.key(f"copy_new.{name}"), on_click=rewrite, args=(edit,),
                )  # fmt: skip
                break
    findings_at(editing.report, f"endpoints.{name}")
