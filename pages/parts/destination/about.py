"""What a customer should know of a destination before connecting: what it is, what it asks for, where data goes."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from core.integration import Integration, endpoints_of
from core.portal.customers.destinations import Destination
from pages.parts import tile
from pages.parts.acting import can, org
from pages.parts.destination.look import MARKS, mark_of
from pages.parts.text import md

_STYLE = """
.st-key-details h1 { font-weight: 600; }
.st-key-needs h2 { font-size: 1.125rem; padding: 0; }
.st-key-needs li { overflow-wrap: anywhere; }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def show(destination: Destination) -> None:
    integration = destination.integration
    _mark(destination)
    tile.details(
        integration.display_name,
        integration.category,
        integration.summary,
        integration.description,
        mark_of(destination),
        whole_page=True,
    )
    with st.container(key="needs", border=True):
        st.header("What it needs", anchor=False)
        st.markdown("\n".join(_needs(integration)) or "Nothing but your cohort.")
        st.header("What happens", anchor=False)
        st.markdown("\n".join(_happens(integration)))


def _mark(destination: Destination) -> None:
    if destination.mark is None:
        return
    word, colour, meaning = MARKS[destination.mark]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="release_mark"):
        st.badge(word, color=colour)
        st.caption(meaning, width="content")
        if destination.mark == "internal" and destination.owner_org == org() and can("build"):
            st.page_link("configure.py", label="Open the integration", query_params={"id": destination.id})


def _needs(integration: Integration) -> list[str]:
    lines = []
    for field in integration.custom_fields:
        optional = "" if field.required else " (optional)"
        help_ = f": {md(field.help)}" if field.help else ""
        lines.append(f"- **{md(field.display_name or field.variable)}**{optional}{help_}")
    for mapping in integration.mapping_fields:
        optional = "" if mapping.required else " (optional)"
        target = md(mapping.target_name or mapping.display_name or mapping.variable)
        lines.append(f"- A user property for **{target}**{optional}")
    return lines


def _happens(integration: Integration) -> list[str]:
    if integration.type == "property":
        lines = ["- Whoever is in the cohort is marked as such; whoever leaves it is unmarked."]
    elif integration.endpoints.create_list is not None:
        lines = ["- The first sync makes a list named after the cohort and adds everybody in it."]
    else:
        lines = ["- The first sync adds everybody in the cohort to your list."]
    lines.append("- Later syncs send only who joined and who left.")
    hosts = _hosts(integration)
    if hosts:
        lines.append(f"- Data goes to {', '.join(hosts)}.")
    return lines


def _hosts(integration: Integration) -> list[str]:
    """The hosts that requests go to, as code; one that a field decides is told by its field."""
    found: dict[str, None] = {}
    for endpoint in endpoints_of(integration).values():
        host = urlsplit(endpoint.url).netloc.rpartition("@")[2]
        if "$" in host:
            found["a host that your settings choose"] = None
        elif host:
            found[f"**{md(host)}**"] = None
    return list(found)
