"""The window in which a cohort is joined with a connection."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from core.errors import PortalError
from core.portal.customers.destinations import catalogue
from core.portal.syncs.manage import create_sync
from pages.parts.acting import org, person, store
from pages.parts.syncs.words import CADENCES
from pages.parts.text import md

_OPEN = "new_sync"
_MADE = "new_sync_made"


def open_window(cohort_id: str = "", connection_id: str = "") -> None:
    """Opens the window; a cohort or a connection is chosen beforehand when its id is given."""
    st.session_state[_OPEN] = {"cohort": cohort_id, "connection": connection_id}


def start_from(cohort_id: str = "", connection_id: str = "") -> NoReturn:
    """Goes to Syncs with the window open there. Its address says nothing of it, so that the way back stays free."""
    if store().list_cohorts(org()):
        open_window(cohort_id, connection_id)
    st.switch_page("syncs.py")


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def show_window() -> None:
    """Draws the window while it is open; goes on to the sync once it was made."""
    made = st.session_state.pop(_MADE, None)
    if made:
        st.switch_page("sync.py", query_params={"id": made})
    if _OPEN in st.session_state:
        _window(st.session_state[_OPEN])


@st.dialog("New sync", on_dismiss=_close)
def _window(chosen: dict[str, str]) -> None:
    cohorts = {cohort.id: cohort for cohort in store().list_cohorts(org())}
    names = {one.id: one.name for one in catalogue(store(), person())}
    connections = {one.id: one for one in store().list_connections(org())}
    projects = {project.id: project.title for project in store().list_projects(org())}
    cohort_ids = list(cohorts)
    cohort_id = st.selectbox(
        "Cohort",
        cohort_ids,
        index=cohort_ids.index(chosen["cohort"]) if chosen["cohort"] in cohorts else 0,
        format_func=lambda one: f"{cohorts[one].name} · {projects.get(cohorts[one].project_id, '')}",
        key="new_sync_cohort",
    )
    fitting = [one.id for one in connections.values() if one.project_id == cohorts[cohort_id].project_id]
    if not fitting:
        st.info("No connection belongs to this cohort's project yet. Connect a destination first.")
        st.page_link("destinations.py", label="Go to Destinations", icon=":material/arrow_forward:")
        return
    connection_id = st.selectbox(
        "Connection",
        fitting,
        index=fitting.index(chosen["connection"]) if chosen["connection"] in fitting else 0,
        format_func=lambda one: _named(
            names.get(connections[one].integration_id, "Destination"), connections[one].name
        ),
        key=f"new_sync_connection_{cohort_id}",
    )
    cadence = st.segmented_control(
        "How often",
        list(CADENCES),
        default="daily",
        required=True,
        format_func=CADENCES.__getitem__,
        key="new_sync_cadence",
    )
    st.caption("The first run begins at once: it sends everybody. Later runs send what changed.")
    if cadence == "hourly" and cohorts[cohort_id].kind == "platform":
        st.caption("Hourly needs about 720 downloads of the cohort a month; the platform allows 500 for a project.")
    if st.button("Start syncing", type="primary", key="new_sync_start", width="stretch"):
        try:
            made = create_sync(store(), person(), cohort_id, connection_id, cadence)
        except PortalError as error:
            st.error(md(str(error)))
            return
        _close()
        st.session_state[_MADE] = made.id
        st.rerun()


def _named(destination: str, connection: str) -> str:
    """A connection in words; one that is called like its destination says it once."""
    return connection if connection == destination else f"{destination} · {connection}"
