"""What each error answer of an endpoint means, and what the customer is told."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import streamlit as st

from core.integration import ENDPOINT_TITLES, EndpointName, ErrorRule, endpoints_of
from pages.parts.configure import fields, starting_points
from pages.parts.configure.editing import Editing
from pages.parts.draft import change, rewrite
from pages.parts.findings import findings_at, refusal
from pages.parts.text import md

ACTIONS = {
    "fail": "Fail the batch",
    "retry": "Try again",
    "rate_limited": "Slow down",
    "ignore": "Treat as success",
    "stop": "Stop the sync",
}
_BODY_REFUSED = 'Not saved: write a JSON object that the answer must contain, such as {"error_code": 1000}.'


def show(editing: Editing, name: EndpointName) -> None:
    rules = getattr(editing.integration.endpoints, name).errors
    place = f"endpoints.{name}.errors"
    shown = st.expander("Error rules", type="compact", key=f"rules_{name}", on_change="rerun")
    if not shown.open:
        _summary(editing, place, rules)
        return
    with shown:
        st.caption("The most specific rule wins. An error that no rule names tells the customer to contact support.")
        for position, rule in enumerate(rules):
            _row(editing, place, position, rule)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            fields.add_button(editing, place, "Add rule", {"status": 400})
            _suggested(editing, name, {str(rule.status) for rule in rules})
            _copied(editing, name)


def _summary(editing: Editing, place: str, rules: list[ErrorRule]) -> None:
    """What is folded away; the label stays the same, because a fold with another label would close itself."""
    wrong = sum(finding.severity == "error" for finding in editing.report.at(place))
    if wrong:
        refusal(editing.draft.key(f"folded.{place}"), f"{wrong} to fix in the error rules.")
    elif rules:
        st.caption("For " + ", ".join(md(str(rule.status)) for rule in rules))


def _row(editing: Editing, place: str, position: int, rule: ErrorRule) -> None:
    at = f"{place}.{position}"
    with st.container(key=editing.draft.key(f"rule.{at}"), gap="xsmall"):
        label = fields.label_of(position)
        with st.container(
            horizontal=True, vertical_alignment="bottom", gap="xsmall", key=editing.draft.key(f"row.{at}")
        ):
            st.text_input(
                "Status", str(rule.status), label_visibility=label, width=76, placeholder="4xx",
                **fields.commit(editing, f"{at}.status", as_status),
            )  # fmt: skip
            fields.text(editing, f"{at}.reason", "Failure reason", label_visibility=label, placeholder="Bad request")
            fields.choice(editing, f"{at}.action", "Then", ACTIONS, label_visibility=label, width=150)
            refused = _body(editing, at, rule, label)
            fields.remove_button(editing, place, position, f"rule {rule.status}")
        fields.text(
            editing, f"{at}.message", f"Message of rule {rule.status}", label_visibility="collapsed",
            placeholder="What the customer should do", icon=":material/chat_bubble:",
        )  # fmt: skip
        if refused:
            refusal(editing.draft.key(f"{at}.body.refused"), _BODY_REFUSED)
        findings_at(editing.report, at, warnings=True)


def _body(editing: Editing, at: str, rule: ErrorRule, label: Any) -> bool:
    """The sub error code; whether what stands there was refused."""
    key = editing.draft.key(f"{at}.body")
    saved = "" if rule.body is None else json.dumps(rule.body, ensure_ascii=False)
    shown = st.text_input(
        "Sub error code", saved, label_visibility=label, placeholder='{"error_code": 1000}', key=key,
        on_change=_commit_body, args=(f"{at}.body", key),
    )  # fmt: skip
    return not _readable(shown)


def _commit_body(place: str, key: str) -> None:
    written = st.session_state[key]
    if _readable(written):
        change(place, json.loads(written) if written.strip() else None)


def _readable(written: str) -> bool:
    if not written.strip():
        return True
    try:
        return isinstance(json.loads(written), dict)
    except (ValueError, RecursionError):
        return False


def as_status(written: str) -> int | str:
    """`400` as a number, `4xx` and whatever else as text."""
    text = written.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else text.lower()


def _suggested(editing: Editing, name: EndpointName, present: set[str]) -> None:
    missing = [rule for rule in starting_points.SUGGESTED_RULES if str(rule["status"]) not in present]
    if missing:
        statuses = ", ".join(str(rule["status"]) for rule in missing)
        edit = partial(starting_points.add_rules, rules=missing, name=name)
        st.button(
            f"Add suggested: {statuses}", type="tertiary", icon=":material/playlist_add:",
            key=editing.draft.key(f"suggest.{name}"), on_click=rewrite, args=(edit,),
        )  # fmt: skip


def _copied(editing: Editing, name: EndpointName) -> None:
    for source, endpoint in endpoints_of(editing.integration).items():
        if source != name and endpoint.errors:
            edit = partial(starting_points.copy_rules, source=source, name=name)
            st.button(
                f"Copy from {ENDPOINT_TITLES[source]}", type="tertiary", icon=":material/content_copy:",
                key=editing.draft.key(f"copy_rules.{source}.{name}"), on_click=rewrite, args=(edit,),
            )  # fmt: skip
