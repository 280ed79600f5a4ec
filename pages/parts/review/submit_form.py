"""The way to a submission: the checks, the test account, a note, and the button; or the internal release."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import DocumentError, PortalError
from core.portal.review import process
from core.portal.review.checks import publication_report
from core.portal.review.entities import EXPECTED_REVIEW, Release
from core.portal.review.states import Action
from pages.parts import guide
from pages.parts.acting import person, store
from pages.parts.draft import Draft
from pages.parts.review import checks_view, test_account
from pages.parts.text import md

_LOOKED_AT = "submit_looked_at"
_STYLE = """
.st-key-checks_box [data-testid="stHeading"] [data-testid="stMarkdownContainer"] { margin: 0; }
.st-key-submit_box h2, .st-key-checks_box h2 { font-size: 1.25rem; padding: 0; }
.st-key-submit_box, .st-key-checks_box { gap: 0.75rem; }
.st-key-submit_box p { margin: 0; }
.st-key-submit_box :is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) { margin: 0; }
"""


def show(draft: Draft, possible: tuple[Action, ...], internal: Release | None) -> None:
    """Draws checks and form. The checks know the test account as it is being filled in. `internal` is the release that
    the own organisation has.
    """
    st.html(f"<style>{_STYLE}</style>")
    above = st.container(key="checks_box", border=True)
    with st.container(key="submit_box", border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.header("Submit for review", anchor=False, width="content")
            guide.link("submit", "What happens next")
        account = test_account.ask(draft)
        note = st.text_area(
            "Note to the reviewer (optional)", key=f"submit_note-{draft.id}", height=80,
            placeholder="What is new, what to look at, when your test system is up",
        )  # fmt: skip
        found = publication_report(store(), person(), draft.id, test_account=account)
        wrong = checks_view.errors(found)
        with above:
            st.header("Checks", anchor=False)
            checks_view.show(found, draft.id)
        _buttons(draft, account, note, len(wrong), _offer(draft, possible, internal))


def _offer(draft: Draft, possible: tuple[Action, ...], internal: Release | None) -> str:
    """The label of the internal release's button; "" when it would change nothing."""
    if "release_internally" not in possible:
        return ""
    if internal is None:
        return "Release internally"
    return "" if internal.revision == draft.stored.revision else "Update the internal release"


def _buttons(draft: Draft, account: dict[str, Any], note: str, wrong: int, internally: str) -> None:
    if wrong:
        st.caption("One thing above is to fix first." if wrong == 1 else f"{wrong} things above are to fix first.")
    else:
        st.caption(
            f"The review team answers within {EXPECTED_REVIEW.days} days, by e-mail and here. "
            "Approved, it is deployed by itself."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Submit for review", type="primary", key="submit", icon=":material/send:", disabled=bool(wrong),
            on_click=_remember, args=(draft.stored.revision,),
        )  # fmt: skip
        if internally:
            st.button(
                internally, key="release_internally", icon=":material/groups:",
                on_click=_release_internally, args=(draft.id,),
                help="Gives the draft as it stands to your own organization, as a tile on its Destinations page.",
            )  # fmt: skip
    if pressed:
        _submit(draft, account, note, st.session_state.pop(_LOOKED_AT, None))
    problems = st.session_state.pop("release_problems", None)
    if problems:
        refused(problems)


def _remember(revision: int) -> None:
    """The revision that was on the page when the button was pressed; by now there may be another one."""
    st.session_state[_LOOKED_AT] = revision


def _submit(draft: Draft, account: dict[str, Any], note: str, revision: int | None) -> None:
    try:
        process.submit(store(), person(), draft.id, test_account=account, note=note.strip(), revision=revision)
    except PortalError as error:
        refused(_told(error))
        return
    st.toast("Submitted. The review team is told.", icon=":material/send:")
    st.rerun()


def _release_internally(integration_id: str) -> None:
    try:
        process.release_internally(store(), person(), integration_id)
    except PortalError as error:
        st.session_state["release_problems"] = _told(error)
        return
    st.toast("Released: your organization finds the tile on its Destinations page.", icon=":material/groups:")


def _told(error: PortalError) -> list[str]:
    """The sentences of a refusal, what happened first."""
    if isinstance(error, DocumentError) and error.problems:
        return [error.what, *(f"{where}: {sentence}" for where, sentence in error.problems)]
    return [str(error)]


def refused(sentences: list[str]) -> None:
    """Says why something could not be done."""
    first, *others = sentences
    st.error("\n".join([md(first), "", *(f"- {md(sentence)}" for sentence in others[:10])]), icon=":material/error:")
