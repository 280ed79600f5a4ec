"""Help: what one needs, how it goes, a guide for each step, and questions; one topic at a time."""

from __future__ import annotations

import streamlit as st

from pages.parts import guide

_STYLE = """
.st-key-help_topics { gap: 0.25rem; }
.st-key-help_topics [data-testid="stPageLink"], .st-key-help_topics a { width: 100%; }
.st-key-help_topics a { padding: 0.25rem 0.75rem; border-radius: 0.5rem; background: none; }
.st-key-help_topics a:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
.st-key-help_topics a p { font-weight: 400; }
.st-key-help_topics [class*="_current"] a { background: light-dark(#e7f0fb, #1b2a41); }
.st-key-help_topics [class*="_current"] a p { font-weight: 600; }
.st-key-help_text { max-width: 46rem; }
.st-key-help_text h1 { font-size: 1.75rem; padding-top: 0; }
.st-key-help_text h2 { font-size: 1.25rem; }
@media (max-width: 640px) {
    .st-key-help_topics { flex-direction: row; flex-wrap: wrap; }
    .st-key-help_topics > * { width: auto; }
}
"""

st.html(f"<style>{_STYLE}</style>")
chosen = guide.topic(st.query_params.get("topic", ""))
topics, text = st.columns([1, 4], gap="large")
with topics, st.container(key="help_topics"):
    for name, title in guide.TOPICS.items():
        with st.container(key=f"topic_{name}_current" if name == chosen else f"topic_{name}"):
            st.page_link("help.py", label=title, query_params={"topic": name})
with text, st.container(key="help_text"):
    st.markdown(guide.text(chosen), anchors=False)
