"""The test account that a partner gives the reviewer: a filled-in Connect form, and how to see the result."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.integration import CustomField, Integration
from core.request import Connection, ConnectionProblem, problems_of
from core.request.connection import field_value
from pages.parts.acting import org, person, store
from pages.parts.draft import Draft
from pages.parts.findings import refusal
from pages.parts.text import md

_MASK = "••••••••"
_ASKED = "Where to sign in, with which user and password, and where the users of a cohort show up."
_KEPT = "As in your last submission, unless you write something else."


def ask(draft: Draft) -> dict[str, Any]:
    """Draws the form's part; what is filled in now."""
    integration = draft.integration
    saved = _saved(draft, integration)
    st.markdown("**Test account for the reviewer**")
    st.caption(
        "The reviewer connects with these values and runs the same tests. They are kept encrypted; "
        "secrets are masked wherever they show."
    )
    fields: dict[str, Any] = {}
    complete = not problems_of(integration, saved)
    if integration.custom_fields:
        own = st.toggle(
            "Use the values from Configure",
            value=complete,
            key=f"account_saved-{draft.id}",
            help="What you filled in in the Connect form under Configure, to test with.",
        )
        fields = _as_saved(integration, saved) if own else _filled_in(draft, integration)
    access = st.text_area(
        "How the reviewer sees the result",
        key=f"account_access-{draft.id}",
        height=96,
        placeholder=_KEPT if store().access_was_told(person(), draft.id) else _ASKED,
        help="Only the review team can read it. Give an account made for this, not a person's own.",
    )
    return {"fields": fields, "mappings": dict(saved.mappings), "access": access.strip()}


def problems(integration: Integration, account: dict[str, Any]) -> tuple[ConnectionProblem, ...]:
    """What keeps the reviewer from connecting with it."""
    return problems_of(integration, Connection(fields=account["fields"], mappings=account["mappings"]))


def _saved(draft: Draft, integration: Integration) -> Connection:
    """The Connect form as it was filled in for testing, without fields that the integration no longer has."""
    settings = store().get_test_settings(org(), draft.id) or {}
    known = {field.variable for field in integration.custom_fields}
    mapped = {field.variable for field in integration.mapping_fields}
    return Connection(
        fields={name: value for name, value in (settings.get("fields") or {}).items() if name in known},
        mappings={name: value for name, value in (settings.get("mappings") or {}).items() if name in mapped},
    )


def _as_saved(integration: Integration, saved: Connection) -> dict[str, Any]:
    """Shows what is taken over; each field that is missing says so."""
    missing = {problem.variable: problem for problem in problems_of(integration, saved)}
    for field in integration.custom_fields:
        value = field_value(field, saved)
        if field.variable in missing:
            refusal(f"account_{field.variable}", f"{_name(field)}: {missing[field.variable].message}")
            continue
        shown = _MASK if field.secret and value else value or "not filled in"
        st.caption(f"{md(_name(field))}: {md(shown)}")
    return {field.variable: value for field in integration.custom_fields if (value := field_value(field, saved))}


def _filled_in(draft: Draft, integration: Integration) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in integration.custom_fields:
        if field.variable not in found:
            found[field.variable] = _input(draft, field)
    return {variable: value for variable, value in found.items() if value}


def _input(draft: Draft, field: CustomField) -> str | None:
    label = md(_name(field)) if field.required else f"{md(_name(field))} (optional)"
    key = f"account-{field.variable}-{draft.id}"
    if field.field_type == "string":
        if field.secret:
            return st.text_input(label, type="password", autocomplete="new-password", key=key)
        return st.text_input(label, value=field.default or "", key=key, autocomplete="off")
    titles = {option.value: option.label or option.value for option in field.options}
    index = list(titles).index(field.default) if field.default in titles else None
    return st.selectbox(label, list(titles), index=index, format_func=titles.__getitem__, key=key)


def _name(field: CustomField) -> str:
    return field.display_name or field.variable or "Field without a name"
