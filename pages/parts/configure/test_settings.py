"""What a partner filled in to test with: kept for the session, and in the store so that it outlives a reload."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.integration import CustomField, Integration
from core.request import Connection, problems_of
from core.request.connection import mapped_column
from pages.parts.acting import org, store
from pages.parts.chosen_project import chosen_project
from pages.parts.configure.editing import Editing

Settings = dict[str, Any]
_STATE = "test_settings"
_EMPTY: Settings = {"name": "", "fields": {}, "mappings": {}, "list_id": None, "project": "", "seed": 0}


def load(editing: Editing) -> Settings:
    """The test settings of the integration, read from the store when the session first needs them."""
    state = st.session_state.get(_STATE)
    if not state or state["id"] != editing.draft.id:
        saved = store().get_test_settings(org(), editing.draft.id) or {}
        state = {"id": editing.draft.id, "settings": {**_EMPTY, **saved}, "secret": []}
    state = {**state, "secret": [field.variable for field in editing.integration.custom_fields if field.secret]}
    st.session_state[_STATE] = state
    settings: Settings = state["settings"]
    return settings


def update(**changes: Any) -> None:
    """Changes the open integration's test settings and keeps them; the values of secret fields are sealed."""
    state = st.session_state[_STATE]
    settings = {**state["settings"], **changes}
    st.session_state[_STATE] = {**state, "settings": settings}
    store().save_test_settings(org(), state["id"], settings, state["secret"])


def put(part: str, name: str, value: Any) -> None:
    """Sets one value of `fields` or `mappings`; None takes it out."""
    settings = st.session_state[_STATE]["settings"]
    kept = {key: old for key, old in settings[part].items() if key != name}
    update(**{part: kept if value is None else {**kept, name: value}})


def connection_of(integration: Integration, settings: Settings) -> Connection:
    """The connection that the form stands for: what belongs to a field or a mapping that is still there."""
    known = {field.variable for field in integration.custom_fields}
    return Connection(
        name=settings["name"],
        fields={key: value for key, value in settings["fields"].items() if key in known},
        mappings=mappings_of(integration, settings),
        cohort=chosen_project(settings).cohort,
        list_id=settings["list_id"],
    )


def mappings_of(integration: Integration, settings: Settings) -> dict[str, str | None]:
    """The user property of each mapping field: the one picked, else the one that a sync would take, else a likely one
    while the field is required.
    """
    columns = chosen_project(settings).columns
    picked = {variable: column for variable, column in settings["mappings"].items() if column in columns}
    found: dict[str, str | None] = {}
    for field in integration.mapping_fields:
        taken = mapped_column(field, Connection(mappings=picked), columns)
        likely = likely_property(field.variable, columns) if field.required else None
        found[field.variable] = taken if taken in columns else likely
    return found


def likely_property(variable: str, columns: tuple[str, ...]) -> str:
    """The property that a variable's name speaks of, or the user's id."""
    named = [column for column in columns if column.lower() in variable.lower()]
    return max(named, key=len) if named else columns[0]


def with_stand_ins(integration: Integration, connection: Connection) -> tuple[Connection, tuple[str, ...]]:
    """The connection with a stand-in for each required field that is empty, so that a request can be shown before the
    form is filled in; and the display names of those fields.
    """
    missing = [field for field in integration.custom_fields if _is_missing(field, connection)]
    fields = {**connection.fields, **{field.variable: _stand_in(field) for field in missing}}
    names = tuple(field.display_name or field.variable or "a field without a name" for field in missing)
    return connection.model_copy(update={"fields": fields}), names


def _is_missing(field: CustomField, connection: Connection) -> bool:
    return field.required and connection.fields.get(field.variable) in (None, "") and not field.default


def _stand_in(field: CustomField) -> str:
    """A value that the field would take: one that speaks of the field where its pattern allows it."""
    if field.options:
        return field.options[0].value
    if field.value_type != "string":
        return "0" if field.value_type == "number" else "true"
    name = field.variable
    likely = (name.upper(), name.lower(), name.lower().replace("_", "-"), "abcdefgh", "1", "12345678", "a1b2c3d4")
    alone = Integration(custom_fields=[field])
    fitting = (text for text in likely if not problems_of(alone, Connection(fields={name: text})))
    return next(fitting, name.upper())
