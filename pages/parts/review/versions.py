"""The versions of an integration: its releases and its draft's revisions, and what one changes against another."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import PortalError
from core.portal.review import process
from core.portal.review.entities import Release, Standing
from pages.parts import badges, moments
from pages.parts.acting import org, person, store
from pages.parts.draft import Draft
from pages.parts.review import effects
from pages.parts.review.compare import title_of
from pages.parts.review.partner_actions import roll_back_button
from pages.parts.text import md

_DRAFT = 0
_STYLE = """
[class*="st-key-version_"] { border-bottom: 1px solid light-dark(#e3e4e8, #3b3a37); padding-bottom: 0.5rem; }
"""


def releases(draft: Draft, stands: Standing, found: Sequence[Release]) -> None:
    """All releases, the newest first, and a comparison of any two."""
    st.html(f"<style>{_STYLE}</style>")
    if not found:
        st.caption("No release yet. Each submission, and each internal release, is kept here as it was.")
        return
    for release in found:
        _release(release, stands)
    documents = {_DRAFT: draft.document, **{release.number: release.document for release in found}}
    by_number = {release.number: release for release in found}
    numbers = [_DRAFT, *by_number]
    live = stands.deployed_release
    before_first = live if live in by_number else found[0].number

    def title(number: int) -> str:
        return "The draft" if number == _DRAFT else title_of(by_number[number], deployed=live)

    st.markdown("**What changes for customers**")
    left, right = st.columns(2)
    before = left.selectbox(
        "From", numbers, index=numbers.index(before_first), format_func=title, key=f"release_before-{draft.id}"
    )
    after = right.selectbox("To", numbers, format_func=title, key=f"release_after-{draft.id}")
    effects.show(documents[before], documents[after], "releases")


def _release(release: Release, stands: Standing) -> None:
    with st.container(key=f"version_{release.number}", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**Release {release.number}**", width="content")
        badges.show_release(release.state)
        if release.number == stands.deployed_release:
            st.badge("Deployed", color="green")
        st.caption(f"{md(release.submitted_by)} · revision {release.revision}", width="content")
        moments.show(release.submitted_at)
        if release.number in stands.earlier:
            roll_back_button(release.number)


def revisions(draft: Draft) -> None:
    """The draft's last revisions, what one changes against another, and the way back to an earlier one."""
    found = store().list_revisions(org(), draft.id)
    times = {one.revision: one.saved_at for one in found}
    numbers = list(times)
    if len(numbers) < 2:
        st.caption("There is one revision so far. Every change makes another, and each can be compared and restored.")
        return
    st.caption(f"Every change is a revision; {len(numbers):,} are kept. Going back to one makes a new one of it.")

    def title(number: int) -> str:
        return f"Revision {number} · {moments.exact(times[number])}{' · now' if number == numbers[0] else ''}"

    left, right = st.columns(2)
    before = left.selectbox("From", numbers, index=1, format_func=title, key=f"revision_before-{draft.id}")
    after = right.selectbox("To", numbers, format_func=title, key=f"revision_after-{draft.id}")
    try:
        documents = [store().revision(org(), draft.id, number) for number in (before, after)]
    except PortalError as error:
        st.error(md(str(error)), icon=":material/error:")
        return
    if before != draft.stored.revision:
        st.button(
            f"Go back to revision {before}", key=f"restore_revision-{draft.id}", icon=":material/restore:",
            on_click=_restore, args=(draft.id, before),
        )  # fmt: skip
    effects.show(documents[0], documents[1], "revisions")


def _restore(integration_id: str, revision: int) -> None:
    try:
        process.restore_revision(store(), person(), integration_id, revision)
    except PortalError as error:
        st.toast(md(str(error)), icon=":material/error:", duration="long")
        return
    st.toast(f"The draft is as it was in revision {revision}.", icon=":material/restore:")
