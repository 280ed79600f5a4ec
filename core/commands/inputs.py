"""What several commands read: the integration, the settings, the cohort files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.cohort import diff, is_operations, read_columns, read_operations, read_snapshot
from core.errors import InputError
from core.integration import Integration, load_integration
from core.integration.document import parse_json_object, validate
from core.request import Connection, RequestBuilder, key_column, with_constants, with_environment, with_own_columns
from core.sync import Change, load_state


def read_bytes(path: Path) -> bytes:
    """A file's content. Raises `InputError` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}.", where=str(path)) from None


def read_integration(path: Path) -> Integration:
    return load_integration(read_bytes(path), name=str(path))


def read_settings(path: Path | None) -> Connection:
    """A settings file with its `env:NAME` values looked up; without a file an empty form."""
    if path is None:
        return Connection()
    connection = validate(Connection, parse_json_object(read_bytes(path), what=str(path)), what=str(path))
    return with_environment(connection, os.environ)


@dataclass(frozen=True)
class Prepared:
    """All that a run needs. `membership` is the base of the difference, None for a first sync or for operations."""

    builder: RequestBuilder
    change: Change
    list_id: str | int | None
    state: Path | None = None


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
        return Prepared(RequestBuilder(integration, settings, columns=columns), change, list_id)
    before = None if previous is None else read_snapshot(previous, key, name=str(previous))
    membership = None if before is None else before.frame
    if state is not None:
        stored = load_state(state, key)
        membership, list_id = stored.membership, stored.list_id if stored.list_id is not None else list_id
    current = read_snapshot(cohort, key, name=str(cohort))
    found = diff(membership, current, key)
    change = Change(found.added, found.removed, key, len(found.unchanged))
    return Prepared(RequestBuilder(integration, settings, columns=columns), change, list_id, state)
