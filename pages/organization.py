"""Organization settings: who one is, projects, people, and the way into the Developer Portal."""

from __future__ import annotations

import streamlit as st

from pages.parts import acting
from pages.parts.organization import general, people, portal, projects, requests

_OWN = {
    "organization": ("Organization", general.show),
    "projects": ("Projects", projects.show),
    "people": ("People", people.show),
    "developer-portal": ("Developer Portal", portal.show),
}
_REVIEWER = {"organizations": ("Organizations", requests.show), "people": ("People", people.show)}
_STYLE = """
.st-key-settings_menu { gap: 0.25rem; }
.st-key-settings_menu [data-testid="stPageLink"], .st-key-settings_menu a { width: 100%; }
.st-key-settings_menu a { padding: 0.25rem 0.75rem; border-radius: 0.5rem; background: none; }
.st-key-settings_menu a:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
.st-key-settings_menu a p { font-weight: 400; }
.st-key-settings_menu [class*="_current"] a { background: light-dark(#e7f0fb, #1b2a41); }
.st-key-settings_menu [class*="_current"] a p { font-weight: 600; }
.st-key-settings_section { max-width: 52rem; }
.st-key-settings_section h1 { font-size: 1.75rem; padding: 0 0 0.625rem; }
.st-key-settings_section h2 { font-size: 1.125rem; padding: 0 0 0.5rem; }
@media (max-width: 640px) {
    .st-key-settings_menu { flex-direction: row; flex-wrap: wrap; }
    .st-key-settings_menu > * { width: auto; }
}
"""

st.html(f"<style>{_STYLE}</style>")
reviewer = acting.can("grant_access")
sections = _REVIEWER if reviewer else _OWN
first = "developer-portal" if acting.can("request_access") and not acting.can("build") else next(iter(sections))
chosen = st.query_params.get("section", first)
if chosen not in sections:
    chosen = first
menu, section = st.columns([1, 4], gap="large")
with menu, st.container(key="settings_menu"):
    for name, (title, _) in sections.items():
        with st.container(key=f"section_{name}_current" if name == chosen else f"section_{name}"):
            st.page_link("organization.py", label=title, query_params={"section": name})
with section, st.container(key="settings_section"):
    title, show = sections[chosen]
    st.title(title, anchor=False)
    show()
