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
        name = chooser(editing, "edited")
        configured = endpoints_of(editing.integration)
        with st.container(key=f"endpoint_{name}"):
            if name in configured:
                endpoint.show(editing, name, configured[name])
            else:
                _not_configured(editing, name)


def chooser(editing: Editing, side: str) -> EndpointName:
    """The endpoint that both sides show, with a mark for its state; a choice on one side moves the other too.

    The control of the other side is drawn anew under another key: what the browser still sends for the old one, in a
    rerun that was under way, must not count as a choice.
    """
    names = endpoint_names(editing.integration)
    of = [editing.draft.id, editing.integration.type]
    state = st.session_state.get(_STATE)
    if not state or state["of"] != of:
        state = st.session_state[_STATE] = {"of": of, "name": names[0], **dict.fromkeys(_SIDES, 0)}
    name: EndpointName = state["name"]
    marks = {one: _label(editing, one) for one in names}
    key = f"endpoint_{side}-{editing.draft.id}-{editing.integration.type}-{state[side]}"
    st.segmented_control(
        "Endpoint", names, default=name, required=True, format_func=marks.__getitem__, key=key,
        label_visibility="collapsed", width="stretch", on_change=_follow, args=(side, key),
    )  # fmt: skip
    return name


def _follow(side: str, key: str) -> None:
    state = st.session_state[_STATE]
    others = {other: state[other] + 1 for other in _SIDES if other != side}
    st.session_state[_STATE] = {**state, **others, "name": st.session_state[key]}


def _label(editing: Editing, name: EndpointName) -> str:
    title = ENDPOINT_TITLES[name]
    errors = [finding for finding in editing.report.at(f"endpoints.{name}") if finding.severity == "error"]
    if errors:
        return f":red[:material/error:] {title} ({len(errors)})"
    if getattr(editing.integration.endpoints, name) is None:
        return f":gray[:material/radio_button_unchecked:] {title}"
    return f":green[:material/check_circle:] {title}"


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
