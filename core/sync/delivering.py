"""Delivers the requests of a stage, with as many in flight as the integration allows and the next ones rendered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from core.request import BatchValues, RequestBuilder
from core.sync.deliver import Courier
from core.sync.delivery import Delivery
from core.sync.dividing import Dividing
from core.sync.flights import Ahead, Flights, Landed, Outgoing, flights
from core.sync.ledger import Ledger, not_sent
from core.sync.recording import Recording
from core.sync.result import Tally


class _NotNoted(Exception):
    """The ledger could not keep that members are about to be sent, so they were not."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class Delivering:
    """The stages of one run, one after the other."""

    def __init__(
        self, builder: RequestBuilder, courier: Courier, tally: Tally, recording: Recording, ledger: Ledger
    ) -> None:
        self._builder = builder
        self._courier = courier
        self._tally = tally
        self._recording = recording
        self._ledger = ledger
        self._dividing = Dividing(isolate=builder.integration.delivery.isolate_refused)

    def deliver_all(self, source: Iterator[Outgoing], values: BatchValues) -> None:
        """Delivers what `source` renders. Raises the `ValueFault` that ends it, when all that came before is delivered.

        Whatever ends it early, what is in flight is waited for and recorded: it may well be acknowledged.
        """
        room = self._builder.integration.delivery.concurrency
        stop = self._courier.stop
        ahead = Ahead(source, room)
        back: deque[Landed] = deque()
        with flights(room, self._deliver) as sky:
            try:
                while True:
                    self._fill(sky, ahead)
                    if not sky.flying:
                        break
                    ahead.work(until=lambda: sky.has_landed or stop.is_set())
                    back.extend(sky.landed())
                    while back:
                        self._settle(back.popleft(), ahead, values)
                    if room > 1 and self._recording.waits_for_disk:
                        self._fill(sky, ahead)
                        self._recording.confirm(wake=sky.wake)
                    else:  # one at a time means that the next waits until this one is recorded
                        self._recording.confirm()
                self._recording.confirm()
            except BaseException:
                stop.set()
                while sky.flying:
                    back.extend(sky.landed())
                self._recording.record_rest([one.delivery for one in back if one.delivery is not None])
                raise
        if ahead.fault is not None:
            raise ahead.fault

    def _deliver(self, outgoing: Outgoing) -> Delivery:
        """In a thread of its own. Raises `_NotNoted`, and nothing was sent, when the ledger cannot keep that it is."""
        batch = outgoing.batch
        if not self._courier.stop.is_set():
            try:
                self._ledger.sending(batch.keys)
            except OSError as error:
                self._courier.stop.set()
                raise _NotNoted(error) from error
        endpoint = self._builder.endpoint(batch.endpoint).endpoint
        delivery, _ = self._courier.deliver(outgoing.request, endpoint, batch.operation, batch.keys, batch.items)
        if delivery.verdict.action == "stop":  # what waits for this thread must not go out any more
            self._courier.stop.set()
        return delivery

    def _fill(self, sky: Flights, ahead: Ahead) -> None:
        # One more than can be carried out waits, so that a thread that comes back has its next request at once. Where
        # one at a time is allowed, the next waits until the last one is recorded.
        most = sky.room + (sky.room > 1)
        while sky.flying < most and not self._courier.stop.is_set():
            outgoing = ahead.next()
            if outgoing is None:
                return
            sky.send(outgoing)

    def _settle(self, landed: Landed, ahead: Ahead, values: BatchValues) -> None:
        """Takes a delivery; a batch too large, or one to be searched for members at fault, goes out next in two."""
        if isinstance(landed.fault, _NotNoted):
            self._tally.note(not_sent(landed.batch.endpoint, landed.fault.error))
            return
        if landed.delivery is None:
            raise landed.fault or AssertionError("neither a delivery nor a fault")
        delivery, batch = landed.delivery, landed.batch
        course = self._dividing.settle(delivery, batch) if delivery.attempts else "whole"
        if course == "halves":
            self._recording.divided(delivery)
            ahead.first([Outgoing(half, half.render(self._builder, values)) for half in batch.halves()])
        else:
            self._recording.take(course if isinstance(course, Delivery) else delivery)
