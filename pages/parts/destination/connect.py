"""The Connect form of a destination: filled in, tried, saved."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import ConflictError, InputError, NotFoundError
from core.portal.customers import connecting
from core.portal.customers.connecting import FormError
from core.portal.customers.connections import CustomerConnection
from core.portal.customers.destinations import Destination
from core.portal.people import Project
from core.request import ConnectionProblem
from core.request.connection import mapped_column
from pages.parts import connect_fields
from pages.parts.acting import org, person, store
from pages.parts.configure.section import section
from pages.parts.destination import form_state, trial
from pages.parts.destination.form_state import State
from pages.parts.findings import refusal
from pages.parts.text import md

TARGETS = {"destination": "The destination", "sandbox": "Sandbox"}


def show(destination: Destination, saved: CustomerConnection | None) -> None:
    projects = {found.id: found for found in store().list_projects(org())}
    if not projects:
        _no_project()
        return
    state = form_state.load(destination, saved, list(projects))
    connect_fields.apply_style()
    title = f"Connect to {md(destination.name)}" if saved is None else f"Edit {md(saved.name)}"
    with section("connect", title):
        _what_is_missing(state, saved)
        problems = _judged(destination, saved, state)
        _name(state, problems)
        _project(state, projects, fixed=saved is not None)
        columns = connecting.properties_of(store(), person(), state["project"])
        form = connect_fields.Form(
            scope=f"{destination.id}-{state['epoch']}",
            fields=state["fields"],
            mappings=_mappings(destination, state, columns),
            columns=columns,
            put=form_state.put,
            saved=form_state.still_saved(state),
            problems=problems,
            strict=state["strict"],
        )
        connect_fields.show(destination.integration, form)
        if destination.integration.mapping_fields and not columns:
            _no_cohort()
        _target(state, fixed=saved is not None)
        if state["target"] == "destination":
            trial.show(destination, saved, state)
        _buttons(destination, saved, state)


def _what_is_missing(state: State, saved: CustomerConnection | None) -> None:
    if saved is not None and state["strict"]:
        st.markdown(
            ":orange[:material/warning:] This connection no longer fits: the destination changed, or your cohorts did. "
            "Put right what is marked below; until then its syncs stop."
        )


def _judged(destination: Destination, saved: CustomerConnection | None, state: State) -> dict[str, ConnectionProblem]:
    form = form_state.connection_of(state)
    found = connecting.judge(store(), person(), destination.integration, state["project"], form, saved)
    return {problem.variable: problem for problem in reversed(found)}


def _name(state: State, problems: dict[str, ConnectionProblem]) -> None:
    key = f"connect-name-required-{state['epoch']}"
    st.text_input("Name", state["name"], key=key, on_change=_commit, args=("name", key), help="For you to tell it by.")
    problem = problems.get(connecting.NAME)
    if problem is not None:
        refusal(key, problem.message)


def _project(state: State, projects: dict[str, Project], *, fixed: bool) -> None:
    key = f"connect-project-{state['epoch']}"
    st.selectbox(
        "Project", list(projects), index=list(projects).index(state["project"]), key=key, disabled=fixed,
        format_func=lambda one: projects[one].title, on_change=_commit, args=("project", key),
        help="Its cohorts can be synced over this connection.",
    )  # fmt: skip


def _target(state: State, *, fixed: bool) -> None:
    key = f"connect-target-{state['epoch']}"
    st.segmented_control(
        "Syncs send to", list(TARGETS), default=state["target"], required=True, key=key, disabled=fixed,
        format_func=TARGETS.__getitem__, on_change=_commit, args=("target", key),
        help="In the sandbox the portal plays the destination, so that a sync can be tried and nothing leaves.",
    )  # fmt: skip


def _mappings(destination: Destination, state: State, columns: tuple[str, ...]) -> dict[str, str | None]:
    """What the form shows as chosen: also what would be taken if nobody chose."""
    chosen = form_state.connection_of(state)
    shown = {}
    for field in destination.integration.mapping_fields:
        column = mapped_column(field, chosen, columns)
        shown[field.variable] = column if not columns or column in columns else None
    return shown


def _commit(name: str, key: str) -> None:
    form_state.update(**{name: st.session_state[key]})


def _no_project() -> None:
    with section("connect", "A project comes first"):
        st.markdown("A connection syncs the cohorts of one project, and your organization has none yet.")
        st.page_link("organization.py", label="Add a project", icon=":material/arrow_forward:")


def _no_cohort() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="no_cohort"):
        st.caption(
            "This project has no cohort yet, so the names of its user properties are not known: type them, and they "
            "are checked when a cohort is synced.",
            width="stretch",
        )
        st.page_link("cohorts.py", label="Add a cohort", icon=":material/arrow_forward:")


def _buttons(destination: Destination, saved: CustomerConnection | None, state: State) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="row_save"):
        pressed = st.button("Connect" if saved is None else "Save changes", type="primary", key="save_connection")
        st.button("Cancel", key="cancel_connection", on_click=form_state.close_form)
    if saved is not None and store().syncs_of_connections(org()).get(saved.id):
        st.caption("Syncs over this connection use the new values from their next run.")
    if pressed:
        _save(destination, saved, state)
    elif state["fault"]:
        refusal("save", state["fault"])


def _save(destination: Destination, saved: CustomerConnection | None, state: State) -> None:
    form = form_state.connection_of(state)
    try:
        if saved is None:
            target: Any = state["target"]
            done = connecting.connect(store(), person(), destination.id, state["project"], form, target=target)
        else:
            done = connecting.change(store(), person(), saved.id, form)
    except FormError as error:
        form_state.update(strict=True, fault=f"{error.what}")
        st.rerun()
    except (InputError, ConflictError, NotFoundError) as error:
        form_state.update(fault=str(error))
        st.rerun()
    form_state.close_form()
    if saved is None:
        st.session_state["connected"] = done.id
    else:
        st.toast(f"Saved {md(done.name)}.", icon=":material/check:")
    st.rerun()
