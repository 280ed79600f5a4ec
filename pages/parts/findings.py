"""What the checks say of one place, on a line under the field that it is about."""

from __future__ import annotations

import streamlit as st

from core.integration import Report
from pages.parts.text import md

_STYLE = """
[class*="st-key-finding_"] { margin-top: -0.5rem; }
[class*="st-key-finding_"] p { font-size: 0.875rem; line-height: 1.4; }
[class*="st-key-finding_error_"] p { color: light-dark(#b3261e, #ff9d94); }
[class*="st-key-finding_warning_"] p { color: light-dark(#565d6b, #a9b1bd); }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def refusal(key: str, sentence: str) -> None:
    """Says under a field why what was handed in there cannot be used."""
    with st.container(key=f"finding_error_{key}"):
        st.markdown(f":material/error: {md(sentence)}")


def findings_at(report: Report, place: str, *, warnings: bool = False) -> None:
    """Lists the errors of a place in the document, and on demand the warnings too."""
    for number, finding in enumerate(report.at(place)):
        if finding.severity == "error" or warnings:
            icon = "error" if finding.severity == "error" else "lightbulb"
            with st.container(key=f"finding_{finding.severity}_{place.replace('.', '-')}_{number}"):
                st.markdown(f":material/{icon}: {md(f'{finding.message} {finding.remedy}')}")
