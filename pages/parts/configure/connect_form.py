"""The Connect form as a customer will see it, working: what is filled in here goes into the requests below it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.integration import CustomField, MappingField
from core.portal.projects import PROJECTS, project, properties_of
from core.request import ConnectionProblem, problems_of
from pages.parts.configure import test_settings
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section
from pages.parts.configure.test_settings import Settings
from pages.parts.findings import refusal
from pages.parts.text import md


def project_choice(editing: Editing, settings: Settings) -> None:
    titles = {found.id: found.title for found in PROJECTS}
    key = f"project-{editing.draft.id}"
    index = list(titles).index(project(settings["project"]).id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="row_project"):
        st.markdown("Project", width="content")
        st.selectbox(
            "Project", list(titles), index=index, format_func=titles.__getitem__, key=key,
            label_visibility="collapsed", on_change=_choose_project, args=(key,),
        )  # fmt: skip


def _choose_project(key: str) -> None:
    test_settings.update(project=st.session_state[key], seed=0)


def show(editing: Editing, settings: Settings) -> None:
    name = md(editing.integration.display_name) or "your integration"
    columns = properties_of(project(settings["project"]))
    connection = test_settings.connection_of(editing.integration, settings)
    problems = {problem.variable: problem for problem in problems_of(editing.integration, connection, columns)}
    with section("connect", f"Connect to {name}"):
        key = f"connect-name-{editing.draft.id}"
        st.text_input(
            "Name", settings["name"], placeholder="Enter a name for this integration", key=key,
            on_change=_commit_name, args=(key,),
        )  # fmt: skip
        seen: set[str] = set()
        for field in editing.integration.custom_fields:
            if field.variable not in seen:
                seen.add(field.variable)
                _field(editing, field, settings["fields"].get(field.variable), problems.get(field.variable))
        for mapping in editing.integration.mapping_fields:
            if mapping.variable not in seen:
                seen.add(mapping.variable)
                _mapping(editing, mapping, connection.mappings.get(mapping.variable), columns)


def _commit_name(key: str) -> None:
    test_settings.update(name=st.session_state[key])


def _label(field: CustomField | MappingField) -> str:
    name = md(field.display_name or field.variable) or "Field without a name"
    return name if field.required else f"{name} (optional)"


def _key(editing: Editing, kind: str, field: CustomField | MappingField) -> str:
    """The style block marks the labels of required fields by their keys."""
    need = "required" if field.required else "optional"
    return f"connect-{kind}-{need}-{field.variable}-{editing.draft.id}-{editing.draft.epoch}"


def _field(editing: Editing, field: CustomField, value: Any, problem: ConnectionProblem | None) -> None:
    help_ = md(field.help) if field.help else None
    key = _key(editing, f"{field.field_type}-{'secret' if field.secret else 'plain'}", field)
    bound: dict[str, Any] = {"key": key, "on_change": _commit, "args": ("fields", field.variable, key)}
    if field.field_type == "string":
        _text(field, value, help_, bound)
    else:
        labels = {option.value: md(option.label or option.value) for option in field.options}
        current = value if value in labels else field.default if field.default in labels else None
        if field.field_type == "button_group":
            st.segmented_control(
                _label(field), list(labels), default=current, format_func=labels.__getitem__, help=help_, **bound
            )
        else:
            plain = {option.value: option.label or option.value for option in field.options}
            index = list(plain).index(current) if current is not None else None
            st.selectbox(
                _label(field), list(plain), index=index, format_func=plain.__getitem__, help=help_,
                placeholder="Choose an option", **bound,
            )  # fmt: skip
    if problem is not None and value not in (None, ""):
        refusal(key, problem.message)


def _text(field: CustomField, value: Any, help_: str | None, bound: dict[str, Any]) -> None:
    """A saved secret stays on the server: the box is empty, says that there is one, and takes another."""
    if not field.secret:
        st.text_input(_label(field), str(value or ""), placeholder=field.default or "", help=help_, **bound)
        return
    stored = bool(value)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key=f"row_{bound['key']}"):
        st.text_input(
            _label(field), type="password", autocomplete="new-password", help=help_,
            placeholder="•••••••••••• saved; type to replace" if stored else "", **bound,
        )  # fmt: skip
        if stored:
            st.button(
                f"Forget {md(field.display_name or field.variable)}", icon=":material/close:", type="tertiary",
                key=f"icon_forget_{bound['key']}", on_click=_forget, args=(field.variable, bound["key"]),
            )  # fmt: skip


def _commit(part: str, name: str, key: str) -> None:
    test_settings.put(part, name, st.session_state[key] or None)


def _forget(variable: str, key: str) -> None:
    st.session_state[key] = ""
    test_settings.put("fields", variable, None)


def _mapping(editing: Editing, field: MappingField, current: str | None, columns: tuple[str, ...]) -> None:
    key = _key(editing, f"mapping-{len(columns)}", field)
    choices = columns if field.required else ("", *columns)
    wanted = current or (None if field.required else "")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"row_{key}"):
        st.selectbox(
            _label(field), choices, index=choices.index(wanted) if wanted in choices else None, key=key,
            format_func=lambda column: column or "Not mapped", placeholder="Select user property…",
            help=md(field.help) if field.help else None, on_change=_commit, args=("mappings", field.variable, key),
        )  # fmt: skip
        target = md(field.target_name or field.display_name) or "–"
        st.markdown(f":material/arrow_forward: {target}", width="content")
