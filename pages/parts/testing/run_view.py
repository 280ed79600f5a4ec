"""A test run while it goes and after: progress, deliveries with their attempts, the outcome, the proof."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.portal import Run
from pages.parts.acting import org, runner, store
from pages.parts.run_parts import OUTCOMES, ago, results_of, show_deliveries, show_errors, show_numbers
from pages.parts.testing.unclassified_view import show_unclassified
from pages.parts.text import md


def show_progress(integration_id: str) -> None:
    """In a few lines how the latest run stands; redrawn twice a second while it goes."""
    run = store().latest_run(org(), integration_id)
    if run is None:
        return
    running = run.state == "running"

    @st.fragment(run_every="500ms" if running else None)
    def live() -> None:
        latest = store().get_run(org(), run.id)
        _brief(latest)
        if running and latest.state != "running":
            st.rerun()

    live()


def _brief(run: Run) -> None:
    summary = run.summary
    if run.state == "running":
        steps, sent = summary["steps"], summary.get("sent_members", 0)
        total = max(1, summary.get("members", 0))
        name = steps[min(summary["step"], len(steps) - 1)]["name"]
        st.progress(min(1.0, sent / total), text=f"{md(name)} · {sent:,} of {summary.get('members', 0):,} users")
        if runner().is_running(run.id):
            st.button("Stop", key="stop_run", icon=":material/stop_circle:", on_click=runner().stop, args=(run.id,))
        return
    word, colour = _outcome(run)
    proof = summary.get("proof")
    told = ""
    if proof:
        sign = "=" if proof["equal"] else "≠"
        told = f" Destination holds **{proof['holds']:,} {sign} {proof['expected']:,}** in the snapshot."
    st.markdown(f":{colour}-badge[{word}]{told} :small[:gray[{ago(run.created_at)}]]")


def show_run(integration_id: str) -> None:
    """The latest test run of an integration in full; redrawn every second while it goes."""
    run = store().latest_run(org(), integration_id)
    if run is None:
        return

    @st.fragment(run_every="1s" if run.state == "running" else None)
    def live() -> None:
        with st.container(border=True, key="test_outcome"):
            _show(integration_id, store().get_run(org(), run.id))

    live()


def _show(integration_id: str, run: Run) -> None:
    summary = run.summary
    word, colour = _outcome(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Last run", anchor=False, width="content")
        st.badge(word, color=colour)
        st.caption(f"{_target(summary)} · {ago(run.created_at)}", width="content")
    if summary.get("fault"):
        st.error(md(summary["fault"]))
    show_numbers(summary)
    show_errors(summary)
    show_unclassified(integration_id, run.id, results_of(summary))
    _show_proof(run, summary)
    show_deliveries(run)


def _outcome(run: Run) -> tuple[str, Any]:
    """The state's word and colour; what was delivered whole and yet left another membership is not green."""
    proof = run.summary.get("proof")
    if run.state == "succeeded" and proof and not proof["equal"]:
        return "Delivered, but differs", "orange"
    return OUTCOMES.get(run.state, (run.state, "gray"))


def _target(summary: dict[str, Any]) -> str:
    return "Sandbox" if summary.get("target") == "sandbox" else "Your endpoint"


def _show_proof(run: Run, summary: dict[str, Any]) -> None:
    proof = summary.get("proof")
    if proof:
        text = f"The destination holds **{proof['holds']:,}** users; the snapshot has **{proof['expected']:,}**."
        if proof["equal"]:
            st.success(f"{text} They are the same.", icon=":material/verified:")
        else:
            parts = [
                f"{title}: {', '.join(md(key) for key in proof[name])}"
                for title, name in (("Missing", "missing"), ("Not in the snapshot", "extra"))
                if proof[name]
            ]
            st.error(f"{text} They differ.  \n" + "  \n".join(parts))
    elif run.state == "succeeded":
        results = results_of(summary)
        added, removed = (sum(result[name] for result in results) for name in ("added", "removed"))
        st.success(
            f"The destination acknowledged {added:,} added and {removed:,} removed users.", icon=":material/verified:"
        )
