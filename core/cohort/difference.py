"""What two snapshots of a cohort say: who joined, who left, who stayed, and whose properties changed.

One full join in the engine pairs the rows by key, by value and never by a hash alone; what it gives are row numbers.
From these come the members of each kind, in file order, as tables of their own. Repeated keys would multiply in a
join (1 % empty keys on both sides make 10 GB of a 41 MB file), so it ends at the number of rows that it can have when
no key is repeated; its counts prove whether any is (`_repeats_a_key`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple, TypeVar

import pandas as pd

from core.cohort.content import Source, named
from core.cohort.engine import Stored, shared
from core.cohort.members import Members
from core.cohort.snapshot import Snapshot, store_frame
from core.cohort.tables import read_stored
from core.cohort.tidy import ReadReport, Tidied, no_column
from core.errors import InputError

Membership = Snapshot | pd.DataFrame | Members | Source


class DiffCounts(NamedTuple):
    """Members of each kind; `changed` is None when no column was tracked."""

    added: int
    removed: int
    unchanged: int
    changed: int | None


@dataclass(frozen=True, eq=False)
class CohortDiff:
    """`added` and `changed` are members of the current snapshot, in its order; `removed` of the previous one, with
    the columns it had, in its order. `changed` is None unless columns were tracked.

    The reports say what was read; `previous_report` is None for a first sync.
    """

    added: Members
    removed: Members
    changed: Members | None
    counts: DiffCounts
    previous_report: ReadReport | None
    current_report: ReadReport
    _current: Stored = field(repr=False)
    _pairs: Stored | None = field(repr=False)

    @cached_property
    def unchanged(self) -> Members:
        """Members of the current snapshot whose key was in the previous one, without those in `changed`."""
        if self._pairs is None:
            return self._current.members.first(0)
        stayed = f"SELECT c0 FROM {self._pairs.table} WHERE c0 NOT NULL AND c1 NOT NULL AND NOT c2"
        return self._current.chosen(stayed).members


def diff(previous: Membership | None, current: Membership, key: str, *, track: Sequence[str] = ()) -> CohortDiff:
    """The exact difference of two snapshots, given as such, as frames or as files; previous None is a first sync.

    `track` names columns of the current snapshot: a member in both whose value differs in one of them is `changed`. A
    tracked column that the previous snapshot lacks counts as empty there. Raises InputError for a tracked column that
    the current one lacks, CohortFileError as `read_snapshot` does.
    """
    key = key.strip()
    wanted = () if previous is None else (key, *track)
    if previous is None:
        new, old = _tidied(current, key, wanted), None
    else:
        new, old = at_once(partial(_tidied, current, key, wanted), partial(_tidied, previous, key, wanted))
    missing = [column for column in track if column not in new.stored.columns]
    if missing:
        raise InputError(no_column(missing[0], list(new.stored.columns), "").what, remedy="Track other columns.")
    if old is None:
        return _first(new, track)
    pairs, joined, left = _compared(old, new, track)
    if _repeats_a_key(pairs, len(old) - len(left), len(new) - len(joined)) or _repeated(new, joined, old, left):
        old.drop_duplicates()
        new.drop_duplicates()
        pairs, joined, left = _compared(old, new, track)
    added, removed = joined.members, left.members
    changed = new.stored.chosen(f"SELECT c0 FROM {pairs.table} WHERE c2").members if track else None
    stayed = len(new) - len(added) - (len(changed) if changed is not None else 0)
    return CohortDiff(
        added=added,
        removed=removed,
        changed=changed,
        counts=DiffCounts(len(added), len(removed), stayed, None if changed is None else len(changed)),
        previous_report=old.report,
        current_report=new.report,
        _current=new.stored,
        _pairs=pairs,
    )


T = TypeVar("T")


def at_once(one: Callable[[], T], other: Callable[[], T]) -> tuple[T, T]:
    """What both give. The first one's fault is raised before the other's."""
    with ThreadPoolExecutor(1, thread_name_prefix="other-side") as pool:
        waiting = pool.submit(other)
        return one(), waiting.result()


def _first(new: Tidied, track: Sequence[str]) -> CohortDiff:
    new.drop_duplicates()
    members = new.stored.members
    nobody = members.first(0)
    return CohortDiff(
        added=members,
        removed=nobody,
        changed=nobody if track else None,
        counts=DiffCounts(len(members), 0, 0, 0 if track else None),
        previous_report=None,
        current_report=new.report,
        _current=new.stored,
        _pairs=None,
    )


def _tidied(membership: Membership, key: str, wanted: Sequence[str]) -> Tidied:
    if isinstance(membership, Snapshot):
        if membership.key == key:
            return Tidied.known(membership.stored, key, membership.report)
        return Tidied(membership.stored, key, "", own=False)
    if isinstance(membership, pd.DataFrame | Members):
        return Tidied(store_frame(membership, ""), key, "", own=isinstance(membership, pd.DataFrame))
    return Tidied(read_stored(membership, shared(), wanted=wanted), key, named(membership, ""))


def _compared(old: Tidied, new: Tidied, track: Sequence[str]) -> tuple[Stored, Stored, Stored]:
    """Row numbers, one row a key: c0 in `new`, c1 in `old` (NULL if not there), c2 whether a tracked value differs.

    And with them who joined and who left. Of more pairs than there can be when no key is repeated, the first ones.
    """
    differs = " OR ".join(f"{_then(old, column)} <> new.{new.stored.column(column)}" for column in track) or "false"
    source = f"""
        SELECT new.row AS c0, old.row AS c1, coalesce({differs}, false) AS c2
        FROM {old.stored.keys} AS old FULL JOIN {new.stored.keys} AS new ON old.{old.key} = new.{new.key}
        LIMIT {len(old) + len(new) + 1}
    """
    pairs = Stored(new.stored.engine, ("new", "old", "changed"), source)
    joined, left = at_once(
        partial(new.stored.chosen, f"SELECT c0 FROM {pairs.table} WHERE c1 IS NULL"),
        partial(old.stored.chosen, f"SELECT c1 FROM {pairs.table} WHERE c0 IS NULL"),
    )
    return pairs, joined, left


def _then(old: Tidied, column: str) -> str:
    return f"old.{old.stored.column(column)}" if column in old.stored.columns else "''"


def _repeats_a_key(pairs: Stored, old: int, new: int) -> bool:
    """Whether a key that both sides have stands in several rows of one; `old` and `new` rows have a partner.

    A key that is a times in the one and b times in the other makes a*b pairs. So there are as many pairs as rows with
    a partner, on this side and on that, just when a = b = 1 for each.
    """
    both = pairs.engine.run(f"SELECT count(*) FROM {pairs.table} WHERE c0 NOT NULL AND c1 NOT NULL")[0][0]
    return bool(both != new or both != old)


def _repeated(new: Tidied, joined: Stored, old: Tidied, left: Stored) -> bool:
    """Whether a key that only one side has stands in several rows of it."""
    return not all(at_once(partial(joined.tells_apart, new.key), partial(left.tells_apart, old.key)))
