"""The chosen endpoint's request exactly as it will be sent, as a cURL command, and the button that sends it."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from core.integration import ENDPOINT_TITLES, endpoints_of
from core.request import HttpRequest, RenderedRequest, curl
from pages.parts.configure import answer_view, endpoints, sending, starting_points, test_settings
from pages.parts.configure.editing import Editing
from pages.parts.configure.indented import indented
from pages.parts.configure.rendering import Rendering, render, started_at
from pages.parts.configure.section import section
from pages.parts.configure.spans import cell, mono, table
from pages.parts.configure.test_settings import Settings
from pages.parts.draft import rewrite
from pages.parts.findings import refusal
from pages.parts.text import md


def show(editing: Editing, settings: Settings) -> None:
    with section("request", "Request"):
        name = endpoints.chooser(editing, "previewed")
        if name not in endpoints_of(editing.integration):
            st.caption(f"{ENDPOINT_TITLES[name]} is not configured, so nothing is sent.")
            st.button(
                f"Configure {starting_points.verb(name)}", icon=":material/add:",
                key=editing.draft.key(f"configure_preview.{name}"), on_click=rewrite,
                args=(partial(starting_points.configure, name=name),),
            )  # fmt: skip
            return
        shown = render(editing.integration, settings, name, started=started_at(int(time.time())))
        if shown.preview is None:
            refusal(f"preview_{name}", shown.problem)
        else:
            _request(shown.preview.request, settings, editing)
            _users(shown, settings, editing)
        _list_id(editing, settings, shown)
        sending.show(editing, settings, name, shown)
        answer_view.show(editing, settings, name, shown)


def _request(request: RenderedRequest, settings: Settings, editing: Editing) -> None:
    http = request.masked
    st.code(f"{http.method} {http.url}", language=None, wrap_lines=True)
    parts, raw, command = st.tabs(["Headers and body", "As sent", "cURL"])
    with parts:
        st.markdown(table(("Header", "Value"), ((cell(name), cell(value)) for name, value in http.headers)))
        _body(http)
    with raw:
        if http.text is None:
            st.caption("This request has no body.")
        else:
            st.caption(f"{len(request.wire.body or b''):,} bytes")
            st.code(http.text, language=None, wrap_lines=True)
    with command:
        _curl(request, editing)


def _body(http: HttpRequest) -> None:
    if http.text is None:
        st.caption("No body.")
        return
    pretty = indented(http.text)
    if pretty is None:
        st.code(http.text.replace("&", "\n&"), language=None, wrap_lines=True)
    else:
        st.code(pretty, language="json", wrap_lines=True)


def _curl(request: RenderedRequest, editing: Editing) -> None:
    reveal = st.toggle("With my secrets", key=f"reveal-{editing.draft.id}")
    shown = curl(request.wire if reveal else request.marked)
    st.code(shown.command, language="bash", wrap_lines=True)
    if shown.variables:
        names = ", ".join(mono(f"${name}") for name, _ in shown.variables)
        st.caption(f"Set {names} in your shell first; the command then runs as it is.")


def _users(shown: Rendering, settings: Settings, editing: Editing) -> None:
    preview = shown.preview
    if preview is None or not (preview.batch.keys or preview.skipped):
        return
    total, sent = len(shown.users), len(preview.batch.keys)
    per_user = preview.batch.items is None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="row_users"):
        with st.popover(f"{total} sample users", icon=":material/group:", type="tertiary"):
            st.dataframe(shown.users, hide_index=True, alt="The sample users with all their properties")
        st.button(
            "Regenerate", icon=":material/refresh:", type="tertiary", key=f"regenerate-{editing.draft.id}",
            on_click=_regenerate, args=(settings["seed"] + 1,),
        )  # fmt: skip
    if per_user:
        st.caption("One request per user; this is the first.")
    elif sent < total - len(preview.skipped):
        st.caption(f"{sent} in this request; the rest go out in further ones.")
    for skipped in preview.skipped:
        st.caption(f":material/person_off: {mono(skipped.key)} is skipped: {md(skipped.reason)}")


def _regenerate(seed: int) -> None:
    test_settings.update(seed=seed)


def _list_id(editing: Editing, settings: Settings, shown: Rendering) -> None:
    """The id that list creation gave, which the other endpoints' requests use."""
    if editing.integration.type != "list":
        return
    if settings["list_id"] is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="row_captured"):
            st.markdown(f"{mono('$list_id')} is {mono(str(settings['list_id']))}", width="content")
            st.button(
                "Clear list id", icon=":material/close:", type="tertiary", key=f"icon_clear_{editing.draft.id}",
                on_click=test_settings.update, kwargs={"list_id": None},
            )  # fmt: skip
    elif shown.needs_list and shown.preview is not None:
        st.caption(
            f"{mono('$list_id')} is not known yet, so {mono('LIST_ID')} stands for it. Send List creation first."
        )
