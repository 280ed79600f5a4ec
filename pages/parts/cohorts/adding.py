"""The window that adds a cohort: from files that are uploaded, from a watched folder, or from the platform."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import CohortFileError, PortalError
from core.portal.cohorts import Cohort, SourceKind, desk
from core.portal.cohorts.fetching import fetch, platform_cohorts
from core.portal.cohorts.folder import folders_of, scan_cohort
from core.portal.people import Project
from core.portal.uploads import MAX_BYTES
from pages.parts.acting import org, person, settings, store
from pages.parts.cohorts.words import COHORT, SOURCES, errands, policy
from pages.parts.text import md

FILE_TYPES = ["csv", "tsv", "txt", "gz", "parquet"]
_OPEN = "adding_cohort"
_LISTED = "platform_cohorts"


def open_window() -> None:
    st.session_state[_OPEN] = True
    st.session_state.pop(_LISTED, None)


def show_open_window(projects: Sequence[Project]) -> None:
    """Draws the window, if it is open."""
    if st.session_state.get(_OPEN):
        _window(list(projects))


def _close() -> None:
    st.session_state.pop(_OPEN, None)


@st.dialog("Add a cohort", width="medium", on_dismiss=_close)
def _window(projects: list[Project]) -> None:
    titles = {project.id: project.title for project in projects}
    project_id = next(iter(titles))
    if len(titles) > 1:
        project_id = st.selectbox("Project", list(titles), format_func=titles.__getitem__, key="cohort_project")
    kind: SourceKind = st.segmented_control(
        "Where its members come from", list(SOURCES), format_func=SOURCES.__getitem__, default="upload", required=True,
        key="cohort_kind", width="stretch",
    )  # fmt: skip
    project = next(one for one in projects if one.id == project_id)
    if kind == "upload":
        _from_files(project)
    elif kind == "folder":
        _from_folder(project)
    else:
        _from_platform(project)


def _from_files(project: Project) -> None:
    # A form's button waits for a file that is still being uploaded.
    with st.form("cohort_from_files", border=False, enter_to_submit=False):
        name = st.text_input("Name", key="cohort_name", placeholder="Power users")
        amp_id = st.text_input(
            "Cohort ID (optional)", key="cohort_amp_id", placeholder="7khm89cz",
            help="Its id in Amplitude, which requests carry as \\$amp_cohort_id. Left empty, the portal makes one up.",
        )  # fmt: skip
        file = st.file_uploader(
            "First snapshot (optional)", type=FILE_TYPES, key="cohort_first_file", max_upload_size=MAX_BYTES >> 20,
            help="One row per member, one column per user property; CSV or Parquet.",
        )  # fmt: skip
        pressed = st.form_submit_button("Add cohort", type="primary", key="add_cohort")
    if not pressed:
        return
    cohort = _made(project, name, "upload", amp_id=amp_id)
    if cohort is None:
        return
    if file is not None:
        try:
            desk.upload_snapshot(store(), settings(), person(), cohort.id, file.name, file)
        except CohortFileError as error:
            desk.delete(store(), settings(), person(), cohort.id)
            st.error(md(str(error)))
            return
    _go_to(cohort)


def _from_folder(project: Project) -> None:
    if settings().cohort_folder is None:
        st.info("This portal watches no folder. Whoever operates it can name one with `PORTAL_COHORT_FOLDER`.")
        return
    taken = {cohort.source.get("folder") for cohort in store().list_cohorts(org(), project.id)}
    free = [name for name in folders_of(settings(), project.id) if name not in taken]
    st.caption(
        f"Folders in {md(project.id)}/ of the watched folder. Each day's file is called by its date, as 2026-11-23.csv."
    )
    if not free:
        st.info("There is no folder for this project that another cohort does not watch already.")
        return
    folder = st.selectbox("Folder", free, key="cohort_folder")
    name = st.text_input("Name", value=folder, key=f"cohort_folder_name_{folder}")
    amp_id = st.text_input(
        "Cohort ID (optional)", key="cohort_folder_amp_id", placeholder="7khm89cz",
        help="Its id in Amplitude, which requests carry as \\$amp_cohort_id. Left empty, the portal makes one up.",
    )  # fmt: skip
    if st.button("Add cohort", type="primary", key="add_cohort"):
        cohort = _made(project, name, "folder", amp_id=amp_id, folder=folder)
        if cohort is not None:
            scan_cohort(store(), settings(), cohort)
            _go_to(cohort)


def _from_platform(project: Project) -> None:
    if not project.has_secret:
        st.info("Amplitude gives cohorts to who has the project's API key and secret key. The secret is not set yet.")
        st.page_link("organization.py", label="Set it in the project", icon=":material/arrow_forward:")
        return
    listed = st.session_state.get(_LISTED)
    if listed is None or listed["project"] != project.id:
        st.caption(
            f"Lists what Amplitude has for the project {md(project.title)}. Each fetch counts towards the 500 a month "
            "that Amplitude allows: a daily sync takes about 30, an hourly one more than there are."
        )
        if not st.button("List cohorts", type="primary", key="list_platform_cohorts"):
            return
        try:
            with st.spinner("Asking Amplitude"):
                found = platform_cohorts(store(), settings(), org(), project.id, policy=policy())
        except PortalError as error:
            st.error(md(str(error)))
            return
        entries = [{"id": one.id, "name": one.name, "size": one.size} for one in found]
        st.session_state[_LISTED] = listed = {"project": project.id, "cohorts": entries}
        st.rerun()
    taken = {cohort.amp_id for cohort in store().list_cohorts(org(), project.id)}
    free = {entry["id"]: entry for entry in listed["cohorts"] if entry["id"] not in taken}
    if not free:
        st.info("Amplitude has no cohort for this project that is not here already.")
        return
    chosen = st.selectbox("Cohort", list(free), format_func=lambda key: _title(free[key]), key="platform_cohort")
    if st.button("Add cohort", type="primary", key="add_cohort"):
        cohort = _made(project, free[chosen]["name"], "platform", amp_id=chosen)
        if cohort is not None:
            start_fetch(cohort)
            _go_to(cohort)


def start_fetch(cohort: Cohort) -> None:
    """Fetches the cohort from the platform, while whoever asked goes on."""
    kept, said, allowed = store(), settings(), policy()
    errands().start(cohort.id, lambda: fetch(kept, said, cohort.org_id, cohort.id, policy=allowed))


def _title(entry: dict[str, object]) -> str:
    size = entry["size"]
    users = "" if not isinstance(size, int) else " · 1 user" if size == 1 else f" · {size:,} users"
    return f"{entry['name']} ({entry['id']}){users}"


def _made(project: Project, name: str, kind: SourceKind, *, amp_id: str = "", folder: str = "") -> Cohort | None:
    try:
        return desk.add_cohort(store(), person(), project.id, name, kind, amp_id=amp_id, folder=folder)
    except PortalError as error:
        st.error(md(str(error)))
        return None


def _go_to(cohort: Cohort) -> None:
    _close()
    st.switch_page("cohorts.py", query_params={COHORT: cohort.id})
