"""The organisation itself: name, id, plan."""

from __future__ import annotations

import streamlit as st

from pages.parts import acting
from pages.parts.text import md

_STYLE = """
.st-key-facts { gap: 0.75rem; padding: 1.25rem 1.5rem; }
"""


def show() -> None:
    st.html(f"<style>{_STYLE}</style>")
    organisation = acting.organisation()
    facts = (
        ("Name", md(organisation.name)),
        ("Organization ID", f"`{organisation.id}`"),
        ("Plan", organisation.plan.capitalize()),
    )
    with st.container(key="facts", border=True):
        for label, value in facts:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(label, width=140)
                st.markdown(value, width="content")
    st.caption("Name, id and plan come from the platform and cannot be changed here.")
