"""Where an integration stands in its life, in a sentence for its partner, with the reason where somebody gave one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.portal import Stored
from core.portal.review.entities import Release
from core.portal.transitions import Transition
from pages.parts.review import due
from pages.parts.text import md

_STYLE = """
.st-key-reason_standing { padding: 0.5rem 0.75rem; border-left: 3px solid light-dark(#b7791f, #ffb86b); }
.st-key-reason_standing [data-testid="stText"] { white-space: pre-wrap; overflow-wrap: anywhere; }
"""
_REASONED = frozenset({"changes_requested", "rejected", "deprecated"})
_KINDS = {
    "submitted": st.info,
    "in_review": st.info,
    "released_internally": st.info,
    "changes_requested": st.warning,
    "rejected": st.error,
    "approved": st.success,
}


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def show(stored: Stored, release: Release | None, transitions: Sequence[Transition]) -> None:
    """`release` is the one that was submitted last, None before the first."""
    last = max(transitions, key=lambda one: one.ordinal, default=None)
    say = _KINDS.get(stored.state, st.info)
    with st.container(key="standing", gap="xsmall"):
        if stored.state == "draft" and stored.deployed_release is None:
            st.caption("A draft: only the partners of your organization see it.")
        else:
            say(_sentence(stored, release, last))
        if stored.state in ("approved", "released_internally"):
            st.page_link(
                "destination.py", label="See it on Destinations", icon=":material/arrow_forward:",
                query_params={"id": stored.id},
            )  # fmt: skip
        if stored.state in _REASONED and last is not None and last.reason:
            with st.container(key="reason_standing"):
                st.text(last.reason)


def _sentence(stored: Stored, release: Release | None, last: Transition | None) -> str:
    who = md(last.person_name) if last is not None else "Somebody"
    number = f"Release {release.number}" if release is not None else "It"
    if stored.state == "submitted" and release is not None:
        return (
            f"{number} waits for review; an answer is expected by **{due.day(release.due_at)}**. You may go on "
            "editing: the reviewer sees it as you submitted it."
        )
    if stored.state == "in_review" and release is not None:
        return f"{who} is reviewing release {release.number}; an answer is expected by **{due.day(release.due_at)}**."
    if stored.state == "changes_requested":
        return f"{who} asks for changes to {number.lower()}. Make them, run the tests again, and submit again."
    if stored.state == "rejected":
        return f"{who} did not accept {number.lower()}. You can change it and submit again."
    if stored.state == "released_internally":
        return (
            f"Your organization has release {stored.internal_release} as a tile on its Destinations page. "
            "Submit it to bring it to all customers."
        )
    if stored.state == "approved":
        return (
            f"Release {stored.deployed_release} is deployed: customers see its tile. An edit begins the next version; "
            "customers stay on this one until that is approved."
        )
    if stored.state == "deprecated":
        return f"{who} deprecated it: it takes no new connections, and those there are go on."
    kept = f" Customers stay on release {stored.deployed_release}." if stored.deployed_release is not None else ""
    if stored.state == "withdrawn":
        return f"{who} withdrew the submission. Submit again when it is ready.{kept}"
    return f"A new version is being drafted.{kept} They get the new one when it is approved."
