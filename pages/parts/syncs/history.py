"""The runs of a sync: over time, as a table, and the chosen one in full with its downloads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.portal.syncs.history import RunLine, left_out_csv, run_har
from pages.parts import moments
from pages.parts.acting import org, person, settings, store
from pages.parts.run_parts import show_deliveries, show_errors, show_numbers
from pages.parts.syncs.words import outcome_of
from pages.parts.text import md

_COLOURS = {"Added": "#1f9d61", "Removed": "#d9822b", "Rejected": "#c0392b"}
_CHARTED = 60
_FEW, _BAR = 15, 40
"""So few bars would fill the chart; they are this wide instead, in pixels."""


def show_history(sync_id: str, lines: Sequence[RunLine]) -> None:
    """The chart, the table, and what was chosen in it; the newest run while nothing is chosen."""
    if not lines:
        st.caption("No run yet. The first begins within seconds of the sync being made.")
        return
    ended = [line for line in lines if line.outcome != "running"]
    if len(ended) > 1 and any(line.added or line.removed or line.rejected for line in ended):
        _chart(ended[:_CHARTED])
    chosen = st.dataframe(
        _table(lines),
        hide_index=True,
        height=min(38 + 35 * len(lines), 318),
        key=f"runs-{sync_id}",
        on_select="rerun",
        selection_mode="single-row",
        alt="Runs of this sync",
        column_config={
            "Started": st.column_config.DatetimeColumn(
                "Started", format="D MMM YYYY, HH:mm", timezone=str(moments.reader_zone()), width=150
            ),
            "Took": st.column_config.NumberColumn("Took", format="%.1f s", width=80),
            **{
                name: st.column_config.NumberColumn(name, format="localized", width=85)
                for name in ("Added", "Removed", "Skipped", "Rejected", "Failed", "Requests", "Retries")
            },
        },
    )
    rows = chosen["selection"]["rows"]
    _run(lines[rows[0]] if rows and rows[0] < len(lines) else lines[0])


def _table(lines: Sequence[RunLine]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "Started": line.started_at,
            "Outcome": outcome_of(line)[0],
            "Added": line.added,
            "Removed": line.removed,
            "Skipped": line.skipped,
            "Rejected": line.rejected,
            "Failed": line.failed,
            "Requests": line.requests,
            "Retries": line.retries,
            "Took": line.seconds,
            "Snapshot": line.snapshot,
        }
        for line in lines
    ]
    return pd.DataFrame(rows)


def _chart(lines: Sequence[RunLine]) -> None:
    bars = [
        {"run": line.started_at.isoformat(), "users": kind, "count": getattr(line, kind.lower())}
        for line in lines
        for kind in _COLOURS
    ]
    spec = {
        "mark": {"type": "bar", "cornerRadius": 1, **({"size": _BAR} if len(lines) < _FEW else {})},
        "height": 140,
        "encoding": {
            "x": {
                "field": "run",
                "type": "ordinal",
                "timeUnit": "yearmonthdatehoursminutesseconds",
                "title": "",
                "axis": {"format": "%d %b %H:%M", "labelOverlap": True, "labelAngle": 0},
            },
            "y": {"field": "count", "type": "quantitative", "title": "Users", "axis": {"format": ",d", "tickCount": 4}},
            "color": {
                "field": "users",
                "type": "nominal",
                "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())},
                "legend": {"orient": "top", "title": "", "padding": 0, "offset": 6},
            },
            "tooltip": [
                {"field": "run", "type": "temporal", "format": "%d %b %Y, %H:%M", "title": "run"},
                {"field": "users"},
                {"field": "count", "format": ",d"},
            ],
        },
    }
    st.vega_lite_chart(
        pd.DataFrame(bars),
        spec,
        alt=f"Users added, removed and rejected by each of {len(lines)} runs. The newest added {lines[0].added:,} and "
        f"removed {lines[0].removed:,}.",
    )


def _run(line: RunLine) -> None:
    began = line.started_at.astimezone(moments.reader_zone())
    with st.container(border=True, key="run_detail"):
        word, colour = outcome_of(line)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"Run of {began.day} {began:%b}, {began:%H:%M}", anchor=False, width="content")
            st.badge(word, color=colour)
            moments.show(line.started_at)
            told = f"release {line.release}" if line.release is not None else ""
            asked = "asked for" if line.asked_for else "by schedule"
            st.caption(" · ".join(filter(None, (asked, told))), width="content")
            st.space("stretch")
            _downloads(line)
        if line.fault:
            say = st.warning if colour == "orange" else st.error
            say(md(f"{line.fault} {line.remedy}".strip()))
        run = store().get_run(org(), line.run_id)
        show_numbers(run.summary)
        show_errors(run.summary, said=line.fault)
        if line.outcome == "succeeded" and not (line.requests or line.skipped):
            st.caption("Nothing had changed, so nothing was sent.")
        show_deliveries(run)


def _downloads(line: RunLine) -> None:
    if line.outcome == "running":
        return
    day = f"{line.started_at:%Y-%m-%d-%H%M}"
    left_out = left_out_csv(store(), settings(), person(), line.run_id)
    if left_out is not None:
        st.download_button(
            "Left out (CSV)", left_out, f"left-out-{day}.csv", "text/csv", icon=":material/download:",
            on_click="ignore", help="Who was skipped, rejected or not delivered, and why.",
        )  # fmt: skip
    if line.requests:
        st.download_button(
            "Evidence (HAR)", json.dumps(run_har(store(), person(), line.run_id)), f"run-{day}.har",
            "application/json", icon=":material/download:", on_click="ignore",
            help="Every request and answer that is kept, secrets masked.",
        )  # fmt: skip
