"""The style of the Test page: panel titles and figures of a size that lets three panels stand side by side."""

from __future__ import annotations

import streamlit as st

_PANELS = ":is(.st-key-test_cohort, .st-key-test_change, .st-key-test_run, .st-key-test_outcome)"
_CSS = f"""
{_PANELS} :is(h2, h3) {{ font-size: 1.0625rem; padding: 0 0 0.375rem; line-height: 1.5; }}
{_PANELS} [data-testid="stMetricValue"] {{ font-size: 1.5rem; line-height: 1.3; }}
{_PANELS} [data-testid="stMetricLabel"] {{ font-size: 0.8125rem; }}
{_PANELS} [data-testid="stExpander"] summary {{ min-height: 2.25rem; padding-block: 0.25rem; }}
"""


def apply() -> None:
    """Puts the style on the page, once a run."""
    st.html(f"<style>{_CSS}</style>")
