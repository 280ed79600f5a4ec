"""Submit: the last step of an integration, and what becomes of it: checks, releases, review, roll-back."""

from __future__ import annotations

import streamlit as st

from core.portal.journey import journey
from pages.parts import acting, findings
from pages.parts import journey as way
from pages.parts.draft import open_draft, settle_conflict
from pages.parts.draft_header import draft_header
from pages.parts.review import comments, standing, submit_form, timeline, versions
from pages.parts.review.partner_actions import show_actions, show_windows
from pages.parts.review.submission_view import places

draft = open_draft()
for part in (findings, comments, standing):
    part.apply_style()
store, person = acting.store(), acting.person()
stands = store.standing(person, draft.id)
releases = store.list_releases(person, draft.id)
happened = store.timeline(person, draft.id)
possible = stands.actions(person)

show_actions(draft_header(draft, "submit"), stands, possible)
settle_conflict()
main, beside = st.columns([7, 4], gap="large")
with main:
    newest = next((release for release in releases if release.number == stands.submission), None)
    standing.show(draft.stored, newest, happened)
    if "submit" in possible:
        internal = next((release for release in releases if release.number == stands.internal_release), None)
        submit_form.show(draft, possible, internal)
    threads = comments.threads(draft.id)
    waiting = sum(not thread.resolved for thread in threads)
    tabs = st.tabs(
        [f"Comments ({waiting})" if waiting else "Comments", "Releases", "Revisions"],
        key=f"submit_tabs-{draft.id}",
        on_change="rerun",
    )
    if tabs[0].open:
        with tabs[0]:
            comments.show(draft.id, threads, places(draft.document))
    if tabs[1].open:
        with tabs[1]:
            versions.releases(draft, stands, releases)
    if tabs[2].open:
        with tabs[2]:
            versions.revisions(draft)
with beside:
    projects = len(store.list_projects(person.org_id))
    deployed = stands.deployed_release is not None
    way.show(journey(acting.organisation(), projects, stands.state, deployed=deployed))
    timeline.show(happened)
show_windows(stands, releases)
