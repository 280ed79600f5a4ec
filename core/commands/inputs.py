"""What `render` and `sync` need for a run: the settings and the cohort files, put together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.cohort import diff, is_operations, read_columns, read_operations, read_snapshot
from core.errors import InputError
from core.integration import Integration
from core.request import Connection, RequestBuilder, key_column, with_constants, with_own_columns
from core.sync import Change, load_state


@dataclass(frozen=True)
class Prepared:
    """All that a run needs. `current` is the snapshot, None for operations."""

    builder: RequestBuilder
    change: Change
    list_id: str | int | None
    current: pd.DataFrame | None = None


def prepare(
    integration: Integration, settings: Connection, cohort: Path, previous: Path | None, state: Path | None = None
) -> Prepared:
    """Reads the cohort files and tells what changed. Raises `InputError` for what cannot be used."""
    columns = read_columns(cohort, name=str(cohort))
    list_id = settings.list_id
    operations_file = is_operations(columns)
    if operations_file:
        settings = with_own_columns(integration, settings, columns)
    key = key_column(integration, settings, columns)
    if operations_file:
        if previous is not None or state is not None:
            remedy = "Leave --previous and --state away."
            raise InputError("is an operations file, which says itself what changed.", where=str(cohort), remedy=remedy)
        operations = read_operations(cohort, key, name=str(cohort))
        settings = with_constants(integration, settings, operations.constants)
        change = Change(operations.added, operations.removed, key, in_snapshot=False)
        return Prepared(_builder(integration, settings, columns), change, list_id)
    before = None if previous is None else read_snapshot(previous, key, name=str(previous))
    membership = None if before is None else before.frame
    if state is not None:
        stored = load_state(state, key)
        membership, list_id = stored.membership, stored.list_id if stored.list_id is not None else list_id
    current = read_snapshot(cohort, key, name=str(cohort))
    found = diff(membership, current, key)
    change = Change(found.added, found.removed, key, found.counts.unchanged)
    return Prepared(_builder(integration, settings, columns), change, list_id, current.frame)


def _builder(integration: Integration, settings: Connection, columns: tuple[str, ...]) -> RequestBuilder:
    """The builder with every endpoint compiled, so that a mistake shows before the first line of output."""
    builder = RequestBuilder(integration, settings, columns=columns)
    for name in builder.configured:
        builder.endpoint(name)
    return builder
