"""What a change of the document changes for customers, and the change itself line by line."""

from __future__ import annotations

import difflib
import json
from typing import Any

import streamlit as st

from core.integration import Integration, dump_integration
from core.portal.review.changes import Change, customer_changes
from pages.parts.configure.spans import mono
from pages.parts.text import md

_SEVERITIES = {
    "breaking": ("Customers must act", "error", "red"),
    "notice": ("Customers will notice", "info", "orange"),
    "info": ("Nothing changes for customers", "check", "gray"),
}
_LENGTH = 160


def show(before: dict[str, Any], after: dict[str, Any], key: str) -> None:
    """Both documents' difference, first in the customers' words. `key` tells several of these on one page apart."""
    changes = customer_changes(before, after)
    lines = _unified(before, after)
    if not lines:
        st.caption("The two are the same.")
        return
    if not changes:
        st.markdown(":material/check_circle: Nothing that a customer would notice.")
    for severity, (title, icon, colour) in _SEVERITIES.items():
        of_kind = [change for change in changes if change.severity == severity]
        if of_kind:
            with st.container(key=f"effects-{severity}-{key}", gap="xsmall"):
                st.markdown(f":{colour}[:material/{icon}:] **{title}** ({len(of_kind)})")
                for change in of_kind:
                    _change(change)
    with st.expander("The documents line by line", type="compact", key=f"lines-{key}", on_change="rerun") as box:
        if box.open:
            st.code("\n".join(lines), language="diff", wrap_lines=True)


def sentence(before: dict[str, Any], after: dict[str, Any]) -> str:
    """The effect in a few words, for a line of its own."""
    changes = customer_changes(before, after)
    breaking = sum(change.severity == "breaking" for change in changes)
    noticed = sum(change.severity == "notice" for change in changes)
    if breaking:
        return "Customers must act on one change" if breaking == 1 else f"Customers must act on {breaking} changes"
    if noticed:
        return "Customers notice one change" if noticed == 1 else f"Customers notice {noticed} changes"
    return "Nothing changes for customers"


def _change(change: Change) -> None:
    st.markdown(f"**{md(change.title)}** {_values(change)}".rstrip())
    if change.meaning:
        st.caption(md(change.meaning))


def _values(change: Change) -> str:
    before, after = _short(change.before), _short(change.after)
    if before and after:
        return f"{mono(before)} → {mono(after)}"
    return mono(after or before) if before or after else ""


def _short(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 1]}…"


def _unified(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    old, new = (dump_integration(Integration.model_validate(one)).splitlines() for one in (before, after))
    return list(difflib.unified_diff(old, new, "before", "after", lineterm="", n=2))[2:]
