"""The errors of a sync's runs, newest first, each with what the partner says that a customer can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.integration import ENDPOINT_TITLES
from core.portal.syncs.history import RunLine
from pages.parts import moments
from pages.parts.text import md


def show_errors_of(sync_id: str, lines: Sequence[RunLine]) -> None:
    """A table of when which error came; the chosen one with its advice."""
    found = [(line, error) for line in lines for error in _errors(line)]
    if not found:
        st.caption("No run that is kept had an error.")
        return
    rows = [
        {
            "Run": line.started_at,
            "Error": error["reason"],
            "Call": ENDPOINT_TITLES.get(error["endpoint"], "The run"),
            "Status": str(error["status"] or ""),
            "Users": error["members"],
            "Kind": _kind(line, error),
        }
        for line, error in found
    ]
    chosen = st.dataframe(
        rows,
        hide_index=True,
        height=min(38 + 35 * len(rows), 353),
        key=f"errors-{sync_id}",
        on_select="rerun",
        selection_mode="single-row",
        alt="Errors of this sync's runs",
        column_config={
            "Run": st.column_config.DatetimeColumn(
                "Run", format="D MMM YYYY, HH:mm", timezone=str(moments.reader_zone()), width=150
            ),
            "Users": st.column_config.NumberColumn("Users", format="localized", width=80),
            "Status": st.column_config.TextColumn("Status", width=70),
        },
    )
    selected = chosen["selection"]["rows"]
    _, error = found[selected[0] if selected and selected[0] < len(found) else 0]
    with st.container(border=True, key="error_detail"):
        st.subheader(md(error["reason"]) or "An error", anchor=False)
        if not error["classified"]:
            st.badge("Unclassified", color="gray", help="The partner's integration has no rule for this answer.")
        st.markdown(f"**What to do:** {md(error['message']) or 'Contact support.'}")


def _kind(line: RunLine, error: dict[str, Any]) -> str:
    """Whose words these are."""
    if error["reason"] == line.fault and error["status"] is None:
        return "From the portal"
    return "Named by the partner" if error["classified"] else "Unclassified"


def _errors(line: RunLine) -> list[dict[str, Any]]:
    """The errors of a run; one that could not be carried out at all has its fault for one."""
    if line.errors or not line.fault:
        return list(line.errors)
    fault = {"endpoint": "", "status": None, "members": 0, "classified": True, "message": line.remedy}
    return [{**fault, "reason": line.fault}]
