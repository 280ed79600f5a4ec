"""Cohorts: the groups of users that syncs send, by project, each with the snapshots of its membership."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFoundError
from pages.parts.acting import admit, org, store
from pages.parts.cohorts import adding, listing, one
from pages.parts.cohorts.words import COHORT


def everything() -> None:
    """The list, or what to do when there is nothing to list."""
    listing.apply_style()
    projects = store().list_projects(org())
    found = store().list_cohorts(org())
    with st.container(key="list_header", horizontal=True, vertical_alignment="center"):
        st.title("Cohorts", anchor=False, width="stretch")
        if found:
            st.button("Add cohort", key="new", type="primary", icon=":material/add:", on_click=adding.open_window)
    if found:
        listing.show(projects, found, store().newest_snapshots(org()))
    else:
        empty(has_project=bool(projects))
    if projects:
        adding.show_open_window(projects)


def empty(*, has_project: bool) -> None:
    with st.container(key="empty_page"), st.container(key="empty", border=True):
        st.header("Bring the users that you want to send", anchor=False)
        st.markdown(
            "A cohort is a group of users. Each snapshot says who is in it at one moment; what changed between two "
            "is what a sync sends. Snapshots are uploaded, found in a watched folder, or fetched from Amplitude."
        )
        if has_project:
            st.button("Add cohort", key="new", type="primary", icon=":material/add:", on_click=adding.open_window)
        else:
            st.page_link("organization.py", label="First add a project", icon=":material/arrow_forward:")


def not_there() -> None:
    with st.container(key="none_chosen", border=True):
        st.header("This cohort is not here", anchor=False)
        st.write("It was deleted, or it belongs to another organization.")
        st.page_link("cohorts.py", label="Go to your cohorts", icon=":material/arrow_back:")


admit("connect")
wanted = st.query_params.get(COHORT, "")
if not wanted:
    everything()
else:
    try:
        chosen = store().get_cohort(org(), wanted)
    except NotFoundError:
        not_there()
    else:
        one.show(chosen)
