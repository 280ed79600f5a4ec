"""The proof at the end of a test run: what a sandbox holds against what the snapshot says.

What a snapshot says is told by a second, fresh sandbox that receives all of it in one first sync, so that filters,
skipped members and the shape of items count the same on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.destination.direct import DirectTransport
from core.destination.rebase import sandboxed
from core.destination.sandbox import Sandbox
from core.integration import Integration
from core.request import Connection, RequestBuilder
from core.sync import Change, RetrySchedule, run_sync


@dataclass(frozen=True, slots=True)
class Proof:
    """Numbers of members, and by name those that are on one side only."""

    holds: int
    expected: int
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        return not self.missing and not self.extra


def prove(
    sandbox: Sandbox, list_id: str | int | None, integration: Integration, connection: Connection, members: Change
) -> Proof:
    """Compares a sandbox with a snapshot. `members` has the whole snapshot as added."""
    fresh = Sandbox(integration, connection)
    builder = RequestBuilder(
        sandboxed(integration, "http://sandbox.test"), connection, columns=list(members.added.columns)
    )
    known = None if "create_list" in builder.configured else list_id
    run_sync(builder, members, list_id=known, schedule=RetrySchedule(()), transport=DirectTransport(fresh))
    expected, held = _members(fresh, None), _members(sandbox, list_id)
    return Proof(len(held), len(expected), tuple(sorted(expected - held)), tuple(sorted(held - expected)))


def _members(sandbox: Sandbox, list_id: str | int | None) -> frozenset[str]:
    """The members of a list; without a list id, of all that the sandbox has."""
    if list_id is not None:
        return sandbox.held(list_id)
    return frozenset().union(*(sandbox.held(held.id) for held in sandbox.lists))
