"""The people of the organisation; a partner adds and removes them."""

from __future__ import annotations

import streamlit as st

from core.errors import PortalError
from core.portal.people import Person
from core.portal.people.accounts import NAME_LENGTH, add_colleague, remove_colleague
from pages.parts import acting
from pages.parts.text import md

_STYLE = """
.st-key-people_list { padding: 0.5rem 1.25rem; gap: 0; }
.st-key-people_list [class*="st-key-person_"] {
    padding-block: 0.625rem; border-bottom: 1px solid light-dark(#e3e4e8, #3b3a37); gap: 0.5rem 1rem;
}
.st-key-people_list [class*="st-key-person_"]:last-child { border-bottom: 0; }
.st-key-people_list p { overflow-wrap: anywhere; }
.st-key-people_add { padding: 1rem 1.25rem 1.25rem; }
.st-key-people_add [data-testid="stForm"] { border: 0; padding: 0; }
"""
_ADDED = "people_added"
_ROLES = {
    "partner": "Partner: builds integrations, connects, syncs",
    "customer": "Customer: connects destinations and syncs cohorts",
}


def show() -> None:
    st.html(f"<style>{_STYLE}</style>")
    me = acting.person()
    manages = acting.can("manage_people")
    with st.container(key="people_list", border=True):
        for one in acting.store().list_people(me.org_id):
            _row(one, me, manages)
    if manages:
        with st.container(key="people_add", border=True):
            _add()


def _row(one: Person, me: Person, manages: bool) -> None:
    with st.container(key=f"person_{one.id}", horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{md(one.name)}**" + (" (you)" if one.id == me.id else ""))
            st.caption(md(one.email))
        st.badge(one.role.capitalize(), color="gray")
        if manages and one.id != me.id:
            with st.popover("Remove", key=f"remove_{one.id}"):
                st.write(f"Remove {md(one.name)} from your organization? What they did stays.")
                st.button("Remove", key=f"remove_now_{one.id}", type="primary", on_click=_remove, args=(one,))


def _remove(one: Person) -> None:
    try:
        remove_colleague(acting.store(), acting.person(), one.id)
    except PortalError as error:
        st.toast(md(str(error)), icon=":material/error:")
    else:
        st.toast(f"{md(one.name)} was removed.")


def _add() -> None:
    st.header("Add somebody", anchor=False)
    blank = st.session_state.setdefault(_ADDED, 0)  # a new form after each who was added, an old one after a mistake
    with st.form(f"people_form_{blank}"):
        name = st.text_input("Name", key=f"people_name_{blank}", max_chars=NAME_LENGTH)
        email = st.text_input("E-mail", key=f"people_email_{blank}", max_chars=254)
        role = st.radio("Role", list(_ROLES), format_func=_ROLES.__getitem__, key=f"people_role_{blank}")
        if not st.form_submit_button("Add to organization", type="primary"):
            return
    try:
        added = add_colleague(acting.store(), acting.person(), name or "", email or "", role)
    except PortalError as error:
        st.error(md(str(error)))
        return
    st.session_state[_ADDED] = blank + 1
    st.toast(f"{md(added.name)} was added, and gets a mail.")
    st.rerun()
