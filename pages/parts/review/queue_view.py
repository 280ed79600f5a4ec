"""The reviewers' queue on the page: figures, one row for each submission that waits, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.portal.review.entities import EXPECTED_REVIEW, Decision, QueueEntry
from pages.parts import badges, mark, moments
from pages.parts.labels import CATEGORIES, UNTITLED
from pages.parts.review import due, logo
from pages.parts.text import md

SEARCH_FROM = 8
_STYLE = """
.stApp h1 { font-size: 1.75rem; padding: 0.25rem 0; }
.st-key-queue_figures [data-testid="stMetricValue"] { font-size: 1.5rem; line-height: 1.3; }
[class*="st-key-waiting_row_"], [class*="st-key-waiting_late_"] {
    column-gap: 1rem; row-gap: 0.375rem; position: relative; padding: 0.75rem 1rem;
}
:is([class*="st-key-waiting_row_"], [class*="st-key-waiting_late_"]) > :has(> [class*="st-key-waiting_who_"]) {
    flex: 1 1 14rem; min-width: 0;
}
[class*="st-key-waiting_late_"] { border-left: 0.25rem solid light-dark(#b3261e, #ff9d94); }
[class*="st-key-waiting_"] img, [class*="st-key-decided_"] img { border-radius: 0.375rem; display: block; }
[class*="st-key-waiting_who_"], [class*="st-key-decided_who_"] { gap: 0; min-width: 0; padding: 0; }
[class*="st-key-waiting_who_"] a { padding: 0; background: none; position: static; }
[class*="st-key-waiting_who_"] [data-testid="stPageLink"] { position: static; }
[class*="st-key-waiting_who_"] a::after { content: ""; position: absolute; inset: 0; }
[class*="st-key-waiting_who_"] a p { font-weight: 600; font-size: 1rem; white-space: normal; overflow-wrap: anywhere; }
[class*="st-key-waiting_who_"] [data-testid="stMarkdownContainer"] { margin: 0; }
[class*="st-key-waiting_who_"] [data-testid="stCaptionContainer"] { margin: 0; }
[class*="st-key-waiting_who_"] p { margin: 0; }
[class*="st-key-waiting_row_"]:hover { border-color: light-dark(#0b6bcb, #7db0ff); }
[class*="st-key-decided_"] a { padding-inline: 0; background: none; }
[class*="st-key-decided_"] a p { text-decoration: underline; text-underline-offset: 0.2em; }
.st-key-decided { gap: 0.5rem; }
@media (max-width: 640px) {
    [class*="st-key-decided_"] {
        row-gap: 0; padding-bottom: 0.5rem; border-bottom: 1px solid light-dark(#e3e4e8, #3b3a37);
    }
}
.st-key-decided h2 { font-size: 1.25rem; padding: 0.5rem 0; }
.st-key-queue_empty h2 { font-size: 1.25rem; padding: 0 0 0.25rem; }
"""


def apply_style() -> None:
    mark.apply_style()
    st.html(f"<style>{_STYLE}</style>")


def figures(waiting: Sequence[QueueEntry]) -> None:
    """How much waits, and the promise that it is measured by."""
    late = sum(entry.late for entry in waiting)
    looked_at = sum(entry.state == "in_review" for entry in waiting)
    with st.container(horizontal=True, key="queue_figures"):
        st.metric("Waiting", f"{len(waiting) - looked_at:,}", border=True, width="stretch")
        st.metric("In review", f"{looked_at:,}", border=True, width="stretch")
        st.metric("Late", f"{late:,}", border=True, width="stretch")
    st.caption(f"Partners are told to expect an answer within {EXPECTED_REVIEW.days} days.")


def empty() -> None:
    with st.container(border=True, key="queue_empty"):
        st.header("Nothing waits for review", anchor=False)
        st.write("What partners submit appears here, the oldest first. You are told of each by e-mail.")


def rows(waiting: Sequence[QueueEntry]) -> None:
    """One row for each submission; a search from a certain number on."""
    shown = list(waiting)
    if len(waiting) >= SEARCH_FROM:
        words = st.text_input(
            "Search the queue", key="queue_search", type="search", live="250ms", width=360,
            placeholder="Name, organization or category", label_visibility="collapsed",
        )  # fmt: skip
        shown = [entry for entry in waiting if _matches(entry, words or "")]
        if not shown:
            st.caption(f"None of the {len(waiting):,} submissions matches.")
    for entry in shown:
        _row(entry)


def _matches(entry: QueueEntry, words: str) -> bool:
    category = CATEGORIES.get(entry.category, entry.category)
    text = f"{entry.name} {entry.org_name} {entry.org_id} {category}".casefold()
    return all(word in text for word in words.casefold().split())


def _row(entry: QueueEntry) -> None:
    late = "late" if entry.late else "row"
    with st.container(
        key=f"waiting_{late}_{entry.integration_id}", border=True, horizontal=True, vertical_alignment="center"
    ):
        st.image(logo.of_release(entry.integration_id, entry.number, entry.name), width=40, alt="")
        with st.container(key=f"waiting_who_{entry.integration_id}", width="stretch"):
            st.page_link(
                "submission.py", label=md(entry.name) or UNTITLED, query_params={"id": entry.integration_id}
            )  # fmt: skip
            category = CATEGORIES.get(entry.category, md(entry.category))
            st.caption(f"{md(entry.org_name)} ({md(entry.org_id)}) · {category} · release {entry.number}")
        badges.show(entry.state)
        due.show(entry.due_at)
        moments.show(entry.submitted_at, "Submitted ")


def decided(done: Sequence[Decision]) -> None:
    """What does not wait any more, as a table whose names lead to the submissions."""
    if not done:
        return
    with st.container(key="decided"):
        st.header("Decided", anchor=False)
        for entry in done[:20]:
            key = f"decided_{entry.integration_id}_{entry.number}"
            with st.container(key=key, horizontal=True, vertical_alignment="center", gap="small"):
                st.page_link(
                    "submission.py",
                    label=md(entry.name) or UNTITLED,
                    query_params={"id": entry.integration_id, "release": str(entry.number)},
                    width="content",
                )
                st.caption(f"{md(entry.org_name)} · release {entry.number}", width="content")
                badges.show_release(entry.state)
                st.caption(f"by {md(entry.decided_by)} ·", width="content")
                moments.show(entry.decided_at)
