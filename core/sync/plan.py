"""The plan of a run: what would be sent, before anything is. A pure value of the difference and the integration."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import pandas as pd

from core.cohort import Members
from core.errors import DocumentError
from core.integration import EndpointName, add_endpoint, remove_endpoint
from core.request import LIST_ID_PLACEHOLDER, BatchValues, RenderedRequest, RequestBuilder
from core.sync.batches import Batch, Skipped, batches

GUARD_MEMBERS = 100
GUARD_SHARE = 0.5
ASSUMED_ANSWER_SECONDS = 0.3
SKIPPED_SHOWN = 100
WITHHELD_SHOWN = 20


@dataclass(frozen=True, eq=False)
class Change:
    """What a run has to say: the members who joined and who left, and how many stayed. Frames are taken as members.

    `key` is the column that identifies a member. `in_snapshot` is False for operations, which tell no membership.
    `remapped` says in a sentence that members were sent with another mapping than the present one; empty if not.
    `in_doubt`: so many at the end of `removed` never were members, but may be at the destination.
    """

    added: Members
    removed: Members
    key: str
    unchanged: int = 0
    in_snapshot: bool = True
    remapped: str = ""
    in_doubt: int = 0

    def __post_init__(self) -> None:
        for side in ("added", "removed"):
            given = getattr(self, side)
            if isinstance(given, pd.DataFrame):
                object.__setattr__(self, side, Members.of(given))


@dataclass(frozen=True, slots=True)
class Withheld:
    """Removals that wait for an explicit yes, and why. `sample` holds the keys of the first twenty."""

    members: int
    reason: str
    sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedCalls:
    """All calls to one endpoint for one operation. `bytes` counts bodies; `first` is the first request in full."""

    endpoint: EndpointName
    operation: str
    requests: int
    members: int
    bytes: int
    first: RenderedRequest


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """Calls in the order in which they go out. `seconds` is a rough estimate; `skipped` holds the first hundred."""

    calls: tuple[PlannedCalls, ...]
    skipped: tuple[Skipped, ...]
    skipped_count: int
    withheld: Withheld | None
    seconds: float

    @property
    def requests(self) -> int:
        return sum(call.requests for call in self.calls)

    @property
    def bytes(self) -> int:
        return sum(call.bytes for call in self.calls)

    @property
    def members(self) -> int:
        return sum(call.members for call in self.calls)


def guard(change: Change) -> Withheld | None:
    """Removals are withheld beyond both 100 members and half of the membership, when the snapshot is empty, and when
    the mapping is another than the one that the members were sent with. Those in doubt do not count, but wait as well.
    """
    gone, leaving = len(change.removed), len(change.removed) - change.in_doubt
    if not change.in_snapshot or gone == 0:
        return None
    if leaving and change.unchanged == 0 and len(change.added) == 0:
        reason = f"The new snapshot is empty; all {leaving:,} members would be removed."
    elif change.remapped:
        reason = f"{change.remapped} {_would_go(gone, change.unchanged)}"
    elif leaving > GUARD_MEMBERS and leaving > GUARD_SHARE * (leaving + change.unchanged):
        reason = _would_go(leaving, change.unchanged)
    else:
        return None
    return Withheld(gone, reason, tuple(change.removed.head(WITHHELD_SHOWN)[change.key].tolist()))


def _would_go(leaving: int, unchanged: int) -> str:
    share = leaving / (leaving + unchanged)
    return f"{leaving:,} of {leaving + unchanged:,} members ({share:.0%}) would be removed."


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a run: the calls of one endpoint for one operation."""

    endpoint: EndpointName
    operation: str
    batches: Iterator[Batch | Skipped]


def known_list_id(builder: RequestBuilder, list_id: str | int | None) -> str | int | None:
    """The list id handed in, else the connection's; an empty text is none."""
    return next((known for known in (list_id, builder.connection.list_id) if known not in (None, "")), None)


def creates_list(builder: RequestBuilder, list_id: str | int | None) -> bool:
    """Whether a run begins with creating the list: there is such a call, and no list yet.

    Raises `DocumentError` when the other endpoints need a list id and nothing gives one.
    """
    if known_list_id(builder, list_id) is not None:
        return False
    if "create_list" in builder.configured:
        return True
    own = any(field.variable == "list_id" for field in builder.integration.custom_fields)
    for name in builder.configured:
        if not own and any(use.name == "list_id" for use in builder.endpoint(name).references):
            remedy = "Give it in the settings, or configure list creation."
            raise DocumentError("$list_id is used, but no list id is known.", where=name, remedy=remedy)
    return False


def first_batch(builder: RequestBuilder, change: Change, values: BatchValues) -> tuple[list[Batch | Skipped], Change]:
    """The list creation call, and what is left of the change after it.

    For an API that wants the first users with the list, the first batch goes with it. Without users it is not called;
    nobody is removed either then, because there is no list.
    """
    compiled = builder.endpoint("create_list")
    if not compiled.sends_items:
        return [Batch("create_list", "add", "0", ())], change
    taken: list[Batch | Skipped] = []
    keys: set[str] = set()
    for found in batches(builder, "create_list", "add", change.added, change.key, values):
        keys.update(found.keys if isinstance(found, Batch) else (found.key,))
        taken.append(found)
        if isinstance(found, Batch):
            break
    else:
        gone = change.removed.frame()[change.key].tolist()
        taken += [Skipped(key, "remove", "no list was created that the user could be removed from") for key in gone]
        return taken, replace(change, added=change.added.first(0), removed=change.removed.first(0))
    return taken, replace(change, added=change.added.without(change.key, keys))


def stages(builder: RequestBuilder, change: Change, values: BatchValues, *, removals: bool) -> Iterator[Stage]:
    """Additions, then removals; a stage without members is left out."""
    if len(change.added):
        name = add_endpoint(builder.integration)
        yield Stage(name, "add", batches(builder, name, "add", change.added, change.key, values))
    if removals and len(change.removed):
        name = remove_endpoint(builder.integration)
        yield Stage(name, "remove", batches(builder, name, "remove", change.removed, change.key, values))


def plan(
    builder: RequestBuilder,
    change: Change,
    *,
    list_id: str | int | None = None,
    allow_removals: bool = False,
    computed_time: int | None = None,
) -> SyncPlan:
    """Renders every request of a run and sends none. Raises `DocumentError` and `ValueFault` as the builder does."""
    builder_values = values_of(builder, list_id, computed_time)
    withheld = None if allow_removals else guard(change)
    calls: list[PlannedCalls] = []
    skipped: list[Skipped] = []
    count = 0
    if creates_list(builder, list_id):
        created, change = first_batch(builder, change, builder_values)
        count += _measure(builder, Stage("create_list", "add", iter(created)), builder_values, calls, skipped)
    for stage in stages(builder, change, builder_values, removals=withheld is None):
        count += _measure(builder, stage, builder_values, calls, skipped)
    return SyncPlan(tuple(calls), tuple(skipped[:SKIPPED_SHOWN]), count, withheld, _estimate(builder, calls))


def values_of(builder: RequestBuilder, list_id: str | int | None, computed_time: int | None) -> BatchValues:
    """The values that all batches of a run share; a list id that is not known yet has a placeholder."""
    known = known_list_id(builder, list_id)
    at = int(time.time()) if computed_time is None else computed_time
    return BatchValues(list_id=LIST_ID_PLACEHOLDER if known is None else known, computed_time=at)


def render_all(
    builder: RequestBuilder,
    change: Change,
    *,
    list_id: str | int | None = None,
    allow_removals: bool = True,
    computed_time: int | None = None,
) -> Iterator[RenderedRequest | Skipped]:
    """Every request of a run in the order in which it would go out; nothing is sent."""
    values = values_of(builder, list_id, computed_time)
    created: list[Batch | Skipped] = []
    if creates_list(builder, list_id):
        created, change = first_batch(builder, change, values)
    removals = allow_removals or guard(change) is None
    rest = chain.from_iterable(stage.batches for stage in stages(builder, change, values, removals=removals))
    for found in chain(created, rest):
        yield found if isinstance(found, Skipped) else found.render(builder, values)


def _measure(
    builder: RequestBuilder, stage: Stage, values: BatchValues, calls: list[PlannedCalls], skipped: list[Skipped]
) -> int:
    """Adds the stage's calls to the plan; returns how many members it skips."""
    first: RenderedRequest | None = None
    requests = members = size = left_out = 0
    for found in stage.batches:
        if isinstance(found, Skipped):
            left_out += 1
            if len(skipped) < SKIPPED_SHOWN:
                skipped.append(found)
            continue
        request = found.render(builder, values)
        first = first or request
        requests += 1
        members += len(found.keys)
        size += len(request.wire.body or b"")
    if first is not None:
        calls.append(PlannedCalls(stage.endpoint, stage.operation, requests, members, size, first))
    return left_out


def _estimate(builder: RequestBuilder, calls: list[PlannedCalls]) -> float:
    delivery = builder.integration.delivery
    requests = sum(call.requests for call in calls)
    limit = delivery.rate_limit
    at_limit = max(0, requests - 1) // limit.requests * limit.per_seconds if limit else 0.0
    return max(at_limit, sum(-(-call.requests // delivery.concurrency) for call in calls) * ASSUMED_ANSWER_SECONDS)
