"""The windows in which somebody says why: a decision, a withdrawal, a deprecation, a step back.

Which one is open is kept in the session, so that it stays open while the page is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.errors import PortalError
from pages.parts.text import md

_OPEN = "review_window"


@dataclass(frozen=True)
class Question:
    """One window. `ask` is what stands over it, `lines` what it says before the reason is asked for, `act` is called
    with the reason and does it; `done` is said afterwards. `needed`: whether it cannot be done without a reason.
    """

    ask: str
    lines: str
    button: str
    act: Callable[[str], object]
    done: str
    reason: str = "Reason"
    placeholder: str = ""
    needed: bool = False
    grave: bool = False


def open_window(kind: str) -> None:
    """Opens one of the page's windows."""
    st.session_state[_OPEN] = kind


def close() -> None:
    st.session_state.pop(_OPEN, None)


def show_open(questions: dict[str, Question]) -> None:
    """Draws the window that is open, if it is one of this page's."""
    question = questions.get(st.session_state.get(_OPEN, ""))
    if question is not None:
        _window(question)


def _window(question: Question) -> None:
    st.dialog(question.ask, on_dismiss=close)(_contents)(question)


def _contents(question: Question) -> None:
    st.markdown(question.lines)
    kind = st.session_state.get(_OPEN, "")
    optional = "" if question.needed else " (optional)"
    reason = st.text_area(
        f"{question.reason}{optional}", placeholder=question.placeholder, key=f"reason-{kind}", height=120
    )
    refused = st.empty()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="cancel_window"):
            close()
            st.rerun()
        key = "grave_window" if question.grave else "confirm_window"
        if not st.button(question.button, type="primary", key=key):
            return
    if question.needed and not reason.strip():
        refused.error("Say why: the other side reads it, and it stays in the timeline.", icon=":material/error:")
        return
    try:
        question.act(reason.strip())
    except PortalError as error:
        refused.error(md(str(error)), icon=":material/error:")
        return
    close()
    st.toast(question.done, icon=":material/check_circle:")
    st.rerun()
