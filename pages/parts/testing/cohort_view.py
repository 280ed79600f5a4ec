"""What was read of each file, and which user property feeds which mapping field."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.cohort import ReadReport
from core.cohort.mapping_coverage import ColumnCoverage
from core.integration import Integration
from pages.parts.testing.plan_view import plural
from pages.parts.text import md

WANTED_SHARE = 0.95
_NONE = "Not mapped"


def choose_mappings(integration: Integration, columns: Sequence[str], stored: dict[str, str | None]) -> dict[str, str]:
    """A select for each mapping field, with the property that fits best chosen; the choice by variable."""
    chosen: dict[str, str] = {}
    for number, field in enumerate(integration.mapping_fields):
        if not field.variable:
            continue
        options = list(columns) if field.required else [_NONE, *columns]
        if not options:
            continue
        wanted = _best(field.variable, stored.get(field.variable), columns)
        if wanted is None:
            wanted = options[0]
        label = f"{md(field.display_name or field.variable)} → {md(field.target_name)}" if field.target_name else None
        column = st.selectbox(
            label or md(field.display_name or field.variable),
            options,
            index=options.index(wanted),
            key=f"map-{number}-{field.variable}-{'-'.join(columns)[:200]}",
            persist_state="session",
        )
        if column != _NONE:
            chosen[field.variable] = column
    return chosen


def _best(variable: str, stored: str | None, columns: Sequence[str]) -> str | None:
    """The stored choice, the column of the variable's own name, or one that is part of that name."""
    if stored in columns:
        return stored
    if variable in columns:
        return variable
    words = variable.lower().replace("_field_amplitude", "")
    return next((column for column in columns if column.lower() in words or words in column.lower()), None)


def show_reports(reports: dict[str, ReadReport]) -> None:
    """Rows = members + duplicates + empty keys, for each file; the dropped rows on demand."""
    for name, report in reports.items():
        dropped = report.duplicates + report.empty_keys
        told = f"{plural(report.members, 'member')}, nothing dropped"
        if dropped:
            told = " + ".join(
                (
                    plural(report.members, "member"),
                    plural(report.duplicates, "duplicate"),
                    f"{report.empty_keys:,} without a key",
                )
            )
        st.markdown(f"**{md(name)}** · {plural(report.rows, 'row')}  \n:small[= {told}]")
        if not dropped:
            continue
        with st.expander(f"{plural(dropped, 'row')} dropped"):
            rows = [{"Row": row.row, "Reason": row.reason, "Key": row.key} for row in report.dropped]
            st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"Rows dropped from {name}")
            if dropped > len(rows):
                st.caption(f"The first {len(rows):,} of {dropped:,}.")


def show_coverage(found: Sequence[ColumnCoverage]) -> None:
    """How many users have a value for each mapped property."""
    if not found:
        return
    frame = pd.DataFrame(
        {
            "Property": [one.column for one in found],
            "Filled": [one.share for one in found],
            "Well formed": [
                "" if one.well_formed is None else f"{one.well_formed:,} of {one.filled:,}" for one in found
            ],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        alt="How many users have a value for each mapped property",
        column_config={
            "Filled": st.column_config.ProgressColumn("Filled", format="percent", min_value=0, max_value=1),
        },
    )
    for one in found:
        if one.share < WANTED_SHARE:
            st.caption(
                f":material/warning: {one.total - one.filled:,} of {one.total:,} users have no {md(one.column)} "
                f"({one.share:.0%} filled). Below 95 % many cannot be reached."
            )
