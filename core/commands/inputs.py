"""What `render` and `sync` need for a run: the settings and the cohort files, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.cohort import Members, is_operations, read_columns, read_operations, read_snapshot
from core.errors import InputError
from core.integration import Integration
from core.request import Connection, RequestBuilder, key_column, with_constants, with_own_columns
from core.sync import Change, SyncState, change_since, load_state, mapping_of, remapped


@dataclass(frozen=True)
class Prepared:
    """All that a run needs. `current` is the snapshot, None for operations; `mapping` goes with it into a state."""

    builder: RequestBuilder
    change: Change
    list_id: str | int | None
    current: Members | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


def prepare(
    integration: Integration,
    settings: Connection,
    cohort: Path,
    previous: Path | None,
    state: Path | None = None,
    *,
    allow_removals: bool = False,
    create_again: bool = False,
) -> Prepared:
    """Reads the cohort files and tells what changed. Raises `InputError` for what cannot be used.

    `create_again` says that the list which an earlier run may have created is not there.
    """
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
    before = None if previous is None else read_snapshot(previous, key, name=str(previous), keys_first=True)
    stored = SyncState(list_id, None if before is None else before.members)
    mapping, changed = mapping_of(integration, settings, columns), ""
    if state is not None:
        stored = load_state(state, key, rekey=allow_removals)
        list_id = stored.list_id if stored.list_id is not None else list_id
        if list_id in (None, "") and integration.endpoints.create_list:
            if stored.creating and not create_again:
                raise _list_may_exist(state)
            stored = replace(stored, in_doubt=None)  # without a list there is nothing to remove them from
        changed = remapped(integration, stored.mapping, mapping)
        if changed and not allow_removals and stored.mapping is not None:
            mapping = dict(stored.mapping)  # until somebody says yes, the members are those of the old one
    current = read_snapshot(cohort, key, name=str(cohort), keys_first=stored.membership is not None)
    change = change_since(stored, current, key, remapped=changed)
    return Prepared(_builder(integration, settings, columns), change, list_id, current.members, mapping)


def _list_may_exist(state: Path) -> InputError:
    what = "The last run was about to create the list and did not record its id: the list may exist."
    remedy = (
        "Look at the destination: put its id into the settings as list_id, or use --create-again if it is not there."
    )
    return InputError(what, where=str(state), remedy=remedy)


def _builder(integration: Integration, settings: Connection, columns: tuple[str, ...]) -> RequestBuilder:
    """The builder with every endpoint compiled, so that a mistake shows before the first line of output."""
    builder = RequestBuilder(integration, settings, columns=columns)
    for name in builder.configured:
        builder.endpoint(name)
    return builder
