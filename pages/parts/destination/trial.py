"""Testing the credentials of a form: what would be sent is said first, and the answer in the words of a customer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from core.errors import InputError
from core.portal.customers.connecting import secret_fields, whole_form
from core.portal.customers.connections import CustomerConnection
from core.portal.customers.credentials import describe, try_credentials
from core.portal.customers.destinations import Destination
from core.request import Connection
from pages.parts import sandbox
from pages.parts.acting import store
from pages.parts.destination import form_state
from pages.parts.destination.form_state import State
from pages.parts.findings import refusal
from pages.parts.text import md

_SAID = {
    "accepted": ("green", "check_circle", "The destination accepts these credentials."),
    "let_in": (
        "green",
        "check_circle",
        "The destination did not object to these credentials. It refused what was made up, as it should:",
    ),
    "refused": ("red", "error", "The destination refuses these credentials:"),
    "unclear": ("orange", "help", "The answer says nothing about the credentials:"),
}


def show(destination: Destination, saved: CustomerConnection | None, state: State) -> None:
    """The button, then what would be sent, then the answer; all of it goes when the form changes."""
    if not (secret_fields(destination.integration) or destination.integration.auth.method != "none"):
        return  # nothing to refuse
    step: dict[str, Any] = state["trial"] or {}
    if not step:
        st.button(
            "Test the credentials", key="test_credentials", icon=":material/key:", on_click=_ask,
            args=(destination, saved),
        )  # fmt: skip
        return
    with st.container(border=True, key="trial"):
        if "refused" in step:
            refusal("trial", step["refused"])
        elif "answer" in step:
            _answer(step["answer"])
        else:
            st.markdown("**One real request goes out.** " + md(step["effect"]))
            st.code(step["where"], language=None, wrap_lines=True)
        with st.container(horizontal=True, gap="small", key="row_trial"):
            if "where" in step and st.button("Send it", key="send_trial", icon=":material/send:"):
                with st.spinner("Waiting for the answer…"):
                    _send(destination, saved, state)
                st.rerun()
            label = "Not now" if "where" in step else "Close"
            st.button(label, key="close_trial", type="tertiary", on_click=form_state.update)


def _whole(destination: Destination, saved: CustomerConnection | None, state: State) -> Connection:
    form = form_state.connection_of(state)
    return form if saved is None else whole_form(store(), saved, destination.integration, form)


def _ask(destination: Destination, saved: CustomerConnection | None) -> None:
    state = form_state.current()  # with what was typed last: leaving a field and pressing the button are one moment
    if state is None:
        return
    try:
        planned = describe(destination.integration, _whole(destination, saved, state))
    except InputError as error:
        form_state.update(trial={"refused": f"{error.what} {error.remedy}"})
        return
    form_state.update(trial={"where": planned.where, "effect": planned.effect})


def _send(destination: Destination, saved: CustomerConnection | None, state: State) -> None:
    try:
        answer = try_credentials(
            destination.integration, _whole(destination, saved, state), policy=sandbox.policy(sandbox.OWN)
        )
    except InputError as error:
        form_state.update(trial={"refused": f"{error.what} {error.remedy}"})
        return
    form_state.update(trial={"answer": asdict(answer)})


def _answer(answer: dict[str, Any]) -> None:
    colour, icon, sentence = _SAID[answer["judgement"]]
    st.markdown(f":{colour}[:material/{icon}:] **{sentence}**")
    if answer["judgement"] != "accepted":
        status = f"{answer['status']} · " if answer["status"] is not None else ""
        said = " ".join(_sentence(text) for text in (answer["reason"], answer["message"]) if text)
        st.markdown(md(f"{status}{said}"))
    if answer["status"] is not None:
        st.caption(f"Answered in {answer['elapsed_ms']:,} ms.")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
