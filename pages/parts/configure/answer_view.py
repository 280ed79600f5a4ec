"""The answer to the last test request, and what it means under the rules as they are now."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

import streamlit as st

from core.integration import CreateListEndpoint, Endpoint, EndpointName, endpoints_of
from core.request import HttpRequest
from core.sync import ListId, Verdict
from core.sync.answer import Answer, read_list_id
from core.sync.outcome import judge
from core.sync.suggest import error_code, nameable, suggested_rule
from pages.parts import sandbox
from pages.parts.configure import sending, test_settings
from pages.parts.configure.editing import Editing
from pages.parts.configure.indented import indented
from pages.parts.configure.rendering import Rendering
from pages.parts.configure.spans import cell, mono, table
from pages.parts.configure.test_settings import Settings
from pages.parts.draft import Document, rewrite
from pages.parts.findings import refusal
from pages.parts.rule_button import rule_button
from pages.parts.text import md

_Colour = Literal["green", "orange", "red"]
_WORDS: dict[str, tuple[str, _Colour]] = {
    "accept": ("Success", "green"),
    "ignore": ("Treated as success", "green"),
    "fail": ("Fails the batch", "red"),
    "stop": ("Stops the sync", "red"),
    "retry": ("Tried again", "orange"),
    "rate_limited": ("Slows down, then tried again", "orange"),
}
_HEIGHT = 20
"""Lines of an answer that are shown at once; a longer one scrolls."""


def show(editing: Editing, settings: Settings, name: EndpointName, shown: Rendering) -> None:
    kept = sending.answer_of(editing, name)
    if kept is None:
        return
    endpoint = endpoints_of(editing.integration)[name]
    with st.container(key=f"answer_{name}", border=True):
        if "refused" in kept:
            refusal(f"answer_{name}", kept["refused"])
        elif kept["status"] is None:
            _no_answer(kept)
        else:
            _answer(editing, settings, name, endpoint, kept)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            request = kept.get("request", {})
            changed = shown.preview is None or request.get("digest") != sending.digest(shown.preview.request.masked)
            st.caption("The request has changed since." if changed and "request" in kept else "", width="content")
            st.button(
                "Clear answer", type="tertiary", key=editing.draft.key(f"clear.{name}"), on_click=sending.forget,
                args=(editing, name),
            )  # fmt: skip


def _no_answer(kept: dict[str, Any]) -> None:
    st.badge("No answer", icon=":material/error:", color="red")
    st.markdown(f"{md(_sentence(kept['fault'] or kept['verdict']['reason']))} {md(kept['verdict']['message'])}")


def _answer(editing: Editing, settings: Settings, name: EndpointName, endpoint: Endpoint, kept: dict[str, Any]) -> None:
    answer = Answer(kept["status"], tuple((key, value) for key, value in kept["headers"]), kept["body"])
    verdict = judge(endpoint, answer)
    word, colour = _WORDS[verdict.action]
    found = _list_id(endpoint, kept, answer) if verdict.accepted else None
    if found is not None and found.value is None:
        word, colour = "Accepted, but no list id found", "orange"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(f"{answer.status} {_phrase(answer.status)}".strip(), color=colour)
        slow = " :orange[(slow: answer within 2 s)]" if kept["slow"] else ""
        st.markdown(f"**{word}** · {kept['elapsed_ms']:,} ms{slow} · {md(kept['to'])}", width="content")
    if not verdict.accepted or verdict.reason:
        _meaning(editing, name, answer, verdict)
    if found is not None and found.value is None:
        _other_paths(editing, found, kept, answer)
    elif found is not None and kept["to"] == sandbox.SANDBOX:
        st.caption("The sandbox puts the id where your path looks; only your own endpoint shows whether that is right.")
    for key, reason in kept["rejected"]:
        st.caption(f":material/person_off: {mono(key)} was rejected: {md(reason)}")
    _body(answer, kept["cut"])


def _meaning(editing: Editing, name: EndpointName, answer: Answer, verdict: Verdict) -> None:
    st.markdown(f"**{md(_sentence(verdict.reason))}** The customer reads: {md(verdict.message) or '–'}")
    code = error_code(answer.status, answer.body)
    if not verdict.classified and nameable(answer.status, code):
        rule = suggested_rule(answer.status, code, verdict.reason)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge("Unclassified", color="orange", icon=":material/help:")
            rule_button(name, [rule], "Add a rule for this answer", editing.draft.key(f"rule_for.{name}"))


def _list_id(endpoint: Endpoint, kept: dict[str, Any], answer: Answer) -> ListId | None:
    if not isinstance(endpoint, CreateListEndpoint):
        return None
    return read_list_id(endpoint, _sent(kept), answer)


def _sent(kept: dict[str, Any]) -> HttpRequest:
    body = kept["request"]["body"]
    return HttpRequest(kept["request"]["method"], kept["request"]["url"], (), None if body is None else body.encode())


def _other_paths(editing: Editing, found: ListId, kept: dict[str, Any], answer: Answer) -> None:
    """No id where it should be: the places that exist, each to be taken over with a click."""
    refusal("list_id", found.problem + (" Take one of these:" if found.paths else ""))
    with st.container(horizontal=True, gap="xsmall", key="row_list_id_paths"):
        for path in found.paths:
            st.button(
                mono(path), key=editing.draft.key(f"path.{path}"), on_click=_take_path, args=(path, kept, answer)
            )  # fmt: skip


def _take_path(path: str, kept: dict[str, Any], answer: Answer) -> None:
    def edit(document: Document) -> None:
        document["endpoints"]["create_list"]["list_id_path"] = path

    rewrite(edit)
    source = "request" if not path.startswith("header:") and not answer.body else "response"
    endpoint = CreateListEndpoint(list_id_path=path, list_id_source=source)
    found = read_list_id(endpoint, _sent(kept), answer)
    if found.value is not None:
        test_settings.update(list_id=found.value, list_id_from=kept["to"])


def _body(answer: Answer, cut: bool) -> None:
    pretty = indented(answer.body)
    text = pretty if pretty is not None else answer.body
    body, headers = st.tabs(["Body", "Headers"])
    with body:
        if not text.strip():
            st.caption("The answer has no body.")
        else:
            long = text.count("\n") >= _HEIGHT or len(text) > 2000
            language = "json" if pretty is not None else "html" if text.lstrip().startswith("<") else None
            st.code(text, language=language, wrap_lines=True, height=400 if long else "content")
        if cut:
            st.caption("Only the beginning of the answer is shown.")
    with headers:
        st.markdown(table(("Header", "Value"), ((cell(name), cell(value)) for name, value in answer.headers)))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
