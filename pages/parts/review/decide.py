"""The head of a submission: what it is, how it stands, and what the reviewer can do with it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import PortalError
from core.portal.review import process
from core.portal.review.states import ACTION_TITLES, Action
from pages.parts import badges, mark
from pages.parts.acting import person, store
from pages.parts.labels import UNTITLED
from pages.parts.review import comments, due, effects, logo, windows
from pages.parts.review.opened import Opened
from pages.parts.review.windows import Question
from pages.parts.text import md

_ICONS: dict[str, str] = {
    "approve": ":material/check_circle:",
    "request_changes": ":material/edit_note:",
    "reject": ":material/block:",
    "deprecate": ":material/archive:",
    "restore": ":material/unarchive:",
    "roll_back": ":material/undo:",
}
_SIDE = ("deprecate", "restore", "roll_back")


def header(opened: Opened) -> None:
    """Draws the header. The primary button is the next step of the review."""
    mark.apply_style()
    release = opened.release
    with st.container(key="page_header", horizontal=True, vertical_alignment="center"):
        with st.container(key="page_identity", horizontal=True, vertical_alignment="center", width="content"):
            st.page_link("review.py", label="Review")
            st.image(logo.of_release(opened.id, release.number, opened.name), width=36, alt="")
            st.title(md(opened.name) or UNTITLED, anchor=False, width="content")
            st.caption(f"release {release.number}", width="content")
            if opened.newest and opened.standing.state != "draft":  # the partner drafts the next version meanwhile
                badges.show(opened.standing.state)
            else:
                badges.show_release(release.state)
            if release.state == "open":
                due.show(release.due_at)
        with st.container(
            key="page_actions", horizontal=True, vertical_alignment="center", horizontal_alignment="right",
            width="content",
        ):  # fmt: skip
            if opened.newest:
                _buttons(opened)


def _buttons(opened: Opened) -> None:
    possible = opened.standing.actions(person())
    for action in ("reject", "request_changes"):
        if action in possible:
            _ask(action)
    if "start_review" in possible:
        st.button(
            "Start the review", type="primary", key="start_review", icon=":material/play_arrow:",
            on_click=_start, args=(opened.id, opened.release.number),
        )  # fmt: skip
    if "approve" in possible:
        _ask("approve", primary=True)
    others = [action for action in _SIDE if action in possible]
    if others:
        with st.popover("More", icon=":material/more_horiz:", key="more_actions"):
            for action in others:
                _ask(action)


def _ask(action: Action, *, primary: bool = False) -> None:
    st.button(
        ACTION_TITLES[action], key=f"ask_{action}", type="primary" if primary else "secondary",
        icon=_ICONS[action], on_click=windows.open_window, args=(action,),
    )  # fmt: skip


def _start(integration_id: str, number: int) -> None:
    try:
        process.start_review(store(), person(), integration_id, number)
    except PortalError as error:
        st.toast(md(str(error)), icon=":material/error:", duration="long")


def show_windows(opened: Opened) -> None:
    """Draws the window that asks for the reason of a decision, if one is open."""
    possible = opened.standing.actions(person()) if opened.newest else ()
    windows.show_open({action: make(opened) for action, make in _QUESTIONS.items() if action in possible})


def _approve(opened: Opened) -> Question:
    before = opened.deployed
    if before is None:
        told = "It is deployed at once: every organization finds the tile on its Destinations page."
    else:
        told = (
            f"It replaces release {before.number} at once for every connected customer. "
            f"{effects.sentence(before.document, opened.release.document)}."
        )
    waiting = sum(not thread.resolved for thread in comments.threads(opened.id))
    if waiting:
        told += " One comment is still open." if waiting == 1 else f" {waiting} comments are still open."
    return Question(
        ask=f"Approve release {opened.release.number}?",
        lines=told,
        button="Approve and deploy",
        act=lambda note: process.approve(store(), person(), opened.id, opened.release.number, note=note),
        done="Approved and deployed.",
        reason="Note to the partner",
        placeholder="What you looked at, or what to do better next time",
    )


def _request(opened: Opened) -> Question:
    return Question(
        ask="Ask for changes?",
        lines="The partner is told by e-mail, makes the changes and submits again. Open comments stay.",
        button="Request changes",
        act=_with_reason(process.request_changes, opened),
        done="The partner is told.",
        reason="What to change",
        placeholder="What keeps you from approving it, and what would be right",
        needed=True,
    )


def _reject(opened: Opened) -> Question:
    return Question(
        ask=f"Reject release {opened.release.number}?",
        lines="For what does not belong in the catalog. If it only needs work, ask for changes instead.",
        button="Reject",
        act=_with_reason(process.reject, opened),
        done="Rejected; the partner is told.",
        needed=True,
        grave=True,
    )


def _with_reason(decide: Callable[..., object], opened: Opened) -> Callable[[str], object]:
    return lambda reason: decide(store(), person(), opened.id, opened.release.number, reason=reason)


def deprecation(integration_id: str) -> Question:
    """The question before a deprecation, from either side."""
    return Question(
        ask="Deprecate this integration?",
        lines="Nobody can connect to it any more; the connections there are go on. You can restore it later.",
        button="Deprecate",
        act=lambda reason: process.deprecate(store(), person(), integration_id, reason=reason),
        done="Deprecated.",
        placeholder="What connected customers should do instead",
        needed=True,
        grave=True,
    )


def restoration(integration_id: str) -> Question:
    """The question before a deprecation is taken back."""
    return Question(
        ask="Restore this integration?",
        lines="It takes new connections again, with the release that is deployed.",
        button="Restore",
        act=lambda reason: process.restore(store(), person(), integration_id, reason=reason),
        done="Restored.",
    )


def step_back(integration_id: str, number: int, told: str) -> Question:
    """The question before a roll-back to release `number`. `told` says what that changes for customers."""
    return Question(
        ask=f"Roll back to release {number}?",
        lines=f"Every connected customer gets release {number} again at once. {told}.",
        button="Roll back",
        act=lambda reason: process.roll_back(store(), person(), integration_id, number, reason=reason),
        done=f"Customers have release {number} again.",
        placeholder="What is wrong with the deployed one",
        needed=True,
        grave=True,
    )


def _roll_back(opened: Opened) -> Question:
    number = opened.standing.earlier[0]
    by_number = {one.number: one.document for one in opened.releases}
    deployed = by_number.get(opened.standing.deployed_release or 0, opened.release.document)
    return step_back(opened.id, number, effects.sentence(deployed, by_number.get(number, deployed)))


_QUESTIONS: dict[str, Callable[[Opened], Question]] = {
    "approve": _approve,
    "request_changes": _request,
    "reject": _reject,
    "deprecate": lambda opened: deprecation(opened.id),
    "restore": lambda opened: restoration(opened.id),
    "roll_back": _roll_back,
}
