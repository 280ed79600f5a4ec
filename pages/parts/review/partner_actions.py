"""What a partner can do with an integration besides submitting it: withdraw, end, deprecate, restore, roll back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import PortalError
from core.portal.review import process
from core.portal.review.entities import Release, Standing
from core.portal.review.states import ACTION_TITLES, Action
from pages.parts.acting import person, store
from pages.parts.review import effects, windows
from pages.parts.review.decide import deprecation, restoration, step_back
from pages.parts.review.windows import Question
from pages.parts.text import md

_ICONS = {
    "withdraw": ":material/undo:",
    "end_internal_release": ":material/group_off:",
    "deprecate": ":material/archive:",
    "restore": ":material/unarchive:",
    "roll_back": ":material/history:",
}
ROLL_BACK = "roll_back"
"""The window of a roll-back; the number of the release stands behind it, after a hyphen."""


def show_actions(place: DeltaGenerator, stands: Standing, possible: Sequence[Action]) -> None:
    """Draws the buttons into the header: what ends something that is under way, and the rare ones behind "More"."""
    with place:
        if "withdraw" in possible:
            _button("withdraw")
        if "end_internal_release" in possible:
            st.button(
                "End internal release", key="end_internal_release", icon=_ICONS["end_internal_release"],
                on_click=_end_internal, args=(stands.integration_id,),
            )  # fmt: skip
        rare = [action for action in ("deprecate", "restore") if action in possible]
        if rare or "roll_back" in possible:
            with st.popover("More", icon=":material/more_horiz:", key="more_actions"):
                for action in rare:
                    _button(action)
                if "roll_back" in possible:
                    roll_back_button(stands.earlier[0])


def roll_back_button(number: int) -> None:
    """Asks whether customers are to have an earlier release again."""
    st.button(
        f"Roll back to release {number}", key=f"ask_roll_back_{number}", icon=_ICONS["roll_back"],
        on_click=windows.open_window, args=(f"{ROLL_BACK}-{number}",),
    )  # fmt: skip


def show_windows(stands: Standing, releases: Sequence[Release]) -> None:
    """Draws the window that asks for a reason, if one is open."""
    possible = stands.actions(person())
    questions: dict[str, Question] = {
        "withdraw": _withdrawal(stands),
        "deprecate": deprecation(stands.integration_id),
        "restore": restoration(stands.integration_id),
    }
    open_ones = {name: question for name, question in questions.items() if name in possible}
    if "roll_back" in possible:
        documents = {release.number: release.document for release in releases}
        deployed = documents.get(stands.deployed_release or 0, {})
        for number in stands.earlier:
            told = effects.sentence(deployed, documents.get(number, deployed))
            open_ones[f"{ROLL_BACK}-{number}"] = step_back(stands.integration_id, number, told)
    windows.show_open(open_ones)


def _button(action: Action) -> None:
    st.button(
        ACTION_TITLES[action], key=f"ask_{action}", icon=_ICONS[action], on_click=windows.open_window, args=(action,)
    )  # fmt: skip


def _withdrawal(stands: Standing) -> Question:
    return Question(
        ask="Withdraw the submission?",
        lines="The review ends; you can submit again at any time. What customers have stays.",
        button="Withdraw",
        act=lambda reason: process.withdraw(store(), person(), stands.integration_id, reason=reason),
        done="Withdrawn.",
    )


def _end_internal(integration_id: str) -> None:
    try:
        process.end_internal_release(store(), person(), integration_id)
    except PortalError as error:
        st.toast(md(str(error)), icon=":material/error:", duration="long")
