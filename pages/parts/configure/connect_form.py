"""The Connect form as a customer will see it, working: what is filled in here goes into the requests below it."""

from __future__ import annotations

import streamlit as st

from core.request import problems_of
from pages.parts import connect_fields
from pages.parts.acting import org, store
from pages.parts.chosen_project import chosen_project
from pages.parts.configure import test_settings
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section
from pages.parts.configure.test_settings import Settings
from pages.parts.text import md


def project_choice(editing: Editing, settings: Settings) -> None:
    chosen = chosen_project(settings)
    titles = {found.id: found.title for found in store().list_projects(org())} or {"": "Sample users"}
    key = f"project-{editing.draft.id}"
    index = list(titles).index(chosen.id) if chosen.id in titles else 0
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
    columns = chosen_project(settings).columns
    connection = test_settings.connection_of(editing.integration, settings)
    problems = {problem.variable: problem for problem in problems_of(editing.integration, connection, columns)}
    connect_fields.apply_style()
    with section("connect", f"Connect to {name}"):
        key = f"connect-name-{editing.draft.id}"
        st.text_input(
            "Name", settings["name"], placeholder="Enter a name for this integration", key=key,
            on_change=_commit_name, args=(key,),
        )  # fmt: skip
        filled = settings["fields"]
        form = connect_fields.Form(
            scope=f"{editing.draft.id}-{editing.draft.epoch}",
            fields=filled,
            mappings=connection.mappings,
            columns=columns,
            put=test_settings.put,
            saved={field.variable for field in editing.integration.custom_fields if field.secret}
            & {variable for variable, value in filled.items() if value},
            problems=problems,
        )
        connect_fields.show(editing.integration, form)


def _commit_name(key: str) -> None:
    test_settings.update(name=st.session_state[key])
