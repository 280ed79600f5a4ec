"""What changed: numbers, a picture, and who."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts.testing.loaded import Loaded

_SHOWN = 20
_COLOURS = {"Unchanged": "#8b95a5", "Added": "#1f9d61", "Removed": "#d9822b"}


def show_change(loaded: Loaded) -> None:
    """Joined, left and stayed as numbers and as two bars, with the first of them by key."""
    change = loaded.change
    added, removed = len(change.added), len(change.removed)
    with st.container(horizontal=True):
        st.metric("Added", f"+ {added:,}", width="stretch")
        st.metric("Removed", f"− {removed:,}", width="stretch")
        if change.in_snapshot:
            st.metric("Unchanged", f"{change.unchanged:,}", width="stretch")
    if change.in_snapshot:
        _picture(loaded, added, removed)
    if not added and not removed:
        st.info("Nothing changed, so nothing would be sent.")
    for title, members in (("Added", change.added), ("Removed", change.removed)):
        if len(members):
            with st.expander(f"{title}: the first {min(_SHOWN, len(members)):,} of {len(members):,}"):
                st.dataframe(members.head(_SHOWN), hide_index=True, alt=f"{title} users")


def _picture(loaded: Loaded, added: int, removed: int) -> None:
    stayed = loaded.change.unchanged
    bars = [
        ("Before", "Unchanged", stayed),
        ("Before", "Removed", removed),
        ("Now", "Unchanged", stayed),
        ("Now", "Added", added),
    ]
    frame = pd.DataFrame(bars, columns=["snapshot", "users", "count"])
    spec = {
        "mark": {"type": "bar", "cornerRadius": 2},
        "height": {"step": 26},
        "encoding": {
            "y": {"field": "snapshot", "type": "nominal", "sort": ["Before", "Now"], "title": ""},
            "x": {
                "field": "count",
                "type": "quantitative",
                "title": "",
                "axis": {"format": ",d", "tickCount": 4},
            },
            "color": {
                "field": "users",
                "type": "nominal",
                "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())},
                "legend": {"orient": "top", "title": "", "padding": 0, "offset": 6},
            },
            "order": {"field": "users", "sort": "descending"},
            "tooltip": [{"field": "users"}, {"field": "count", "format": ",d"}],
        },
    }
    before, now = stayed + removed, stayed + added
    st.vega_lite_chart(
        frame,
        spec,
        alt=f"Before: {before:,} members, {removed:,} of them removed. Now: {now:,} members, {added:,} of them added.",
    )
