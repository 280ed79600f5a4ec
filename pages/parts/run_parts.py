"""What a run shows, whoever ran it: numbers, errors in the partner's words, every delivery with its attempts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.integration import ENDPOINT_TITLES
from core.portal import Run
from pages.parts.acting import org, store
from pages.parts.pretty import pretty
from pages.parts.testing.plan_view import plural
from pages.parts.text import md

Colour = Literal["gray", "blue", "green", "orange", "red"]
OUTCOMES: dict[str, tuple[str, Colour]] = {
    "running": ("Running", "blue"),
    "succeeded": ("Succeeded", "green"),
    "partly": ("Partly", "orange"),
    "failed": ("Failed", "red"),
    "stopped": ("Stopped", "red"),
}
_SHOWN = 500


def ago(at: datetime) -> str:
    """How long ago a moment was, in words."""
    seconds = max(0, int((datetime.now(UTC) - at).total_seconds()))
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    return f"{seconds // 3600} h ago" if seconds < 86_400 else at.strftime("%d %b %Y, %H:%M UTC")


def results_of(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """What each step of a run came to, of those that were begun."""
    return [step["result"] for step in summary.get("steps", []) if step.get("result")]


def show_numbers(summary: dict[str, Any]) -> None:
    """The sums over all steps of a run."""
    results = results_of(summary)
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


def show_errors(summary: dict[str, Any], said: str = "") -> None:
    """Each error once: which endpoint said it, to how many users it applies, and what to do. What was `said` of the
    whole run is not repeated.
    """
    for step in summary.get("steps", []):
        result = step.get("result")
        for error in (result or {}).get("errors", []):
            if error["reason"] == said:
                continue
            title = ENDPOINT_TITLES.get(error["endpoint"], "The run")
            status = f" {error['status']}" if error["status"] else ""
            count = f" · {plural(error['members'], 'user')}" if error["members"] else ""
            kind = "" if error["classified"] else " · not covered by an error rule"
            text = f"**{md(title)}{status}: {md(error['reason'])}**{count}{kind}  \n{md(error['message'])}"
            st.warning(text) if error["classified"] else st.error(text)


def show_deliveries(run: Run) -> None:
    """The deliveries of a run as a table; the chosen one in full."""
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
