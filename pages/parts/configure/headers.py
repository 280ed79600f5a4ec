"""Additional headers: the integration's own, and those of an endpoint that has its own."""

from __future__ import annotations

import streamlit as st

from pages.parts.configure import fields
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section
from pages.parts.findings import findings_at


def show(editing: Editing) -> None:
    with section("headers", "Additional headers", "Sent with every request. A value may hold any variable."):
        rows(editing, "headers")


def rows(editing: Editing, place: str) -> None:
    """The headers at a place: `headers`, or `endpoints.add_users.headers`."""
    for position, header in enumerate(editing.value(place) or []):
        at = f"{place}.{position}"
        label = fields.label_of(position)
        with st.container(
            horizontal=True, vertical_alignment="bottom", gap="xsmall", key=editing.draft.key(f"row.{at}")
        ):
            fields.text(editing, f"{at}.name", "Name", label_visibility=label, placeholder="X-Api-Version")
            fields.text(editing, f"{at}.value", "Value", label_visibility=label, placeholder="App $api_key")
            fields.remove_button(editing, place, position, header["name"] or f"header {position + 1}")
        findings_at(editing.report, at, warnings=True)
    findings_at(editing.exactly_at(place), place, warnings=True)
    fields.add_button(editing, place, "Add header", {"name": "", "value": ""})
