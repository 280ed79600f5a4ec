"""The membership after a run: who was a member before or joined and has not left, each with the latest properties."""

from __future__ import annotations

from core.cohort.engine import Stored, shared
from core.cohort.members import Members
from core.cohort.snapshot import store_frame


def next_membership(previous: Members | None, current: Members, key: str, added: Members, removed: Members) -> Members:
    """The members before who were not removed, then those added. `added` and `removed` have one column, of keys.

    Whoever stands in the snapshot `current` has the properties they have there; columns that it lacks are empty.
    Members come in their order before, those with the latest properties after the others.
    """
    new = store_frame(current, "")
    joined, left = store_frame(added, ""), store_frame(removed, "")
    rows = f"SELECT {{columns}}, {{part}} AS part, row FROM {new.view} AS side WHERE {_in(new, key, joined.table)}"
    if previous is None or not len(previous):
        part = rows.format(columns=_columns(new, new.columns), part=0)
        return Stored(shared(), new.columns, f"SELECT * EXCLUDE (part, row) FROM ({part}) ORDER BY row").members
    old = store_frame(previous, "")
    columns = (*old.columns, *(column for column in new.columns if column not in old.columns))
    told = f"(SELECT c0 FROM {joined.table} UNION ALL SELECT c0 FROM {left.table})"
    parts = [
        f"""SELECT {_columns(old, columns)}, 0 AS part, row FROM {old.view} AS side
            WHERE NOT {_in(old, key, left.table)} AND NOT {_in(old, key, new.table, new.column(key))}""",
        f"""SELECT {_columns(new, columns)}, 1 AS part, row FROM {new.view} AS side
            WHERE {_in(new, key, old.table, old.column(key))} AND NOT {_in(new, key, told)}""",
        rows.format(columns=_columns(new, columns), part=2),
    ]
    source = f"SELECT * EXCLUDE (part, row) FROM ({' UNION ALL '.join(parts)}) ORDER BY part, row"
    return Stored(shared(), columns, source).members


def _in(side: Stored, key: str, others: str, column: str = "c0") -> str:
    return f"EXISTS (SELECT 1 FROM {others} AS other WHERE other.{column} = side.{side.column(key)})"


def _columns(side: Stored, columns: tuple[str, ...]) -> str:
    """The columns as c0, c1 ..., those that this side lacks empty."""
    picked = (side.column(name) if name in side.columns else "''" for name in columns)
    return ", ".join(f"{column} AS c{at}" for at, column in enumerate(picked))


def those_in(members: Members, key: str, keys: Members) -> Members:
    """The members whose key is among `keys` (one column), in their order."""
    side, wanted = store_frame(members, ""), store_frame(keys, "")
    rows = f"SELECT {_columns(side, side.columns)}, row FROM {side.view} AS side WHERE {_in(side, key, wanted.table)}"
    return Stored(shared(), side.columns, f"SELECT * EXCLUDE (row) FROM ({rows}) ORDER BY row").members


def join_members(first: Members, second: Members) -> Members:
    """The ones and then the others, with the columns of both; what one side lacks is empty."""
    sides = [store_frame(first, ""), store_frame(second, "")]
    columns = (*first.columns, *(column for column in second.columns if column not in first.columns))
    parts = (
        f"SELECT {_columns(side, columns)}, {part} AS part, row FROM {side.view}" for part, side in enumerate(sides)
    )
    source = f"SELECT * EXCLUDE (part, row) FROM ({' UNION ALL '.join(parts)}) ORDER BY part, row"
    return Stored(shared(), columns, source).members
