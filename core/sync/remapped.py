"""Whether members were sent with another mapping than the present one: then their removal would name them wrongly."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.integration import Integration
from core.request import Connection
from core.request.connection import mapped_column


def mapping_of(integration: Integration, connection: Connection, columns: Collection[str]) -> dict[str, str]:
    """The column that feeds each mapping variable; a variable that none feeds is left out."""
    found = {field.variable: mapped_column(field, connection, columns) for field in integration.mapping_fields}
    return {variable: column for variable, column in found.items() if column is not None}


def remapped(integration: Integration, before: Mapping[str, str] | None, now: Mapping[str, str]) -> str:
    """What changed between two mappings, in a sentence; empty if nothing did.

    A variable that one of them lacks has not changed: nothing wrong is sent for it.
    """
    titles = {field.variable: field.display_name or field.variable for field in integration.mapping_fields}
    changes = [
        f'{titles.get(variable, variable)} was fed by "{column}", now it is by "{now[variable]}"'
        for variable, column in (before or {}).items()
        if now.get(variable, column) != column
    ]
    return f"The mapping changed: {'; '.join(changes)}." if changes else ""
