"""Two versions of an integration side by side, in what they change for customers."""

from __future__ import annotations

import streamlit as st

from core.portal.review.entities import Release
from pages.parts import badges, moments
from pages.parts.review import due, effects
from pages.parts.review.opened import Opened


def title_of(release: Release, *, deployed: int | None) -> str:
    """`Release 2 · 23 Nov 2026 · deployed`."""
    kind = "internal " if release.kind == "internal" else ""
    live = " · deployed" if release.number == deployed else ""
    return f"Release {release.number} · {kind}{due.day(release.submitted_at)}{live}"


def releases(opened: Opened) -> None:
    """This release against another one; the deployed one first."""
    others = {one.number: one for one in opened.releases if one.number != opened.release.number}
    if not others:
        st.caption("This is the first release. From the second on, you see here what changes for customers.")
        return
    deployed = opened.standing.deployed_release
    earlier = [number for number in others if number < opened.release.number]
    first = deployed if deployed in others else (earlier or list(others))[0]
    number = st.selectbox(
        "Compare with", list(others), index=list(others).index(first), key=f"compare_with-{opened.id}",
        format_func=lambda one: title_of(others[one], deployed=deployed),
    )  # fmt: skip
    other = others[number]
    before, after = sorted((other, opened.release), key=lambda one: one.number)
    st.caption(f"What release {after.number} changes for customers who have release {before.number}")
    effects.show(before.document, after.document, f"{before.number}-{after.number}")


def list_of(opened: Opened) -> None:
    """All submissions, each with the way to it."""
    with st.container(key="submission_releases", border=True):
        st.header("Releases", anchor=False)
        for release in opened.releases:
            with st.container(
                horizontal=True, vertical_alignment="center", gap="xsmall", key=f"release_{release.number}"
            ):
                here = release.number == opened.release.number
                if here:
                    st.markdown(f"**Release {release.number}**", width="content")
                else:
                    st.page_link(
                        "submission.py", label=f"Release {release.number}", width="content",
                        query_params={"id": opened.id, "release": str(release.number)},
                    )  # fmt: skip
                badges.show_release(release.state)
                if release.number == opened.standing.deployed_release:
                    st.badge("Deployed", color="green")
                moments.show(release.submitted_at)
