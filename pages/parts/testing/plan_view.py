"""The plan: what would be sent, before anything is."""

from __future__ import annotations

import streamlit as st

from core.integration import ENDPOINT_TITLES
from core.request import curl
from core.sync import PlannedCalls, SyncPlan
from pages.parts.pretty import pretty
from pages.parts.text import md


def size(count: int) -> str:
    """A number of bytes for people."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def duration(seconds: float) -> str:
    if seconds < 1:
        return "about a second"
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min"


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def show_sum(plans: list[tuple[str, SyncPlan]]) -> None:
    """Requests, bytes and time of all syncs together."""
    requests = sum(plan.requests for _, plan in plans)
    total = sum(plan.bytes for _, plan in plans)
    seconds = sum(plan.seconds for _, plan in plans)
    st.markdown(f"**{plural(requests, 'request')}, {size(total)}, {duration(seconds)}**")


def show_calls(plans: list[tuple[str, SyncPlan]]) -> None:
    """The calls of each sync with their first request, and who would be left out."""
    for name, plan in plans:
        if len(plans) > 1:
            st.caption(md(name))
        for number, call in enumerate(plan.calls):
            _show_call(call, f"{name}-{number}")
        if not plan.calls:
            st.caption("Nothing to send.")
        if plan.skipped_count:
            with st.expander(f"{plural(plan.skipped_count, 'user')} would be skipped"):
                rows = [{"User": one.key, "Operation": one.operation, "Reason": one.reason} for one in plan.skipped]
                st.dataframe(rows, hide_index=True, alt="Users who would be skipped")


def _show_call(call: PlannedCalls, key: str) -> None:
    what = ENDPOINT_TITLES[call.endpoint]
    if call.operation == "remove" and call.endpoint == "update_users":
        what += " (leavers)"
    users = f", {plural(call.members, 'user')}" if call.members else ""
    with st.expander(f"{what}: {plural(call.requests, 'request')}{users}", key=f"plan-{key}", on_change="rerun") as box:
        if not box.open:
            return
        request = call.first.masked
        st.caption("The first request, as it will be sent")
        st.code(f"{request.method} {request.url}", language=None, wrap_lines=True)
        st.code("\n".join(f"{name}: {value}" for name, value in request.headers), language=None, wrap_lines=True)
        if request.text is not None:
            st.code(pretty(request.text), language="json", height=240 if len(request.text) > 400 else "content")
            st.caption(f"{len(request.body or b''):,} bytes")
        command = curl(call.first.marked)
        if len(command.command) <= 20_000:
            st.code(command.command, language="bash", wrap_lines=True)
