"""What a reviewer sees of a release below its header: the tabs; beside them the partner, the account, the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

import streamlit as st

from core.errors import PortalError
from core.portal.review.comments import Comment
from pages.parts import moments, tile
from pages.parts.acting import person, store
from pages.parts.review import checks_view, comments, compare, configured, evidence_view, logo, run_tests, timeline
from pages.parts.review.opened import Opened
from pages.parts.text import md

_STYLE = """
.st-key-not_there h2 { font-size: 1.25rem; padding: 0 0 0.25rem; }
[class*="st-key-configured_"] h2 { font-size: 1rem; font-weight: 600; padding: 0; }
[class*="st-key-configured_"] { gap: 0.625rem; padding-block: 0.875rem; overflow-x: auto; }
.st-key-configured_listing .st-key-details_title [data-testid="stCaptionContainer"] { margin-top: -0.25rem; }
[class*="st-key-configured_"] table { font-size: 0.875rem; }
[class*="st-key-configured_"] :is(td, th):last-child:not(:nth-child(2)) { min-width: 14rem; }
[class*="st-key-submission_"] h2 { font-size: 1.0625rem; padding: 0; }
:is(.st-key-submission_about, .st-key-submission_account, .st-key-submission_releases) { gap: 0.5rem; }
:is(.st-key-submission_about, .st-key-submission_account) p { margin: 0; }
:is(.st-key-submission_about, .st-key-submission_account) [data-testid="stMarkdownContainer"] { margin: 0; }
:is(.st-key-submission_about, .st-key-submission_account) [data-testid="stCaptionContainer"] { margin: 0; }
[class*="st-key-submission_"] [data-testid="stHeading"] [data-testid="stMarkdownContainer"] { margin: 0; }
[class*="st-key-release_"] a { padding: 0; background: none; }
[class*="st-key-release_"] a p { font-weight: 600; text-decoration: underline; text-underline-offset: 0.2em; }
.st-key-submission_about [data-testid="stText"], .st-key-submission_account [data-testid="stText"] {
    white-space: pre-wrap; overflow-wrap: anywhere;
}
"""
_TITLES = ("Configuration", "Checks", "Evidence", "Run tests", "Compare", "Comments")


def apply_style() -> None:
    tile.apply_style()
    st.html(f"<style>{_STYLE}</style>")


def not_there(sentence: str) -> NoReturn:
    """Says that the address names nothing that was submitted, and ends the page."""
    with st.container(key="not_there", border=True):
        st.header("There is no such submission", anchor=False)
        st.text(sentence)
        st.page_link("review.py", label="Go to the queue", icon=":material/arrow_back:")
    st.stop()


def other_release(opened: Opened) -> None:
    """Says that another release is the one that can be decided on."""
    if opened.newest or opened.standing.submission is None:
        return
    st.info(f"You are looking at release {opened.release.number}. The newest is {opened.standing.submission}.")
    st.page_link(
        "submission.py", label=f"Open release {opened.standing.submission}", query_params={"id": opened.id},
        icon=":material/arrow_forward:",
    )  # fmt: skip


def tabs(opened: Opened, threads: Sequence[Comment]) -> None:
    """Only the open tab's contents are worked out."""
    waiting = sum(not thread.resolved for thread in threads)
    titles = [*_TITLES[:-1], f"Comments ({waiting})" if waiting else "Comments"]
    parts = st.tabs(titles, key=f"submission_tabs-{opened.id}", on_change="rerun")
    draw = (
        partial(_configuration, opened, threads),
        partial(checks_view.of_release, opened),
        partial(evidence_view.show, opened.release.evidence, opened.id),
        partial(run_tests.show, opened),
        partial(compare.releases, opened),
        partial(comments.show, opened.id, threads, places(opened.release.document)),
    )
    for part, show in zip(parts, draw, strict=True):
        if part.open:
            with part:
                show()


def _configuration(opened: Opened, threads: Sequence[Comment]) -> None:
    document = opened.release.document
    with st.container(border=True, key="configured_listing"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.header("Listing", anchor=False, width="content")
            comments.button("description", threads)
        mark = logo.of_release(opened.id, opened.release.number, opened.name)
        values = [str(document.get(name, "")) for name in ("display_name", "category", "summary", "description")]
        tile.details(*values, mark)
        if not opened.release.has_logo:
            st.caption("No logo: the initials stand in for it.")
    configured.show(opened.integration, lambda place: comments.button(place, threads))


def places(document: dict[str, Any]) -> list[str]:
    """What a comment can be about, in the order of the pages."""
    found = ["display_name", "category", "summary", "description", "auth"]
    for kind in ("custom_fields", "headers", "mapping_fields"):
        found += [f"{kind}.{number}" for number, _ in enumerate(document.get(kind) or ())]
    for name, endpoint in (document.get("endpoints") or {}).items():
        if endpoint:
            found.append(f"endpoints.{name}")
            found += [f"endpoints.{name}.{part}" for part in ("url", "payload", "item") if endpoint.get(part)]
            found += [f"endpoints.{name}.errors"] if endpoint.get("errors") else []
    return [*found, "delivery"]


def about(opened: Opened) -> None:
    """Who submitted it and what they said; the test account; what happened; all releases."""
    release = opened.release
    with st.container(key="submission_about", border=True):
        st.header("Submitted by", anchor=False)
        st.markdown(f"**{md(release.submitted_by)}**, {md(opened.standing.org_name)}")
        moments.show(release.submitted_at)
        if release.note:
            st.text(release.note)
        if release.decided_by:
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                st.caption(f"Decided by {md(release.decided_by)} ·", width="content")
                if release.decided_at is not None:
                    moments.show(release.decided_at)
    _account(opened)
    timeline.show(store().timeline(person(), opened.id))
    if len(opened.releases) > 1:
        compare.list_of(opened)


def _account(opened: Opened) -> None:
    """The test account's values stay on the server; how to see the result is shown when it is asked for."""
    try:
        account = store().test_account(person(), opened.id, opened.release.number)
    except PortalError as error:
        st.error(md(str(error)), icon=":material/error:")
        return
    with st.container(key="submission_account", border=True):
        st.header("Test account", anchor=False)
        fields = account.get("fields") or {}
        titles = [
            field.display_name or field.variable
            for field in opened.integration.custom_fields
            if field.variable in fields
        ]
        if titles:
            st.caption(f"Given: {md(', '.join(titles))}. Your test runs use it; its secrets are not shown.")
        elif opened.integration.custom_fields:
            st.caption("The partner filled in nothing, or it cannot be read any more.")
        else:
            st.caption("The integration asks customers for nothing.")
        if account.get("access"):
            if st.toggle("Show how to see the result", key=f"reveal_access-{opened.id}"):
                st.text(account["access"])
        else:
            st.caption("The partner did not say where the result can be seen.")
