"""What a run has to say when a state is known: the difference, and the members in doubt who are not wanted.

A member is in doubt who was sent to be added and neither acknowledged nor refused: the destination may have them. Those
in the new snapshot are added like anybody who is not a member; the others are removed, after those who left.
"""

from __future__ import annotations

import pandas as pd

from core.cohort import Snapshot, diff
from core.sync.plan import Change
from core.sync.state import SyncState


def change_since(state: SyncState, current: Snapshot | pd.DataFrame, key: str, *, remapped: str = "") -> Change:
    """The change from a state to the snapshot `current`; `remapped` goes with it."""
    found = diff(state.membership, current, key)
    left = _not_wanted(state, current.frame if isinstance(current, Snapshot) else current, key)
    removed = found.removed
    if left is not None:
        removed = pd.concat([removed, left], ignore_index=True).fillna("") if len(removed) else left
    in_doubt = 0 if left is None else len(left)
    return Change(found.added, removed, key, found.counts.unchanged, remapped=remapped, in_doubt=in_doubt)


def _not_wanted(state: SyncState, current: pd.DataFrame, key: str) -> pd.DataFrame | None:
    """Those in doubt who are neither in the snapshot nor members, in the order of the state; None if there are none."""
    if state.in_doubt is None:
        return None
    wanted = state.in_doubt[key].isin(current[key])
    if state.membership is not None:
        wanted |= state.in_doubt[key].isin(state.membership[key])
    left = state.in_doubt[~wanted].reset_index(drop=True)
    return left if len(left) else None
