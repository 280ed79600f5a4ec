"""The project that a partner tests with: whose users fill the requests, and whose properties the mappings choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.portal.projects import ProjectProperties, project_properties
from pages.parts.acting import org, settings, store

_FRESH_SECONDS = 10


def chosen_project(test_settings: Mapping[str, Any]) -> ProjectProperties:
    """The one that the test settings name, else the first of the organisation."""
    return _project(org(), str(test_settings.get("project") or ""))


@st.cache_resource(ttl=_FRESH_SECONDS, max_entries=200, show_spinner=False)
def _project(org_id: str, project_id: str) -> ProjectProperties:
    return project_properties(store(), settings(), org_id, project_id)
