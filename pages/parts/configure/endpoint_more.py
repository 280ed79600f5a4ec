"""The rarer settings of one endpoint."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.integration import EndpointName
from pages.parts.configure import auth, fields, headers, starting_points
from pages.parts.configure.editing import Editing
from pages.parts.draft import Document, rewrite
from pages.parts.findings import findings_at

_CONTENT_TYPES = {"application/json": "JSON", "application/x-www-form-urlencoded": "Form"}


def show(editing: Editing, name: EndpointName) -> None:
    place = f"endpoints.{name}"
    shown = st.expander("More settings", type="compact", key=f"more_{name}", on_change="rerun")
    if not shown.open:
        return
    with shown:
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"row_body_{name}"):
            current = editing.value(f"{place}.content_type")
            choices = _CONTENT_TYPES if current in _CONTENT_TYPES else {**_CONTENT_TYPES, current: current}
            fields.choice(editing, f"{place}.content_type", "Body sent as", choices)
            fields.whole_number(
                editing, f"{place}.max_bytes", "Largest body in bytes", 1, 2**31, placeholder="No limit",
                help="A batch that exceeds it is divided.",
            )  # fmt: skip
        findings_at(editing.report, f"{place}.content_type")
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"row_paths_{name}"):
            fields.text(
                editing, f"{place}.success_when", "Success when", optional=True, placeholder="ok",
                help="JMESPath over the answer; when it finds false or nothing, the call failed although it was a 2xx.",
            )  # fmt: skip
            fields.text(
                editing, f"{place}.rejected_path", "Path to rejected users", optional=True, placeholder="failed[*].id",
                help="JMESPath to the ids that a 2xx answer says were not accepted.",
            )  # fmt: skip
        findings_at(editing.report, f"{place}.success_when")
        findings_at(editing.report, f"{place}.rejected_path")
        if name == "create_list":
            fields.switch(
                editing, f"{place}.idempotent", "Idempotent",
                help="Repeating the call cannot create a second list, so it may be tried again after a lost answer.",
            )  # fmt: skip
        _own(editing, f"{place}.auth", "Own authentication", "auth")
        _own(editing, f"{place}.headers", "Own headers", "headers")
        edit = partial(starting_points.remove, name=name)
        label = "Remove: the customer gives the list id" if name == "create_list" else "Remove this endpoint"
        st.button(
            label, type="tertiary", icon=":material/delete:",
            key=editing.draft.key(f"remove.{name}"), on_click=rewrite, args=(edit,),
        )  # fmt: skip


def _own(editing: Editing, place: str, label: str, shared: str) -> None:
    """A switch between the integration's setting (null) and one of the endpoint's own, which starts as a copy."""
    has_own = editing.value(place) is not None
    edit = partial(_switch, place=place, shared=None if has_own else editing.value(shared))
    st.toggle(label, value=has_own, key=editing.draft.key(f"own.{place}"), on_change=rewrite, args=(edit,))
    if has_own and shared == "auth":
        auth.method_and_templates(editing, place)
    elif has_own:
        headers.rows(editing, place)


def _switch(document: Document, *, place: str, shared: Any) -> None:
    _, name, key = place.split(".")
    document["endpoints"][name][key] = shared
