"""How the requests authenticate: the method, its templates, and the custom fields that come and go with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from core.integration import AUTH_FIELDS, BasicAuth, BearerAuth, HeaderAuth, Integration, NoAuth, track
from pages.parts.configure import fields
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section
from pages.parts.configure.spans import mono
from pages.parts.draft import Document, rewrite
from pages.parts.findings import findings_at

METHODS = {"none": "None", "basic": "Basic", "header": "Header", "bearer": "Bearer"}
_MODELS: dict[str, Callable[[], NoAuth | BasicAuth | HeaderAuth | BearerAuth]] = {
    "none": NoAuth,
    "basic": lambda: BasicAuth(method="basic"),
    "header": lambda: HeaderAuth(method="header"),
    "bearer": lambda: BearerAuth(method="bearer"),
}


def show(editing: Editing) -> None:
    with section("auth", "Authentication", "For all API calls; an endpoint can have its own."):
        method_and_templates(editing, "auth")


def method_and_templates(editing: Editing, place: str) -> None:
    """The method and its templates at a place: `auth`, or `endpoints.add_users.auth`."""
    auth = editing.value(place)
    key = editing.draft.key(f"{place}.method")
    st.segmented_control(
        "Method",
        list(METHODS),
        default=auth["method"],
        required=True,
        format_func=METHODS.__getitem__,
        key=key,
        label_visibility="collapsed",
        on_change=_choose,
        args=(place, key),
    )
    st.caption(_sent(auth))
    if auth["method"] == "none":
        return
    with st.container(horizontal=True, key=editing.draft.key(f"row.{place}")):
        if auth["method"] == "header":
            fields.text(editing, f"{place}.name", "Header name")
            fields.text(editing, f"{place}.value", "Value", placeholder="$api_key")
        elif auth["method"] == "bearer":
            fields.text(editing, f"{place}.token", "Token")
        else:
            fields.text(editing, f"{place}.username", "User name")
            fields.text(editing, f"{place}.password", "Password", help="May be empty.")
    findings_at(editing.report, place, warnings=True)


def _sent(auth: dict[str, Any]) -> str:
    """One line that says what goes out."""
    match auth["method"]:
        case "basic":
            pair = mono(f"{auth['username']}:{auth['password']}")
            return f"Sends {mono('Authorization: Basic')} with the Base64 of {pair}"
        case "header":
            return f"Sends {mono(auth['name'] + ': ' + auth['value'])}"
        case "bearer":
            return f"Sends {mono('Authorization: Bearer ' + auth['token'])}"
        case _:
            return "Sends no credentials. Put them in additional headers or in the payload if the API wants them there."


def _choose(place: str, key: str) -> None:
    rewrite(partial(choose, place=place, method=st.session_state[key] or "none"))


def choose(document: Document, *, place: str, method: str) -> None:
    """Sets the method at a place, adds the fields it needs, and drops those that only the old method needed."""
    *path, last = place.split(".")
    target = document
    for step in path:
        target = target[step]
    old = (target.get(last) or {"method": "none"})["method"]
    target[last] = _MODELS[method]().model_dump(mode="json")
    _drop_untouched(document, old, method)
    add_fields(document, method)


def add_fields(document: Document, method: str) -> None:
    """Declares the custom fields of a method unless a field of the name is there, before the others."""
    declared = {field["variable"] for field in document.get("custom_fields", [])}
    new = [field.model_dump(mode="json") for field in AUTH_FIELDS[method] if field.variable not in declared]
    document["custom_fields"] = [*new, *document.get("custom_fields", [])]


def _drop_untouched(document: Document, old: str, new: str) -> None:
    integration = Integration.model_validate(document)
    used = {row.name for row in track(integration) if row.used}
    goes = [field for field in AUTH_FIELDS[old] if field not in AUTH_FIELDS[new] and field.variable not in used]
    document["custom_fields"] = [
        field.model_dump(mode="json") for field in integration.custom_fields if field not in goes
    ]
