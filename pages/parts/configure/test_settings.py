"""What a partner filled in to test with: kept for the session, and in the store so that it outlives a reload."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.integration import Integration
from core.portal.projects import PROJECTS, project, properties_of
from core.request import Connection, problems_of
from pages.parts.acting import org, store
from pages.parts.configure.editing import Editing

Settings = dict[str, Any]
_STATE = "test_settings"
_EMPTY: Settings = {"name": "", "fields": {}, "mappings": {}, "list_id": None, "project": PROJECTS[0].id, "seed": 0}


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
    chosen = project(settings["project"])
    known = {field.variable for field in integration.custom_fields}
    return Connection(
        name=settings["name"],
        fields={key: value for key, value in settings["fields"].items() if key in known},
        mappings=mappings_of(integration, settings),
        cohort=chosen.cohort,
        list_id=settings["list_id"],
    )


def mappings_of(integration: Integration, settings: Settings) -> dict[str, str | None]:
    """The user property of each mapping field: the one picked, else a likely one while the field is required."""
    columns = properties_of(project(settings["project"]))
    found: dict[str, str | None] = {}
    for field in integration.mapping_fields:
        picked = settings["mappings"].get(field.variable)
        likely = likely_property(field.variable, field.default, columns) if field.required else None
        found[field.variable] = picked if picked in columns else likely
    return found


def likely_property(variable: str, default: str | None, columns: tuple[str, ...]) -> str:
    """The property that a variable's name speaks of, or the user's id."""
    if default in columns:
        return str(default)
    named = [column for column in columns if column.lower() in variable.lower()]
    return max(named, key=len) if named else columns[0]


def with_stand_ins(integration: Integration, connection: Connection) -> tuple[Connection, tuple[str, ...]]:
    """The connection with a stand-in for each required field that is empty, so that a request can be shown before the
    form is filled in; and the display names of those fields.
    """
    wrong = {problem.variable for problem in problems_of(integration, connection)}
    fields, missing = dict(connection.fields), []
    for field in integration.custom_fields:
        if field.variable in wrong and not fields.get(field.variable) and not field.default:
            by_type = {"number": "0", "boolean": "true"}.get(field.value_type, field.variable.upper())
            fields[field.variable] = field.options[0].value if field.options else by_type
            missing.append(field.display_name or field.variable or "a field without a name")
    return connection.model_copy(update={"fields": fields}), tuple(missing)
