"""One run: create the list if there is none, add, then remove; events as it goes, an outcome at the end.

Membership is what was acknowledged, never what was intended: the run hands back the acknowledged keys, and tells its
ledger of each before it counts, so that whoever started it has the base of the next difference whatever happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event

import httpx

from core.request import BatchValues, Masker, RequestBuilder
from core.sync.answer import Answer
from core.sync.batches import Batch, Skipped
from core.sync.creating import create_list
from core.sync.deliver import Courier
from core.sync.delivery import Delivery
from core.sync.dividing import Dividing
from core.sync.ledger import Ledger, NoLedger, not_kept, not_sent
from core.sync.plan import Change, creates_list, first_batch, guard, known_list_id, stages, values_of
from core.sync.policy import ANYWHERE, NetworkPolicy
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
        return run.carry_out(change, values, must_create, allow_removals)


class _Run:
    """The state of one run while it goes."""

    def __init__(
        self, builder: RequestBuilder, courier: Courier, result: SyncRun, listener: Listener, ledger: Ledger
    ) -> None:
        self._builder = builder
        self._courier = courier
        self._result = result
        self._tally = Tally(result)
        self._listener = listener
        self._ledger = ledger
        self._dividing = Dividing(isolate=builder.integration.delivery.isolate_refused)
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
        return result

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
                self._tally.record(delivery, divided=True)
                self._listener(delivery, self._result)
            self._halted = creation.list_id is None
            if creation.list_id is not None:
                self._result.list_id = creation.list_id
                values = replace(values, list_id=creation.list_id)
            self._finish(creation.delivery)
            if creation.left:
                still = {*later.added[later.key].tolist(), *creation.left}
                rows = [key in still for key in change.added[change.key].tolist()]
                later = replace(later, added=change.added[rows].reset_index(drop=True))
        return later, values

    def _deliver_all(self, found: Iterator[Batch | Skipped], values: BatchValues) -> None:
        """Delivers a stage with as many requests in flight as the integration allows.

        Whatever ends it early, what is in flight is waited for and recorded: it may well be acknowledged.
        """
        room = self._builder.integration.delivery.concurrency
        waiting: deque[Batch] = deque()
        flying: dict[Future[tuple[Delivery, Answer | None]], Batch] = {}
        with ThreadPoolExecutor(room, thread_name_prefix="delivery") as pool:
            try:
                while True:
                    while len(flying) < room and not self._courier.stop.is_set():
                        batch = waiting.popleft() if waiting else self._next(found)
                        future = None if batch is None else self._submit(pool, batch, values)
                        if batch is None or future is None:
                            break
                        flying[future] = batch
                    if not flying:
                        return
                    done, _ = wait(flying, return_when=FIRST_COMPLETED)
                    for future in done:
                        self._settle(future.result()[0], flying.pop(future), waiting)
            except ValueFault:
                for future in flying:
                    self._finish(future.result()[0])
                raise
            except BaseException:
                self._courier.stop.set()
                for future in flying:
                    if future.exception() is None:
                        self._record(future.result()[0])
                raise

    def _next(self, found: Iterator[Batch | Skipped]) -> Batch | None:
        for batch in found:
            if isinstance(batch, Batch):
                return batch
            self._tally.skip(batch)
        return None

    def _submit(
        self, pool: ThreadPoolExecutor, batch: Batch, values: BatchValues
    ) -> Future[tuple[Delivery, Answer | None]] | None:
        """None when the ledger cannot keep that the members are sent; then they are not, and the run ends."""
        request = batch.render(self._builder, values)
        if batch.operation == "add":
            try:
                self._ledger.sending(batch.keys)
            except OSError as error:
                self._courier.stop.set()
                self._tally.note(not_sent(batch.endpoint, error))
                return None
        endpoint = self._builder.endpoint(batch.endpoint).endpoint
        return pool.submit(self._courier.deliver, request, endpoint, batch.operation, batch.keys, batch.items)

    def _settle(self, delivery: Delivery, batch: Batch, waiting: deque[Batch]) -> None:
        """Records a delivery; a batch too large, or one to be searched for members at fault, waits again in two."""
        course = self._dividing.settle(delivery, batch) if delivery.attempts else "whole"
        if course == "whole":
            self._finish(delivery)
        elif isinstance(course, Delivery):
            self._finish(course)
        else:
            self._ledger.refused(delivery)
            self._tally.record(delivery, divided=True)
            self._listener(delivery, self._result)
            waiting.extendleft(reversed(batch.halves()))

    def _finish(self, delivery: Delivery) -> None:
        if not delivery.attempts:
            self._ledger.refused(delivery)
            return
        delivery = self._record(delivery)
        if delivery.verdict.action == "stop":
            self._courier.stop.set()
        self._listener(delivery, self._result)

    def _record(self, delivery: Delivery) -> Delivery:
        """Counts a delivery once the ledger has kept it; one that it could not keep is not acknowledged."""
        if delivery.verdict.accepted:
            try:
                self._ledger.acknowledged(delivery, self._result.list_id)
            except OSError as error:
                delivery = not_kept(delivery, error)
        self._ledger.refused(delivery)
        self._tally.record(delivery)
        return delivery
