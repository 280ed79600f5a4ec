"""What a run has to say when a state is known: the difference, and the members in doubt who are not wanted.

A member is in doubt who was sent to be added or removed and neither acknowledged nor refused: the destination may have
them. Those in the new snapshot are added like anybody who is not a member; the others are removed, after those who
left.
"""

from __future__ import annotations

import pandas as pd

from core.cohort import Members, Snapshot, diff, join_members
from core.sync.plan import Change
from core.sync.state import SyncState


def change_since(
    state: SyncState, current: Snapshot | Members | pd.DataFrame, key: str, *, remapped: str = ""
) -> Change:
    """The change from a state to the snapshot `current`; `remapped` goes with it."""
    found = diff(state.membership, current, key)
    left = _not_wanted(state, current, key)
    removed = found.removed
    if left is not None:
        removed = join_members(removed, left) if len(removed) else left
    in_doubt = 0 if left is None else len(left)
    return Change(found.added, removed, key, found.counts.unchanged, remapped=remapped, in_doubt=in_doubt)


def _not_wanted(state: SyncState, current: Snapshot | Members | pd.DataFrame, key: str) -> Members | None:
    """Those in doubt who are neither in the snapshot nor members, in the order of the state; None if there are none."""
    if state.in_doubt is None:
        return None
    left = diff(state.in_doubt, current, key).removed
    if state.membership is not None:
        left = diff(left, state.membership, key).removed
    return left if len(left) else None
