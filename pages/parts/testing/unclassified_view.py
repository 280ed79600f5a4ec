"""Answers of a test run that no error rule names, each with a rule to add in one click."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from core.integration import ENDPOINT_TITLES
from pages.parts.acting import org, store
from pages.parts.rule_button import is_there, rule_button
from pages.parts.text import md


def show_unclassified(integration_id: str, run_id: str, results: list[dict[str, Any]]) -> None:
    """The suggestions of all steps; one that is in the draft by now is shown as done."""
    found = _together(results)
    if not found:
        return
    document = store().get(org(), integration_id).document
    with st.container(border=True, key="unclassified", gap="xsmall"):
        st.markdown("**Answers that no error rule names** :gray[· the customer is told to contact support]")
        for number, one in enumerate(found):
            rule, name = one["rule"], one["endpoint"]
            title = ENDPOINT_TITLES[name]
            body = f" with {md(json.dumps(rule['body'], ensure_ascii=False))}" if "body" in rule else ""
            times = "once" if one["answers"] == 1 else f"{one['answers']:,} times"
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{title} answered **{rule['status']}**{body} {times}", width="content")
                if is_there(document, name, rule):
                    st.badge("Rule added", icon=":material/check:", color="green")
                else:
                    rule_button(name, [rule], f"Add rule to {title}", f"unclassified-{run_id}-{number}")


def _together(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The suggestions of several syncs as one list; those alike are added up. Runs of older versions have none."""
    sums: dict[str, dict[str, Any]] = {}
    for one in (one for result in results for one in result.get("unclassified", [])):
        key = json.dumps([one["endpoint"], one["rule"]], sort_keys=True)
        known = sums.setdefault(key, {**one, "answers": 0})
        known["answers"] += one["answers"]
    return list(sums.values())
