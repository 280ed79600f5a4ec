"""The first panel of a test: the files, the mappings, and what was read."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.cohort.mapping_coverage import ColumnCoverage
from core.errors import PortalError
from core.integration import Integration
from core.request import Connection, key_column, with_constants, with_own_columns
from pages.parts.testing import source
from pages.parts.testing.cohort_view import choose_mappings, show_reports
from pages.parts.testing.loaded import Loaded, coverage_of, load, shared_columns
from pages.parts.text import md

Chosen = tuple[Loaded, Connection, tuple[ColumnCoverage, ...], source.Source]


def choose_cohort(integration: Integration, connect: Callable[[], Connection]) -> Chosen | None:
    """Draws the choice; None while something is missing. `connect` gives the filled-in form; it may raise
    `PortalError`, which is shown.
    """
    chosen = source.choose(integration)
    if chosen is None:
        return None
    if not integration.mapping_fields:
        st.info("There is no mapping field yet. Add one under Configure: it says which property identifies a user.")
        return None
    try:
        columns = shared_columns(chosen)
        connection = connect()
        if chosen.kind == "operations":
            connection = with_own_columns(integration, connection, columns)
        mappings = choose_mappings(integration, columns, connection.mappings)
        connection = connection.model_copy(update={"mappings": mappings})
        loaded = load(chosen, key_column(integration, connection, columns))
    except PortalError as error:
        st.error(md(str(error)))
        return None
    if chosen.kind == "operations":
        connection = with_constants(integration, connection, loaded.constants)
    show_reports(dict(loaded.reports))
    return loaded, connection, coverage_of(loaded, tuple(dict.fromkeys(mappings.values()))), chosen
