"""The button that sends the request shown, and what is kept of the answer: plain JSON, secrets masked."""

from __future__ import annotations

import contextlib
import hashlib
import time
from typing import Any

import streamlit as st

from core.errors import DocumentError
from core.integration import EndpointName
from core.portal import StoreBusyError
from core.portal.review.fingerprint import fingerprint
from core.request import HttpRequest
from core.sync import Trial, try_endpoint
from core.template import ValueFault
from pages.parts import sandbox
from pages.parts.acting import org, store
from pages.parts.configure import test_settings
from pages.parts.configure.editing import Editing
from pages.parts.configure.rendering import Rendering, builder_of, key_of, sample, started_at, values_of
from pages.parts.configure.test_settings import Settings
from pages.parts.findings import refusal

_STATE = "answers"
Answer = dict[str, Any]


def show(editing: Editing, settings: Settings, name: EndpointName, shown: Rendering) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="row_send"):
        pressed = st.button("Send test request", type="primary", icon=":material/send:", key=f"send-{editing.draft.id}")
        choices = sandbox.choices()
        owner = settings.get("list_id_from", choices[0])
        choice = st.segmented_control(
            "Send to", choices, default=owner if owner in choices else choices[0], required=True,
            key=f"target-{editing.draft.id}", label_visibility="collapsed",
        )  # fmt: skip
    if settings["list_id"] is not None and owner != choice:
        test_settings.update(list_id=None)  # the list of one destination is not there at the other
        st.rerun()
    obstacle = _obstacle(shown)
    if obstacle and shown.preview is not None and shown.missing:
        st.caption(f":material/lightbulb: {obstacle}")
    if pressed and obstacle:
        refusal("send", obstacle)
    elif pressed:
        with st.spinner("Waiting for the answer…"):
            _send(editing, settings, name, str(choice))
        st.rerun()


def _obstacle(shown: Rendering) -> str:
    """Why the request cannot go out as it is, or an empty text."""
    if shown.preview is None:
        return "The request cannot be sent before that is put right."
    if shown.missing:
        *others, last = shown.missing
        fields = f"{', '.join(others)} and {last}" if others else last
        return f"Fill in {fields} in the Connect form to send this request."
    if shown.needs_list:
        return "Send List creation first: the request needs the id of the list."
    return ""


def _send(editing: Editing, settings: Settings, name: EndpointName, choice: str) -> None:
    users = sample(settings)
    connection = test_settings.connection_of(editing.integration, settings)
    started = started_at(int(time.time()))
    try:
        integration = sandbox.target(editing.integration, choice)
        builder = builder_of(integration, connection, users)
        key = key_of(integration, connection, users)
        trial = try_endpoint(
            builder, name, users, key, values_of(settings, started=started), policy=sandbox.policy(choice)
        )
    except (DocumentError, ValueFault) as error:
        st.session_state[_STATE] = {**_all(editing), name: {"refused": str(error)}}
        return
    st.session_state[_STATE] = {**_all(editing), name: _kept(trial, choice)}
    _record(editing, trial, choice)
    if trial.list_id is not None and trial.list_id.value is not None:
        test_settings.update(list_id=trial.list_id.value, list_id_from=choice)


def _record(editing: Editing, trial: Trial, choice: str) -> None:
    """Keeps the request as evidence that this endpoint was tested as the document stands."""
    notes = {
        "target": "sandbox" if choice == sandbox.SANDBOX else "own",
        "fingerprint": fingerprint(editing.draft.document),
        "revision": editing.draft.stored.revision,
    }
    with contextlib.suppress(StoreBusyError):
        store().record_trial(org(), editing.draft.id, trial, notes)


def _kept(trial: Trial, choice: str) -> Answer:
    attempt = trial.delivery.attempts[-1]
    request = trial.delivery.request
    return {
        "to": choice,
        "request": {"method": request.method, "url": request.url, "body": request.text, "digest": digest(request)},
        "status": attempt.status,
        "headers": [list(pair) for pair in attempt.headers],
        "body": attempt.body,
        "cut": attempt.cut,
        "elapsed_ms": attempt.elapsed_ms,
        "slow": attempt.slow,
        "fault": attempt.fault,
        "verdict": {"reason": trial.delivery.verdict.reason, "message": trial.delivery.verdict.message},
        "rejected": [list(pair) for pair in trial.delivery.rejected],
        "list_id": None if trial.list_id is None else trial.list_id.value,
    }


def digest(request: HttpRequest) -> str:
    """Tells whether two masked requests are the same but for where they go."""
    parts = (request.method, str(request.headers), request.text or "")
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def answer_of(editing: Editing, name: EndpointName) -> Answer | None:
    """The last answer of an endpoint in this session."""
    found: Answer | None = _all(editing).get(name)
    return found


def forget(editing: Editing, name: EndpointName) -> None:
    st.session_state[_STATE] = {key: value for key, value in _all(editing).items() if key != name}


def _all(editing: Editing) -> dict[str, Any]:
    answers = st.session_state.get(_STATE, {})
    return answers if answers.get("id") == editing.draft.id else {"id": editing.draft.id}
