"""The button that adds suggested error rules to an endpoint of the open draft."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.integration import EndpointName
from pages.parts.configure import starting_points
from pages.parts.draft import Document, rewrite


def rule_button(name: EndpointName, rules: list[dict[str, Any]], label: str, key: str) -> None:
    """Adds the rules in one click, but for those whose status and body another one has."""
    edit = partial(starting_points.add_rules, rules=rules, name=name)
    st.button(label, type="tertiary", icon=":material/add:", key=key, on_click=rewrite, args=(edit,))


def is_there(document: Document, name: EndpointName, rule: dict[str, Any]) -> bool:
    """Whether an endpoint of the document has a rule for these answers, or is gone."""
    endpoint = document.get("endpoints", {}).get(name)
    return endpoint is None or any(
        starting_points.matched(one) == starting_points.matched(rule) for one in endpoint.get("errors", [])
    )
