"""The fields that a customer fills in once, in the Connect form; each replaces its `$variable`."""

from __future__ import annotations

import streamlit as st

from core.integration import CustomField
from pages.parts.configure import fields, variable_rows
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section

_LINE = "Asked in the Connect form; each value replaces its variable in URLs, headers and payloads."


def show(editing: Editing) -> None:
    with section("custom_fields", "Custom fields", _LINE):
        for position, field in enumerate(editing.integration.custom_fields):
            _row(editing, position, field)
        fields.add_button(editing, "custom_fields", "Add custom field", {"variable": "", "display_name": ""})


def _row(editing: Editing, position: int, field: CustomField) -> None:
    place = f"custom_fields.{position}"
    label = fields.label_of(position)
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="xsmall", key=editing.draft.key(f"row.{place}")
    ):
        fields.choice(
            editing, f"{place}.field_type", "Type", variable_rows.FIELD_TYPES, label_visibility=label, width=136
        )
        fields.text(editing, f"{place}.variable", "Variable", label_visibility=label, placeholder="api_key")
        icon = ":material/lock:" if field.secret else None
        fields.text(
            editing, f"{place}.display_name", "Display name", label_visibility=label, placeholder="API Key", icon=icon
        )
        variable_rows.more(editing, place)
        fields.remove_button(editing, "custom_fields", position, field.display_name or field.variable or "the field")
    if field.field_type != "string":
        variable_rows.options(editing, place)
    variable_rows.below(editing, place)
