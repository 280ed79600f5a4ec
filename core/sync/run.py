"""One run: create the list if there is none, add, then remove; events as it goes, an outcome at the end.

Membership is what was acknowledged, never what was intended: the run hands back the acknowledged keys, and tells its
ledger of each before it counts, so that whoever started it has the base of the next difference whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Event

import httpx

from core.request import BatchValues, Masker, RequestBuilder
from core.sync.batches import Batch, Skipped
from core.sync.creating import create_list
from core.sync.deliver import Courier
from core.sync.delivering import Delivering
from core.sync.flights import Outgoing
from core.sync.ledger import Ledger, NoLedger, not_sent
from core.sync.plan import Change, creates_list, first_batch, guard, known_list_id, stages, values_of
from core.sync.policy import ANYWHERE, NetworkPolicy
from core.sync.recording import Recording
from core.sync.result import Listener, Outcome, RunError, SyncRun, Tally
from core.sync.retry import Clock, RateGate, RetrySchedule
from core.sync.transport import open_client
from core.template import ValueFault


def run_sync(
    builder: RequestBuilder,
    change: Change,
    *,
    list_id: str | int | None = None,
    allow_removals: bool = False,
    schedule: RetrySchedule | None = None,
    clock: Clock | None = None,
    policy: NetworkPolicy = ANYWHERE,
    transport: httpx.BaseTransport | None = None,
    listener: Listener | None = None,
    ledger: Ledger | None = None,
    stop: Event | None = None,
    computed_time: int | None = None,
) -> SyncRun:
    """Sends a change. What the destination does ends in the run's outcome, never in an exception.

    `policy` says which hosts requests may go to. `listener` is called after each delivery, in the caller's thread, and
    after the `ledger` has kept it; a ledger that cannot ends the run. `stop` ends the run after what is in flight, and
    a pause before a further try at once. The run sets it itself when the destination says stop (401).
    Raises `DocumentError` before anything is sent when the integration cannot be rendered.
    """
    delivery = builder.integration.delivery
    stop = stop or Event()
    clock = clock or Clock(sleep=stop.wait)
    known = known_list_id(builder, list_id)
    must_create = creates_list(builder, known)
    values = values_of(builder, known, computed_time if computed_time is not None else int(clock.now()))
    with open_client(delivery, policy=policy, transport=transport) as client:
        courier = Courier(
            client=client,
            masker=Masker(builder.secrets),
            schedule=(schedule or RetrySchedule()).limited(delivery.max_retries),
            timeout_seconds=delivery.timeout_seconds,
            clock=clock,
            gate=RateGate(delivery.rate_limit, clock) if delivery.rate_limit else None,
            stop=stop,
        )
        told = listener or (lambda _delivery, _run: None)
        run = _Run(builder, courier, SyncRun(list_id=known), told, ledger or NoLedger())
        try:
            return run.carry_out(change, values, must_create, allow_removals)
        finally:
            run.close()


class _Run:
    """The state of one run while it goes."""

    def __init__(
        self, builder: RequestBuilder, courier: Courier, result: SyncRun, listener: Listener, ledger: Ledger
    ) -> None:
        self._builder = builder
        self._courier = courier
        self._result = result
        self._tally = Tally(result)
        self._recording = Recording(result, self._tally, listener, ledger, courier.stop)
        self._ledger = ledger
        self._delivering = Delivering(builder, courier, self._tally, self._recording, ledger)
        self._halted = False

    def carry_out(self, change: Change, values: BatchValues, must_create: bool, allow_removals: bool) -> SyncRun:
        result = self._result
        result.withheld = None if allow_removals else guard(change)
        try:
            self._rehearse(change, values, must_create)
            if must_create:
                change, values = self._create(change, values)
            if not self._halted:
                for stage in stages(self._builder, change, values, removals=result.withheld is None):
                    self._deliver_all(stage.batches, values)
        except ValueFault as fault:
            self._tally.note(RunError("", None, fault.reason, "Fill in this value in the connection.", True))
        if result.withheld is not None:
            message = "Look at who would be removed, then allow the removals."
            withheld = RunError("remove_users", None, result.withheld.reason, message, True, result.withheld.members)
            self._tally.note(withheld)
        result.outcome = self._outcome()
        if result.outcome == "succeeded":
            self._ledger.complete(result.list_id)
        return result

    def close(self) -> None:
        self._recording.close()

    def _outcome(self) -> Outcome:
        """Whatever was not acknowledged has left an error; a run whose whole work waits for a yes has stopped."""
        result = self._result
        only_withheld = result.withheld is not None and result.requests == 0
        if self._courier.stop.is_set() or only_withheld:
            return "stopped"
        if not result.errors:
            return "succeeded"
        return "partly" if result.added or result.removed else "failed"

    def _rehearse(self, change: Change, values: BatchValues, must_create: bool) -> None:
        """Renders the first request of each kind, so that what cannot be rendered shows before anything is sent."""
        for name in self._builder.configured:
            self._builder.endpoint(name)
        created: list[Batch | Skipped] = []
        if must_create:
            created, change = first_batch(self._builder, change, values)
        rest = [stage.batches for stage in stages(self._builder, change, values, removals=True)]
        for found in (created, *rest):
            first = next((batch for batch in found if isinstance(batch, Batch)), None)
            if first is not None:
                first.render(self._builder, values)

    def _create(self, change: Change, values: BatchValues) -> tuple[Change, BatchValues]:
        """Creates the list; what is left of the change, and the values with the list's id. Halts without one."""
        created, later = first_batch(self._builder, change, values)
        for found in created:
            if isinstance(found, Skipped):
                self._tally.skip(found)
                continue
            try:
                creation = create_list(self._courier, self._builder, found, values, self._ledger)
            except OSError as error:
                self._halted = True
                self._courier.stop.set()
                self._tally.note(not_sent("create_list", error))
                continue
            for delivery in creation.deliveries:
                self._recording.told_as_divided(delivery)
            self._halted = creation.list_id is None
            if creation.list_id is not None:
                self._result.list_id = creation.list_id
                values = replace(values, list_id=creation.list_id)
            self._recording.take(creation.delivery)
            self._recording.confirm()
            if creation.left:
                settled = {one for found in created for one in _keys_of(found)} - creation.left
                later = replace(later, added=change.added.without(change.key, settled))
        return later, values

    def _deliver_all(self, found: Iterator[Batch | Skipped], values: BatchValues) -> None:
        self._delivering.deliver_all(self._rendered(found, values), values)

    def _rendered(self, found: Iterator[Batch | Skipped], values: BatchValues) -> Iterator[Outgoing]:
        for batch in found:
            if isinstance(batch, Skipped):
                self._tally.skip(batch)
            else:
                yield Outgoing(batch, batch.render(self._builder, values))


def _keys_of(found: Batch | Skipped) -> Sequence[str]:
    return found.keys if isinstance(found, Batch) else (found.key,)
