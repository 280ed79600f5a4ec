"""The words for where a cohort comes from, and what of it is the same on every part of the page."""

from __future__ import annotations

import streamlit as st

from core.portal.cohorts import Cohort, CohortSnapshot
from core.portal.cohorts.errands import Errands
from core.sync import NetworkPolicy
from pages.parts.acting import settings

SOURCES = {"upload": "Uploaded files", "folder": "Watched folder", "platform": "Amplitude"}
ICONS = {
    "upload": ":material/upload_file:",
    "folder": ":material/folder_open:",
    "platform": ":material/cloud_download:",
}
COHORT = "cohort"
"""The query parameter that says which cohort is open."""


def source_of(cohort: Cohort) -> str:
    """`Watched folder 378831/nightly`, and so on; not yet safe for Markdown."""
    if cohort.kind == "folder":
        return f"{SOURCES['folder']} {cohort.project_id}/{cohort.source['folder']}"
    return SOURCES[cohort.kind]


def rows_of(snapshot: CohortSnapshot) -> str:
    return "1 row" if snapshot.rows == 1 else f"{snapshot.rows:,} rows"


def size_of(snapshot: CohortSnapshot) -> str:
    """`812 bytes`, `14 KB`, `1.2 MB`."""
    if snapshot.bytes < 1000:
        return f"{snapshot.bytes} bytes"
    step = min((len(str(snapshot.bytes)) - 1) // 3, 3)
    size = snapshot.bytes / 1000**step
    return f"{size:,.{1 if size < 10 else 0}f} {('', 'KB', 'MB', 'GB')[step]}"


def policy() -> NetworkPolicy:
    """Where the platform's API may be, as the operator allows."""
    return NetworkPolicy(settings().private_hosts_allowed(st.get_option("server.address") or "0.0.0.0"))  # noqa: S104


@st.cache_resource
def errands() -> Errands:
    """The fetches of this process."""
    return Errands()
