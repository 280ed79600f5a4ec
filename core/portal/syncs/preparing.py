"""From a snapshot and what a sync remembers to what it has to say: the difference, and the builder of its requests.

A sync remembers in a folder of its own, below the data folder that all servers share.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.cohort import Snapshot, is_operations, read_columns, read_snapshot
from core.errors import CohortFileError, DocumentError, InputError
from core.integration import Integration
from core.portal.syncs.gathering import Gathered
from core.portal.syncs.syncs import Wish
from core.request import RequestBuilder, key_column, problems_of
from core.settings import Settings
from core.sync import Change, SyncState, change_since, load_state, mapping_of, remapped
from core.sync.state import STATE

FOLDER = "syncs"
"""Where syncs remember, within the data folder: a folder a sync."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that a run sends, and the state it begins with. `mapping` is remembered with the members."""

    builder: RequestBuilder
    change: Change
    state: SyncState
    list_id: str | int | None
    current: Snapshot
    mapping: Mapping[str, str]


def state_folder(settings: Settings, sync_id: str) -> Path:
    """What the sync with this id, which must be one of the store's, remembers."""
    return settings.data_dir / FOLDER / sync_id


def prepare(gathered: Gathered, integration: Integration, snapshot: Path, folder: Path, wish: Wish | None) -> Prepared:
    """Reads the snapshot and the folder, which the caller has locked. `integration` is as requests are to be sent.

    Raises InputError, in words for the customer, for what cannot be used; nothing was sent then.
    """
    wish = wish or Wish("")
    name, connection = gathered.snapshot.name, gathered.connection
    columns = read_columns(snapshot, name=name)
    if is_operations(columns):
        what = f"{name} says who was added and removed, not who is in the cohort."
        raise InputError(what, remedy="Give the cohort a snapshot: a file with a row for each member.")
    problems = problems_of(integration, connection, columns)
    if problems:
        raise InputError(" ".join(map(str, problems)), remedy="Edit the connection, then sync again.")
    key = key_column(integration, connection, columns)
    builder = RequestBuilder(integration, connection, columns=columns)
    state = _remembered(folder, key, rekey=wish.allow_removals)
    list_id = next((known for known in (state.list_id, wish.list_id, connection.list_id) if known is not None), None)
    mapping = mapping_of(integration, connection, columns)
    if list_id in (None, "") and "create_list" in builder.configured:
        if state.creating and not wish.create_again:
            raise _list_may_exist()
        state = replace(state, in_doubt=None)  # without a list there is nothing to remove them from
    changed = remapped(integration, state.mapping, mapping)
    if changed and not wish.allow_removals and state.mapping is not None:
        mapping = dict(state.mapping)  # until somebody says yes, the members are those of the old one
    current = read_snapshot(snapshot, key, name=name, keys_first=state.membership is not None)
    change = change_since(state, current, key, remapped=changed)
    return Prepared(builder, change, state, list_id, current, mapping)


def list_in_doubt(settings: Settings, sync_id: str) -> bool:
    """Whether a list may have been created at the destination whose id nobody heard."""
    try:
        known = json.loads((state_folder(settings, sync_id) / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(known.get("creating")) and known.get("list_id") in (None, "")


def refuse_lost_state(folder: Path) -> None:
    """For a sync that ran before: without its folder it would send everybody once more, to a second list.

    Raises InputError.
    """
    if not folder.is_dir():
        what = "What this sync remembers of its destination is not in the data folder of this server."
        remedy = "Ask whoever operates the portal to bring it back; or delete this sync and make a new one."
        raise InputError(what, remedy=remedy)


def _remembered(folder: Path, key: str, *, rekey: bool) -> SyncState:
    try:
        return load_state(folder, key, rekey=rekey)
    except (DocumentError, CohortFileError) as error:  # their place is a path of the server
        remedy = "If only the column's name is new, allow the removals; otherwise delete this sync and make a new one."
        raise InputError(f"What this sync remembers {error.what}", remedy=remedy) from error


def _list_may_exist() -> InputError:
    what = "The last run was about to create the list at the destination and did not hear of its id: it may exist."
    remedy = "Look there: give the id of the list to the next run, or let it create the list again."
    return InputError(what, remedy=remedy)
