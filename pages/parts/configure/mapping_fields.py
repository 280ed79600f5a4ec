"""The values that differ per user: the customer picks the user property that feeds each."""

from __future__ import annotations

import streamlit as st

from core.integration import MappingField
from pages.parts.configure import fields, variable_rows
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section
from pages.parts.findings import findings_at

_LINE = "The customer picks a user property for each; its value replaces the variable in the item template."
_NEW = {"variable": "", "display_name": "", "target_name": ""}
_FIRST = {"variable": "user_id_field_amplitude", "display_name": "User ID Mapping", "target_name": "User ID"}
_HINTS = (_FIRST, {"variable": "email_field_amplitude", "display_name": "Email Mapping", "target_name": "Email"})
"""What could stand in the first row, and in those below it: an example must not look like what stands above it."""


def show(editing: Editing) -> None:
    with section("mapping_fields", "Mapping fields", _LINE):
        for position, field in enumerate(editing.integration.mapping_fields):
            _row(editing, position, field)
        new = _NEW if editing.integration.mapping_fields else _FIRST
        fields.add_button(editing, "mapping_fields", "Add mapping field", new)
        if not editing.integration.mapping_fields:
            findings_at(editing.report, "mapping_fields")


def _row(editing: Editing, position: int, field: MappingField) -> None:
    place = f"mapping_fields.{position}"
    label = fields.label_of(position)
    hint = _HINTS[min(position, 1)]
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="xsmall", key=editing.draft.key(f"row.{place}")
    ):
        fields.choice(
            editing, f"{place}.field_type", "Type", variable_rows.FIELD_TYPES, label_visibility=label, width=116
        )
        fields.text(
            editing,
            f"{place}.variable",
            "Amplitude mapping field",
            label_visibility=label,
            placeholder=hint["variable"],
        )
        fields.text(
            editing, f"{place}.display_name", "Display name", label_visibility=label, placeholder=hint["display_name"]
        )
        fields.text(
            editing,
            f"{place}.target_name",
            "Target name",
            label_visibility=label,
            placeholder=hint["target_name"],
            help="What your side calls this value." if position == 0 else None,
        )
        variable_rows.more(editing, place, mapping=True)
        fields.remove_button(editing, "mapping_fields", position, field.display_name or field.variable or "the field")
    if field.field_type != "string":
        variable_rows.options(editing, place)
    variable_rows.below(editing, place)
