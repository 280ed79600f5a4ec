"""What partners and reviewers say to each other: threads, on a field or in general, each open or resolved."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import PortalError
from core.portal.review.comments import Comment, add_comment, list_comments, resolve_comment, title_of_place
from pages.parts import moments
from pages.parts.acting import person, store
from pages.parts.review.timeline import ROLES
from pages.parts.text import md

_OPEN = "comment_window"
_STYLE = """
[class*="st-key-thread_"] { gap: 0.5rem; }
[class*="st-key-said_"] { gap: 0.125rem; }
[class*="st-key-said_"] [data-testid="stText"] { white-space: pre-wrap; overflow-wrap: anywhere; }
[class*="st-key-answer_to_"] { padding-left: 1rem; border-left: 2px solid light-dark(#dfe1e6, #3b3a37); }
[class*="st-key-said_"] p { margin: 0; }
[class*="st-key-thread_"] :is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) { margin: 0; }
[class*="st-key-comment_on_"] button { min-height: 1.75rem; padding-block: 0; }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def threads(integration_id: str) -> list[Comment]:
    """All threads that the person who acts can see."""
    return list_comments(store(), person(), integration_id)


def title(place: str) -> str:
    """A place in the page's words."""
    return title_of_place(place) or "In general"


def show(integration_id: str, found: Sequence[Comment], places: Sequence[str]) -> None:
    """All threads, the open ones first, and the form for a new one. `places` are what it can be about."""
    open_ones = [thread for thread in found if not thread.resolved]
    resolved = [thread for thread in found if thread.resolved]
    if not found:
        st.caption("Nobody has said anything yet. Both sides are told of a comment by e-mail.")
    for thread in open_ones:
        _thread(integration_id, thread)
    if resolved:
        box = st.expander(f"{len(resolved):,} resolved", type="compact", key="resolved_threads", on_change="rerun")
        if box.open:
            with box:
                for thread in resolved:
                    _thread(integration_id, thread)
    with st.form("new_comment", clear_on_submit=True):
        about = st.selectbox("About", ["", *places], format_func=title, key="comment_about")
        text = st.text_area("New comment", key="comment_text", height=96, placeholder="What do you want to say?")
        if st.form_submit_button("Comment", icon=":material/chat:"):
            _add(integration_id, text, about)


def at(found: Sequence[Comment], place: str) -> list[Comment]:
    """The open threads about a place, or about what lies in it."""
    return [
        thread
        for thread in found
        if not thread.resolved and (thread.place == place or thread.place.startswith(f"{place}."))
    ]


def button(place: str, found: Sequence[Comment]) -> None:
    """Opens the window of one place; says how many threads are open there."""
    here = at(found, place)
    label = f"{len(here)} open" if here else "Comment"
    st.button(
        label, key=f"comment_on_{place.replace('.', '-')}", type="tertiary", width="content",
        icon=":material/chat:" if here else ":material/add_comment:", on_click=_open, args=(place,),
        help=f"Comments on {md(title(place))}",
    )  # fmt: skip


def show_window(integration_id: str, found: Sequence[Comment]) -> None:
    """Draws the window of the place that was chosen, if one was."""
    place = st.session_state.get(_OPEN)
    if place is not None:
        _window(integration_id, found, place)


def _open(place: str) -> None:
    st.session_state[_OPEN] = place


def _close() -> None:
    st.session_state.pop(_OPEN, None)


@st.dialog("Comments", on_dismiss=_close)
def _window(integration_id: str, found: Sequence[Comment], place: str) -> None:
    st.markdown(f"**{md(title(place))}**")
    for thread in at(found, place):
        _thread(integration_id, thread)
    with st.form("window_comment", border=False):
        text = st.text_area("New comment", key=f"window_text-{place}", height=96)
        if st.form_submit_button("Comment", type="primary") and _add(integration_id, text, place, rerun=False):
            _close()
            st.rerun()


def _thread(integration_id: str, thread: Comment) -> None:
    with st.container(border=True, key=f"thread_{thread.id}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            release = f" · release {thread.release}" if thread.release is not None else ""
            st.caption(f"{md(title(thread.place))}{release}", width="content")
            word = "Open again" if thread.resolved else "Resolve"
            if st.button(word, key=f"resolve_{thread.id}", type="tertiary", icon=":material/check:"):
                _resolve(integration_id, thread)
        _said(thread)
        for answer in thread.replies:
            with st.container(key=f"answer_to_{answer.id}"):
                _said(answer)
        if thread.resolved:
            st.caption(f"Resolved by {md(thread.resolved_by)}")
        else:
            _answer(integration_id, thread)


def _said(comment: Comment) -> None:
    with st.container(key=f"said_{comment.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{md(comment.person_name)}**", width="content")
            st.caption(f"{ROLES.get(comment.role, md(comment.role))} ·", width="content")
            moments.show(comment.at)
        st.text(comment.text)


def _answer(integration_id: str, thread: Comment) -> None:
    box = st.expander("Answer", type="compact", key=f"answering_{thread.id}", on_change="rerun")
    if not box.open:
        return
    with box, st.form(f"answer_{thread.id}", clear_on_submit=True, border=False):
        text = st.text_area("Answer", key=f"answer_text_{thread.id}", height=80, label_visibility="collapsed")
        if st.form_submit_button("Send answer"):
            _add(integration_id, text, thread.place, parent_id=thread.id)


def _add(integration_id: str, text: str, place: str, *, parent_id: str | None = None, rerun: bool = True) -> bool:
    try:
        add_comment(store(), person(), integration_id, text, place=place, parent_id=parent_id)
    except PortalError as error:
        st.error(md(str(error)), icon=":material/error:")
        return False
    if rerun:
        st.rerun()
    return True


def _resolve(integration_id: str, thread: Comment) -> None:
    try:
        resolve_comment(store(), person(), integration_id, thread.id, resolved=not thread.resolved)
    except PortalError as error:
        st.error(md(str(error)), icon=":material/error:")
        return
    st.rerun()
