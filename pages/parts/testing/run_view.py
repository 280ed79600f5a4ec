"""A test run while it goes and after: progress, deliveries with their attempts, the outcome, the proof."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.integration import ENDPOINT_TITLES
from core.portal import Run
from pages.parts.acting import org, runner, store
from pages.parts.pretty import pretty
from pages.parts.testing.plan_view import plural
from pages.parts.testing.unclassified_view import show_unclassified
from pages.parts.text import md

_OUTCOMES = {
    "running": ("Running", "blue"),
    "succeeded": ("Succeeded", "green"),
    "partly": ("Partly", "orange"),
    "failed": ("Failed", "red"),
    "stopped": ("Stopped", "red"),
}
_SHOWN = 500


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
    st.markdown(f":{colour}-badge[{word}]{told} :small[:gray[{_ago(run.created_at)}]]")


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
        st.caption(f"{_target(summary)} · {_ago(run.created_at)}", width="content")
    if summary.get("fault"):
        st.error(md(summary["fault"]))
    _show_numbers(summary)
    _show_errors(summary)
    show_unclassified(integration_id, run.id, _results(summary))
    _show_proof(run, summary)
    _show_deliveries(run)


def _outcome(run: Run) -> tuple[str, Any]:
    """The state's word and colour; what was delivered whole and yet left another membership is not green."""
    proof = run.summary.get("proof")
    if run.state == "succeeded" and proof and not proof["equal"]:
        return "Delivered, but differs", "orange"
    return _OUTCOMES.get(run.state, (run.state, "gray"))


def _target(summary: dict[str, Any]) -> str:
    return "Sandbox" if summary.get("target") == "sandbox" else "Your endpoint"


def _ago(at: datetime) -> str:
    seconds = max(0, int((datetime.now(UTC) - at).total_seconds()))
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    return f"{seconds // 3600} h ago" if seconds < 86_400 else at.strftime("%d %b %Y, %H:%M UTC")


def _results(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return [step["result"] for step in summary.get("steps", []) if step.get("result")]


def _show_numbers(summary: dict[str, Any]) -> None:
    results = _results(summary)
    if not results:
        return
    with st.container(horizontal=True):
        for label, name in (
            ("Added", "added"),
            ("Removed", "removed"),
            ("Rejected", "rejected"),
            ("Skipped", "skipped"),
        ):
            st.metric(label, f"{sum(result[name] for result in results):,}", width="stretch")
        requests = sum(result["requests"] for result in results)
        retries = sum(result["retries"] for result in results)
        note = f"{plural(retries, 'retry') if retries == 1 else f'{retries:,} retries'}" if retries else None
        st.metric("Requests", f"{requests:,}", delta=note, delta_color="off", delta_arrow="off", width="stretch")


def _show_errors(summary: dict[str, Any]) -> None:
    for step in summary.get("steps", []):
        result = step.get("result")
        for error in (result or {}).get("errors", []):
            title = ENDPOINT_TITLES.get(error["endpoint"], "The run")
            status = f" {error['status']}" if error["status"] else ""
            count = f" · {plural(error['members'], 'user')}" if error["members"] else ""
            kind = "" if error["classified"] else " · not covered by an error rule"
            text = f"**{md(title)}{status}: {md(error['reason'])}**{count}{kind}  \n{md(error['message'])}"
            st.warning(text) if error["classified"] else st.error(text)


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
        results = _results(summary)
        added, removed = (sum(result[name] for result in results) for name in ("added", "removed"))
        st.success(
            f"The destination acknowledged {added:,} added and {removed:,} removed users.", icon=":material/verified:"
        )


def _show_deliveries(run: Run) -> None:
    events = [event.event for event in store().run_events(org(), run.id, limit=_SHOWN)]
    if not events:
        return
    rows = [
        {
            "Outcome": "✓" if event["verdict"]["action"] in ("accept", "ignore") else "✕",
            "Request": ENDPOINT_TITLES.get(event["endpoint"], event["endpoint"]),
            "Operation": event["operation"] if event["members"] else "",
            "Users": event["members"],
            "Status": _statuses(event),
            "Time": event["attempts"][-1]["elapsed_ms"],
            "Rejected": len(event["rejected"]),
            "Reason": event["verdict"]["reason"],
        }
        for event in events
    ]
    st.caption(
        f"{plural(len(events), 'delivery') if len(events) == 1 else f'{len(events):,} deliveries'}"
        f"{' in full' if len(events) < run.summary['sent_requests'] else ''}. Choose one to see it with its attempts."
    )
    chosen = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=min(38 + 35 * len(rows), 350),
        key=f"deliveries-{run.id}",
        on_select="rerun",
        selection_mode="single-row",
        alt="Deliveries of this run",
        column_config={
            "Outcome": st.column_config.TextColumn("Outcome", width=70, alignment="center"),
            "Time": st.column_config.NumberColumn("Time", format="%d ms", width=80),
            "Users": st.column_config.NumberColumn("Users", format="localized", width=80),
            "Rejected": st.column_config.NumberColumn("Rejected", format="localized", width=80),
            "Operation": st.column_config.TextColumn("Operation", width=90),
        },
    )
    selected = chosen["selection"]["rows"]
    if selected and selected[0] < len(events):
        show_delivery(events[selected[0]])


def _statuses(event: dict[str, Any]) -> str:
    return " → ".join(str(attempt["status"] or "no answer") for attempt in event["attempts"])


def show_delivery(event: dict[str, Any]) -> None:
    """One delivery: the request as sent with its secrets masked, and every attempt."""
    with st.container(border=True, key="delivery_detail"):
        request = event["request"]
        left, right = st.columns(2)
        with left:
            st.markdown("**Request**")
            st.code(f"{request['method']} {request['url']}", language=None, wrap_lines=True)
            st.code("\n".join(f"{name}: {value}" for name, value in request["headers"]), language=None, wrap_lines=True)
            if request["bytes"]:
                st.code(pretty(request["body"]), language="json", wrap_lines=True, height=260)
                st.caption(f"{request['bytes']:,} bytes")
        with right:
            st.markdown("**Answer**" if len(event["attempts"]) == 1 else f"**{len(event['attempts'])} attempts**")
            for attempt in event["attempts"]:
                waited = f"after {attempt['waited_ms'] / 1000:.1f} s · " if attempt["waited_ms"] else ""
                slow = " · slow" if attempt["elapsed_ms"] > 2000 else ""
                st.caption(f"{waited}{attempt['status'] or md(attempt['fault'])} · {attempt['elapsed_ms']:,} ms{slow}")
                if attempt["headers"]:
                    text = "\n".join(f"{name}: {value}" for name, value in attempt["headers"])
                    st.code(text, language=None, wrap_lines=True)
                if attempt["body"]:
                    st.code(pretty(attempt["body"]), language="json", wrap_lines=True)
            verdict = event["verdict"]
            if verdict["message"]:
                st.markdown(f"{md(verdict['reason'])}. {md(verdict['message'])}")
            if event["rejected"]:
                rows = [{"User": key, "Reason": reason} for key, reason in event["rejected"]]
                st.dataframe(rows, hide_index=True, alt="Users that the destination rejected")
