"""The connections that an organisation has to a destination, and what can be done with each."""

from __future__ import annotations

import streamlit as st

from core.errors import ConflictError, NotFoundError
from core.portal.customers.connecting import disconnect, needs_attention
from core.portal.customers.connections import CustomerConnection
from core.portal.customers.destinations import Destination
from pages.parts import moments
from pages.parts.acting import org, person, store
from pages.parts.destination import form_state
from pages.parts.syncs import new
from pages.parts.text import md

_DELETING = "deleting_connection"
_CONNECTED = "connected"
_STYLE = """
[class*="st-key-connection_"] { gap: 0.5rem; }
[class*="st-key-connection_"] h3 { font-size: 1rem; padding: 0; overflow-wrap: anywhere; }
[class*="st-key-missing_"] p { font-size: 0.875rem; }
.st-key-just_connected { border-inline-start: 0.25rem solid light-dark(#14804a, #2fa66a); gap: 0.75rem; }
.st-key-just_connected h2, .st-key-not_connected h2 { font-size: 1.125rem; padding: 0; }
.st-key-confirm_disconnect button { background: #b3261e; border-color: #b3261e; }
.st-key-confirm_disconnect button, .st-key-confirm_disconnect button p { color: #ffffff; }
.st-key-confirm_disconnect button:hover { background: #8f1d17; border-color: #8f1d17; }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def show(destination: Destination) -> None:
    name = md(destination.name)
    there = {connection.id: connection for connection in destination.connections}
    new = there.get(st.session_state.get(_CONNECTED, ""))
    if new is not None:
        _just_connected(new, name)
    if not there:
        _not_connected(destination, name)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="connections_header"):
        st.header("Your connections", anchor=False, width="stretch")
        if not destination.deprecated:
            st.button("Add a connection", key="connect", icon=":material/add:", on_click=_start, args=(form_state.NEW,))
    used = store().syncs_of_connections(org())
    projects = {project.id: project.title for project in store().list_projects(org())}
    for connection in there.values():
        _connection(destination, connection, projects.get(connection.project_id, ""), used.get(connection.id, 0))
    _ask_to_delete(there)


def _start(connection: str) -> None:
    st.session_state.pop(_CONNECTED, None)
    form_state.open_form(connection)


def _not_connected(destination: Destination, name: str) -> None:
    with st.container(border=True, key="not_connected"):
        st.header("Not connected yet", anchor=False)
        if destination.deprecated:
            st.markdown(f"{name} is deprecated and takes no new connections.")
            return
        st.markdown(f"Fill in once what {name} asks for; then any cohort of the project can be synced to it.")
        st.button("Connect", type="primary", key="connect", on_click=_start, args=(form_state.NEW,))


def _just_connected(connection: CustomerConnection, name: str) -> None:
    with st.container(border=True, key="just_connected"):
        st.header(f"Connected to {name}", anchor=False)
        st.markdown(f"**{md(connection.name)}** is saved. Nothing is sent until you sync a cohort over it.")
        if st.button("Sync a cohort", type="primary", key="sync_first", icon=":material/sync:"):
            st.session_state.pop(_CONNECTED, None)
            new.start_from(connection_id=connection.id)


def _connection(destination: Destination, connection: CustomerConnection, project: str, syncs: int) -> None:
    missing = needs_attention(store(), connection, destination.integration)
    with st.container(border=True, key=f"connection_{connection.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader(md(connection.name), anchor=False, width="content")
            if connection.target == "sandbox":
                st.badge("Sandbox", color="gray", help="The portal plays the destination: nothing leaves it.")
            if missing:
                st.badge("Needs attention", icon=":material/warning:", color="orange")
        count = "not synced yet" if not syncs else "1 sync" if syncs == 1 else f"{syncs} syncs"
        st.caption(md(f"{project} · {count}"))
        if missing:
            with st.container(key=f"missing_{connection.id}"):
                st.markdown("Before its next sync, this has to be put right:")
                st.markdown("\n".join(f"- **{md(one.title)}**: {md(one.message)}" for one in missing))
        moments.show(connection.updated_at, "Changed ")
        with st.container(horizontal=True, gap="small", key=f"actions_{connection.id}"):
            _actions(connection, missing=bool(missing))


def _actions(connection: CustomerConnection, *, missing: bool) -> None:
    st.button(
        "Fill in" if missing else "Edit", key=f"edit_{connection.id}", icon=":material/edit:",
        type="primary" if missing else "secondary", on_click=_start, args=(connection.id,),
    )  # fmt: skip
    if not missing and st.button("Sync a cohort", key=f"sync_{connection.id}", icon=":material/sync:"):
        new.start_from(connection_id=connection.id)
    st.button(
        "Delete", key=f"delete_{connection.id}", icon=":material/delete:", type="tertiary", on_click=_set_deleting,
        args=(connection.id,),
    )  # fmt: skip


def _set_deleting(connection_id: str) -> None:
    st.session_state[_DELETING] = connection_id


def _keep() -> None:
    st.session_state.pop(_DELETING, None)


def _ask_to_delete(there: dict[str, CustomerConnection]) -> None:
    connection = there.get(st.session_state.get(_DELETING, ""))
    if connection is not None:
        _delete(connection)


@st.dialog("Delete this connection?", on_dismiss=_keep)
def _delete(connection: CustomerConnection) -> None:
    st.markdown(f"**{md(connection.name)}** goes with the credentials saved in it. This cannot be undone.")
    st.markdown("What was sent to the destination stays there.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="keep_connection"):
            _keep()
            st.rerun()
        if st.button("Delete", key="confirm_disconnect", type="primary"):
            try:
                disconnect(store(), person(), connection.id)
            except (ConflictError, NotFoundError) as error:
                st.error(md(str(error)), icon=":material/error:")
                return
            _keep()
            st.toast(f"Deleted {md(connection.name)}.", icon=":material/delete:")
            st.rerun()
