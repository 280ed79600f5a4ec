"""What custom fields and mapping fields have in common: the rarer settings behind a button, the options of a choice."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.configure import fields
from pages.parts.configure.editing import Editing
from pages.parts.configure.spans import mono
from pages.parts.findings import findings_at
from pages.parts.text import md

FIELD_TYPES = {"string": "String", "single_select": "Single select", "button_group": "Button group"}
VALUE_TYPES = {"string": "Text", "number": "Number", "boolean": "True or false"}


def more(editing: Editing, place: str, *, mapping: bool = False) -> None:
    """The rarer settings of a field, behind one button."""
    field = editing.value(place)
    name = field["display_name"] or field["variable"] or "the field"
    with st.popover(
        f"More settings of {md(name)}",
        icon=":material/tune:",
        type="tertiary",
        key=editing.draft.key(f"icon_more.{place}"),
    ):
        fields.switch(editing, f"{place}.required", "Required")
        if not mapping:
            fields.switch(
                editing, f"{place}.secret", "Secret", help="Encrypted at rest, shown as dots, masked in every output."
            )
        fields.choice(editing, f"{place}.value_type", "Sent as", VALUE_TYPES)
        if field["field_type"] == "string" or mapping:
            label, help_ = "Default", None
            if mapping:
                label, help_ = "Default property", "The user property that is chosen unless the customer picks another."
            fields.text(editing, f"{place}.default", label, optional=True, help=help_)
        fields.text(editing, f"{place}.help", "Help", optional=True, placeholder="One line under the field")
        fields.text(
            editing,
            f"{place}.pattern",
            "Pattern",
            optional=True,
            placeholder="[a-z0-9]{8}",
            help="Regular expression (RE2) that the whole value must match; no look-around, no back references.",
        )


def below(editing: Editing, place: str) -> None:
    """Under a row: what is set behind its button, and what the checks say of it."""
    words = _not_default(editing.value(place))
    if words:
        st.caption(" · ".join(words))
    findings_at(editing.report, place, warnings=True)


def _not_default(field: dict[str, Any]) -> list[str]:
    words = []
    if not field["required"]:
        words.append("Optional")
    if field["value_type"] != "string":
        words.append(f"Sent as {VALUE_TYPES[field['value_type']].lower()}")
    if field["pattern"]:
        words.append(f"Must match {mono(field['pattern'])}")
    return words


def options(editing: Editing, place: str) -> None:
    """The choices of a single select or a button group, and which is chosen at first."""
    field = editing.value(place)
    with st.container(key=editing.draft.key(f"options.{place}"), gap="xsmall"):
        for position, option in enumerate(field["options"]):
            at = f"{place}.options.{position}"
            label = fields.label_of(position)
            with st.container(
                horizontal=True, vertical_alignment="bottom", gap="xsmall", key=editing.draft.key(f"row.{at}")
            ):
                fields.text(editing, f"{at}.label", "Option label", label_visibility=label, placeholder="iOS")
                fields.text(editing, f"{at}.value", "Value sent", label_visibility=label, placeholder="ios")
                fields.remove_button(editing, f"{place}.options", position, f"option {option['label'] or position + 1}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            fields.add_button(editing, f"{place}.options", "Add option", {"label": "", "value": ""})
            _default(editing, place, field)


def _default(editing: Editing, place: str, field: dict[str, Any]) -> None:
    """The option chosen at first; one that is no longer among the options stays until another is picked."""
    labels = {option["value"]: option["label"] or option["value"] for option in field["options"] if option["value"]}
    current = field["default"]
    values = ["", *labels, *([current] if current and current not in labels else [])]
    st.selectbox(
        "Default",
        values,
        index=values.index(current or ""),
        label_visibility="collapsed",
        width=220,
        format_func=lambda value: f"Default: {labels.get(value, value)}" if value else "No default",
        **fields.commit(editing, f"{place}.default", fields.none_if_empty),
    )
