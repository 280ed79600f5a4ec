"""The projects of the organisation: what the platform's API needs to know of them. The secret only goes in."""

from __future__ import annotations

import streamlit as st

from core.errors import PortalError
from core.portal.people import Project
from core.portal.people.directory import API_URL
from core.portal.people.projects import change_project, new_project
from pages.parts import acting
from pages.parts.text import md

_STYLE = """
[class*="st-key-project_card_"] { padding: 1rem 1.25rem 1.25rem; gap: 0.75rem; }
[class*="st-key-project_card_"] p { overflow-wrap: anywhere; }
.st-key-settings_section [data-testid="stForm"] { border: 0; padding: 0; }
"""
_OPEN = "project_open"
_NEW = "new"


def show() -> None:
    st.html(f"<style>{_STYLE}</style>")
    st.caption(
        "The portal reads a project's cohorts with its API key and secret. The secret is encrypted, never shown."
    )
    for project in acting.store().list_projects(acting.org()):
        with st.container(key=f"project_card_{project.id}", border=True):
            if st.session_state.get(_OPEN) == project.id:
                _change(project)
            else:
                _facts(project)
    if st.session_state.get(_OPEN) == _NEW:
        with st.container(key="project_card_new", border=True):
            _add()
    elif acting.can("connect"):
        st.button("Add project", key="project_add", icon=":material/add:", on_click=_open, args=(_NEW,))


def _facts(project: Project) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.header(md(project.name), anchor=False, width="content")
        if acting.can("connect"):
            st.button("Edit", key=f"project_edit_{project.id}", on_click=_open, args=(project.id,), type="tertiary")
    rows = (
        ("Project ID", f"`{project.id}`"),
        ("API key", f"`{project.api_key}`"),
        ("API secret", "Saved" if project.has_secret else "Not given"),
        ("API URL", md(project.api_url)),
    )
    for label, value in rows:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(label, width=110)
            st.markdown(value, width="content")


def _change(project: Project) -> None:
    st.header(md(project.title), anchor=False)
    with st.form(f"project_form_{project.id}"):
        name, api_key, api_url = _fields(project.name, project.api_key, project.api_url)
        secret = st.text_input(
            "API secret",
            type="password",
            key=f"project_secret_{project.id}",
            placeholder="Saved; type a new one to replace it" if project.has_secret else "",
            help="With another API key or URL the saved one is forgotten, unless you type it again.",
        )
        forget = project.has_secret and st.checkbox("Forget the saved secret", key=f"project_forget_{project.id}")
        saved = _save_or_cancel()
    if not saved:
        return
    try:
        new_secret = "" if forget and not secret else (secret or None)
        after = change_project(
            acting.store(), acting.person(), project.id, name or "", api_key or "", api_url or "", new_secret
        )
    except PortalError as error:
        st.error(md(str(error)))
        return
    if project.has_secret and not after.has_secret and not forget:
        st.toast("Saved. The secret was forgotten: it belonged to the earlier API key and URL.")
    else:
        st.toast("Saved.")
    _open("")
    st.rerun()


def _add() -> None:
    st.header("New project", anchor=False)
    with st.form("project_form_new"):
        project_id = st.text_input("Project ID", max_chars=12, placeholder="378831")
        name, api_key, api_url = _fields("", "", API_URL)
        secret = st.text_input("API secret", type="password", help="Needed to download cohorts, not to upload them.")
        saved = _save_or_cancel()
    if not saved:
        return
    try:
        known = (project_id or "", name or "", api_key or "", secret or "", api_url or "")
        new_project(acting.store(), acting.person(), *known)
    except PortalError as error:
        st.error(md(str(error)))
        return
    _open("")
    st.rerun()


def _fields(name: str, api_key: str, api_url: str) -> tuple[str | None, str | None, str | None]:
    return (
        st.text_input("Name", value=name, max_chars=100),
        st.text_input("API key", value=api_key, max_chars=128),
        st.text_input(
            "API URL", value=api_url, max_chars=300, help="Where the platform's API answers for this project."
        ),
    )


def _save_or_cancel() -> bool:
    with st.container(horizontal=True, gap="small"):
        saved = st.form_submit_button("Save project", type="primary")
        st.form_submit_button("Cancel", on_click=_open, args=("",))
    return saved


def _open(project_id: str) -> None:
    st.session_state[_OPEN] = project_id
