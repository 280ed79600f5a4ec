"""The proof that a release was tested, as it was frozen with it: each endpoint's state, the runs, the requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.integration import ENDPOINT_TITLES
from pages.parts import badges, moments
from pages.parts.run_parts import OUTCOMES, show_delivery
from pages.parts.testing.plan_view import plural

TESTED: dict[str, tuple[str, badges.Colour]] = {
    "tested": ("Tested at its own address", "green"),
    "sandbox": ("Tested in the sandbox only", "orange"),
    "never": ("Not tested", "red"),
}
_TARGETS = {"own": "own endpoint", "sandbox": "sandbox"}


def show(evidence: Mapping[str, Any], key: str) -> None:
    """`evidence` is `Evidence.as_dict()`; `key` tells several of these on one page apart."""
    if not evidence.get("endpoints"):
        st.caption("Nothing was recorded with this release.")
        return
    for name, found in evidence["endpoints"].items():
        word, colour = TESTED.get(found["state"], ("Unknown", "gray"))
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"tested_{name}_{key}"):
            st.markdown(f"**{ENDPOINT_TITLES.get(name, name)}**", width="content")
            st.badge(word, color=colour)
            runs = len(found.get("runs", ()))
            if runs:
                st.caption(f"in {plural(runs, 'run')}", width="content")
    _runs(evidence.get("runs", ()), key)
    _samples(evidence.get("samples", ()), key)


def _runs(runs: Any, key: str) -> None:
    if not runs:
        st.caption("No test run was made with this configuration.")
        return
    st.markdown(f"**{plural(len(runs), 'test run')}**")
    for number, run in enumerate(runs):
        word, colour = OUTCOMES.get(run["state"], (run["state"], "gray"))
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"run_{number}_{key}"):
            st.badge(word, color=colour)
            where = _TARGETS.get(run["target"], "")
            counts = f"{plural(run['requests'], 'request')}, {plural(run['members'], 'user')}"
            st.caption(" · ".join(part for part in (where, counts, _proof(run)) if part), width="content")
            if run.get("started"):
                moments.show(datetime.fromtimestamp(run["started"], UTC))


def _proof(run: Mapping[str, Any]) -> str:
    proof = run.get("proof")
    if not proof:
        return ""
    same = "as the snapshot" if proof["equal"] else f"not the snapshot's {proof['expected']:,}"
    return f"the destination held {proof['holds']:,} users, {same}"


def _samples(samples: Any, key: str) -> None:
    """Requests and answers, secrets masked when they were kept; the chosen one in full."""
    if not samples:
        return
    st.markdown("**Requests and answers**")
    rows = [
        {
            "Outcome": "✓" if event["verdict"]["action"] in ("accept", "ignore") else "✕",
            "Request": ENDPOINT_TITLES.get(event["endpoint"], event["endpoint"]),
            "To": _TARGETS.get(event.get("target", ""), ""),
            "Users": event["members"],
            "Status": " → ".join(str(attempt["status"] or "no answer") for attempt in event["attempts"]),
            "Reason": event["verdict"]["reason"],
        }
        for event in samples
    ]
    st.caption("Choose one to see it in full. Secrets are masked.")
    chosen = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=min(38 + 35 * len(rows), 350),
        key=f"samples_{key}",
        on_select="rerun",
        selection_mode="single-row",
        alt="Requests of the test runs",
        column_config={
            "Outcome": st.column_config.TextColumn("Outcome", width=70, alignment="center"),
            "Users": st.column_config.NumberColumn("Users", format="localized", width=80),
        },
    )
    selected = chosen["selection"]["rows"]
    if selected and selected[0] < len(samples):
        show_delivery(samples[selected[0]])
