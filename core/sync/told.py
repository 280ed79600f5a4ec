"""What the journal of a run comes to (journal_file.py): whom it added, whom it removed, and who is left in doubt.

The lines are read one at a time and their keys go to the engine; only those of batches in flight are held here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.cohort import Members, join_members, next_membership, stored_tables, those_in
from core.cohort.engine import Stored, shared

_FACTS = pa.schema([("fact", pa.large_string()), ("key", pa.large_string())])
_LONGEST_LAST = 64 << 10
_OPEN = """
    WITH settled AS (SELECT c1, max(row) AS last FROM {told} WHERE c0 IN ('add', 'remove') GROUP BY c1)
    SELECT told.c1 AS c0 FROM {told} AS told LEFT JOIN settled ON settled.c1 = told.c1
    WHERE told.c0 IN ('sending', 'refused') AND (last IS NULL OR told.row > last)
    GROUP BY told.c1 HAVING sum(CASE told.c0 WHEN 'sending' THEN 1 ELSE -1 END) > 0 ORDER BY min(told.row)
"""


@dataclass(slots=True)
class Told:
    """`facts` has a row a member and fact, in the order of the lines: sending, refused, add or remove, and the key.

    After `new_list` those who were in doubt before are no more: they are not on the list that the run creates.
    """

    first: dict[str, Any]
    list_id: str | int | None = None
    creating: bool = False
    new_list: bool = False
    facts: Stored | None = None
    _sent: dict[int, list[str]] = field(default_factory=dict)

    @property
    def added(self) -> Members:
        return self._keys("SELECT c1 AS c0 FROM {told} WHERE c0 = 'add'")

    @property
    def removed(self) -> Members:
        return self._keys("SELECT c1 AS c0 FROM {told} WHERE c0 = 'remove'")

    @property
    def open(self) -> Members:
        """Whose sending nobody answered for: they were sent, since last acknowledged, more often than refused."""
        return self._keys(_OPEN)

    def in_doubt(
        self, before: Members | None, membership: Members | None, current: Members, key: str
    ) -> Members | None:
        """Who is in doubt after the run, each with the properties they were last sent with.

        `before` were in doubt when it began; `membership` were members then, so that its rows are those of leavers.
        """
        before = None if self.new_list else before
        sent = self.open
        if before is None and not len(sent):
            return None
        settled = self._keys("SELECT c1 AS c0 FROM {told} WHERE c0 IN ('add', 'remove')")
        found = next_membership(before, current, key, sent, settled)
        if membership is None or not len(sent):
            return found
        return join_members(found, those_in(membership, key, sent))

    def hear(self, line: dict[str, Any]) -> tuple[str, list[str]] | None:
        """Takes a line in; which fact it tells of which members, if it is about members."""
        if "complete" in line:
            return None
        if "creating" in line:
            self.creating = line["creating"]
            self.new_list = True
            return None
        if "sending" in line:
            if "batch" in line:
                self._sent[line["batch"]] = line["sending"]
            return "sending", line["sending"]
        if "refused" in line:
            return "refused", line["refused"] if "batch" not in line else self._sent[line["batch"]]
        self.list_id, self.creating = line["list_id"], False
        keys = line["keys"] if "batch" not in line else self._sent.pop(line["batch"])
        return ("remove" if line["operation"] == "remove" else "add"), keys

    def _keys(self, query: str) -> Members:
        assert self.facts is not None  # noqa: S101
        return Stored(self.facts.engine, ("key",), query.format(told=self.facts.view)).members


def read_journal(path: Path) -> Told | None:
    """What a journal tells; None if it died before its first line was written. Raises `OSError`."""
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        return None
    told = Told(first, first["list_id"])

    def tables() -> Iterator[pa.Table]:
        yield _FACTS.empty_table()
        for line in lines:
            heard = told.hear(line)
            if heard is not None and heard[1]:
                keys = pa.array(heard[1], pa.large_string())
                yield pa.table([pa.repeat(pa.scalar(heard[0], pa.large_string()), len(keys)), keys], schema=_FACTS)

    told.facts = stored_tables(tables(), shared())
    return told


def read_ends(path: Path) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The first and the last line of the journal of a run that left nothing to be done; None of any other."""
    with path.open("rb") as file:
        first = file.readline()
        file.seek(max(file.tell(), file.seek(0, os.SEEK_END) - _LONGEST_LAST))
        last = file.read().removesuffix(b"\n").rpartition(b"\n")[2]
    try:
        facts = json.loads(last)
        return (json.loads(first), facts) if isinstance(facts, dict) and facts.get("complete") is True else None
    except ValueError:
        return None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a journal; one that was being written when the run died is left out."""
    with path.open("rb") as file:
        for text in file:
            try:
                yield json.loads(text)
            except ValueError:
                return
