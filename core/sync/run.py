"""One run: create the list if there is none, add, then remove; events as it goes, an outcome at the end.

Membership is what was acknowledged, never what was intended: the run hands back the acknowledged keys, and whoever
started it keeps them as the base of the next difference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any, Literal

import httpx

from core.integration import CreateListEndpoint
from core.request import BatchValues, Masker, RequestBuilder
from core.sync.answer import Answer, ListId, read_list_id
from core.sync.batches import Batch, Skipped
from core.sync.deliver import Courier
from core.sync.delivery import Delivery, Verdict
from core.sync.plan import Change, Withheld, creates_list, first_batch, guard, known_list_id, stages, values_of
from core.sync.retry import Clock, RateGate, RetrySchedule
from core.sync.transport import open_client
from core.template import ValueFault

Outcome = Literal["succeeded", "partly", "failed", "stopped"]
KEPT_NAMES = 1_000
"""Skipped and rejected members that a run keeps by name; beyond that they are only counted."""
KEPT_ERRORS = 100
"""Different errors that a run tells apart; a destination may give each member a reason of its own."""


@dataclass(slots=True)
class RunError:
    """Deliveries that failed alike: where, with what status, why, and what the customer should do."""

    endpoint: str
    status: int | None
    reason: str
    message: str
    classified: bool
    members: int = 0
    requests: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class SyncRun:
    """A run as it stands: counts of members by fate, requests, retries, errors.

    `added_keys` and `removed_keys` were acknowledged. `list_id` is that of the list created or handed in.
    """

    outcome: Outcome = "succeeded"
    list_id: str | int | None = None
    added: int = 0
    removed: int = 0
    skipped: int = 0
    rejected: int = 0
    failed: int = 0
    requests: int = 0
    retries: int = 0
    slow: int = 0
    errors: list[RunError] = field(default_factory=list)
    withheld: Withheld | None = None
    skipped_members: list[Skipped] = field(default_factory=list)
    rejected_members: list[tuple[str, str]] = field(default_factory=list)
    added_keys: list[str] = field(default_factory=list)
    removed_keys: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The summary of the command line (the product's design, section 9), with what the page shows besides."""
        names = ("outcome", "list_id", "added", "removed", "skipped", "rejected", "requests", "retries")
        summary: dict[str, Any] = {name: getattr(self, name) for name in names}
        summary["errors"] = [error.as_dict() for error in self.errors]
        summary["failed"] = self.failed
        summary["slow"] = self.slow
        summary["withheld"] = None if self.withheld is None else self.withheld.members
        return summary


Listener = Callable[[Delivery, SyncRun], None]


def run_sync(
    builder: RequestBuilder,
    change: Change,
    *,
    list_id: str | int | None = None,
    allow_removals: bool = False,
    schedule: RetrySchedule | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
    listener: Listener | None = None,
    stop: Event | None = None,
    computed_time: int | None = None,
) -> SyncRun:
    """Sends a change. What the destination does ends in the run's outcome, never in an exception.

    `listener` is called after each delivery, in the caller's thread; `stop` ends the run after what is in flight, and
    a pause before a further try at once. The run sets it itself when the destination says stop (401).
    Raises `DocumentError` before anything is sent when the integration cannot be rendered.
    """
    delivery = builder.integration.delivery
    stop = stop or Event()
    clock = clock or Clock(sleep=stop.wait)
    known = known_list_id(builder, list_id)
    must_create = creates_list(builder, known)
    values = values_of(builder, known, computed_time if computed_time is not None else int(clock.now()))
    with open_client(delivery, transport=transport) as client:
        courier = Courier(
            client=client,
            masker=Masker(builder.secrets),
            schedule=(schedule or RetrySchedule()).limited(delivery.max_retries),
            timeout_seconds=delivery.timeout_seconds,
            clock=clock,
            gate=RateGate(delivery.rate_limit, clock) if delivery.rate_limit else None,
            stop=stop,
        )
        run = _Run(builder, courier, SyncRun(list_id=known), listener or (lambda _delivery, _run: None))
        return run.carry_out(change, values, must_create, allow_removals)


class _Run:
    """The state of one run while it goes."""

    def __init__(self, builder: RequestBuilder, courier: Courier, result: SyncRun, listener: Listener) -> None:
        self._builder = builder
        self._courier = courier
        self._result = result
        self._listener = listener
        self._halted = False
        self._known_errors: dict[tuple[str, int | None, str], RunError] = {}

    def carry_out(self, change: Change, values: BatchValues, must_create: bool, allow_removals: bool) -> SyncRun:
        result = self._result
        result.withheld = None if allow_removals else guard(change)
        try:
            self._rehearse(change, values, must_create)
            if must_create:
                created, change = first_batch(self._builder, change, values)
                values = self._create(created, values)
            if not self._halted:
                for stage in stages(self._builder, change, values, removals=result.withheld is None):
                    self._deliver_all(stage.batches, values)
        except ValueFault as fault:
            self._note(RunError("", None, fault.reason, "Fill in this value in the connection.", True))
        if result.withheld is not None:
            message = "Look at who would be removed, then allow the removals."
            self._note(RunError("remove_users", None, result.withheld.reason, message, True, result.withheld.members))
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

    def _create(self, created: list[Batch | Skipped], values: BatchValues) -> BatchValues:
        """Creates the list and reads its id; halts the run when there is none."""
        endpoint = self._builder.endpoint("create_list").endpoint
        for found in created:
            if isinstance(found, Skipped):
                self._skip(found)
                continue
            request = found.render(self._builder, values)
            delivery, answer = self._courier.deliver(request, endpoint, "add", found.keys, found.items)
            if delivery.verdict.accepted and answer is not None and isinstance(endpoint, CreateListEndpoint):
                listed = read_list_id(endpoint, request.wire, answer)
                if listed.value is None:
                    # Members of a list that nobody can name again are not acknowledged.
                    delivery = replace(delivery, verdict=self._no_list_id(listed))
                else:
                    self._result.list_id = listed.value
                    values = replace(values, list_id=listed.value)
            self._halted = not delivery.verdict.accepted
            self._finish(delivery)
        return values

    def _no_list_id(self, listed: ListId) -> Verdict:
        paths = f" Paths that exist: {', '.join(listed.paths)}." if listed.paths else ""
        return Verdict("fail", "No list id in the answer", self._courier.masker(f"{listed.problem}{paths}"))

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
                        if batch is None:
                            break
                        flying[self._submit(pool, batch, values)] = batch
                    if not flying:
                        return
                    done, _ = wait(flying, return_when=FIRST_COMPLETED)
                    for future in done:
                        waiting.extend(self._settle(future.result()[0], flying.pop(future)))
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
            self._skip(batch)
        return None

    def _submit(
        self, pool: ThreadPoolExecutor, batch: Batch, values: BatchValues
    ) -> Future[tuple[Delivery, Answer | None]]:
        request = batch.render(self._builder, values)
        endpoint = self._builder.endpoint(batch.endpoint).endpoint
        return pool.submit(self._courier.deliver, request, endpoint, batch.operation, batch.keys, batch.items)

    def _settle(self, delivery: Delivery, batch: Batch) -> tuple[Batch, ...]:
        """Records a delivery; a batch too large, or one to be searched for members at fault, comes back in two."""
        verdict = delivery.verdict
        refused = 400 <= (delivery.status or 0) < 500 and not verdict.exhausted
        isolate = self._builder.integration.delivery.isolate_refused and refused
        divisible = batch.items is not None and len(batch.keys) > 1
        if verdict.action == "fail" and divisible and (delivery.status == 413 or isolate):
            self._record(delivery, divided=True)
            self._listener(delivery, self._result)
            return batch.halves()
        self._finish(delivery)
        return ()

    def _finish(self, delivery: Delivery) -> None:
        if not delivery.attempts:
            return
        self._record(delivery)
        if delivery.verdict.action == "stop":
            self._courier.stop.set()
        self._listener(delivery, self._result)

    def _record(self, delivery: Delivery, *, divided: bool = False) -> None:
        result = self._result
        if not delivery.attempts:
            return
        result.requests += len(delivery.attempts)
        result.retries += len(delivery.attempts) - 1
        result.slow += sum(attempt.slow for attempt in delivery.attempts)
        if divided:
            return
        acknowledged = delivery.acknowledged
        if delivery.operation == "remove":
            result.removed += len(acknowledged)
            result.removed_keys.extend(acknowledged)
        else:
            result.added += len(acknowledged)
            result.added_keys.extend(acknowledged)
        verdict = delivery.verdict
        if verdict.accepted:
            result.rejected += len(delivery.rejected)
            result.rejected_members.extend(delivery.rejected[: max(0, KEPT_NAMES - len(result.rejected_members))])
            for _key, reason in delivery.rejected:
                message = "The destination accepted the request, but not these members."
                self._note(RunError(delivery.endpoint, delivery.status, reason, message, True, 1))
        else:
            result.failed += delivery.members
            self._note(
                RunError(
                    delivery.endpoint,
                    delivery.status,
                    verdict.reason,
                    verdict.message,
                    verdict.classified,
                    delivery.members,
                    1,
                )
            )

    def _skip(self, skipped: Skipped) -> None:
        self._result.skipped += 1
        if len(self._result.skipped_members) < KEPT_NAMES:
            self._result.skipped_members.append(skipped)

    def _note(self, error: RunError) -> None:
        """Adds an error, to the count of those alike if there are any; too many different reasons become one."""
        known = self._known_errors.get((error.endpoint, error.status, error.reason))
        if known is None and len(self._result.errors) >= KEPT_ERRORS:
            error.reason = "Other reasons"
            known = self._known_errors.get((error.endpoint, error.status, error.reason))
        if known is None:
            self._known_errors[error.endpoint, error.status, error.reason] = error
            self._result.errors.append(error)
        else:
            known.members += error.members
            known.requests += error.requests
