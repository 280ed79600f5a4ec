"""The requests of a stage in flight: as many at once as allowed, those that come next rendered meanwhile.

Threads carry them out and nothing else; whoever iterates over what comes back decides what goes out next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread

from core.request import RenderedRequest
from core.sync.batch import Batch
from core.sync.delivery import Delivery
from core.template import ValueFault

_MOST_BYTES = 32 << 20
"""Rendered ahead; beyond that only the requests in flight are in memory."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A batch with its request."""

    batch: Batch
    request: RenderedRequest


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of a batch that was sent: its delivery, or a fault of ours."""

    batch: Batch
    delivery: Delivery | None
    fault: BaseException | None = None


class Ahead:
    """What goes out next: the halves of a divided batch before all else, then what `source` renders, in its order.

    `fault` is the value that ended the source; what it rendered before is sent all the same.
    """

    def __init__(self, source: Iterator[Outgoing], most: int) -> None:
        """`most` requests are rendered ahead, fewer when they are large."""
        self.fault: ValueFault | None = None
        self._source = source
        self._most = most
        self._halves: deque[Outgoing] = deque()
        self._ready: deque[Outgoing] = deque()
        self._bytes = 0
        self._ended = False

    def first(self, halves: Sequence[Outgoing]) -> None:
        self._halves.extendleft(reversed(halves))

    def next(self) -> Outgoing | None:
        if self._halves:
            return self._halves.popleft()
        if not self._ready:
            self._render()
        if not self._ready:
            return None
        outgoing = self._ready.popleft()
        self._bytes -= _size(outgoing)
        return outgoing

    def work(self, until: Callable[[], bool]) -> None:
        """Renders ahead, a request at a time, until there is enough or something else to do."""
        while not (self._ended or len(self._ready) >= self._most or self._bytes > _MOST_BYTES or until()):
            self._render()

    def _render(self) -> None:
        try:
            outgoing = None if self._ended else next(self._source, None)
        except ValueFault as fault:
            self.fault = fault
            outgoing = None
        if outgoing is None:
            self._ended = True
        else:
            self._ready.append(outgoing)
            self._bytes += _size(outgoing)


def _size(outgoing: Outgoing) -> int:
    return len(outgoing.request.wire.body or b"")


class Flights:
    """`room` threads that deliver. Only the thread that made it may use it.

    Two queues and a count do what an executor does with a future a request in a third of the time
    (`benchmarks/send.py`).
    """

    def __init__(self, room: int, deliver: Callable[[Outgoing], Delivery]) -> None:
        self.room = room
        self.flying = 0
        self._deliver = deliver
        self._orders: SimpleQueue[Outgoing | None] = SimpleQueue()
        self._landed: SimpleQueue[Landed | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, name=f"delivery-{number}", daemon=True) for number in range(room)]
        for thread in self._threads:
            thread.start()

    def send(self, outgoing: Outgoing) -> None:
        self.flying += 1
        self._orders.put(outgoing)

    @property
    def has_landed(self) -> bool:
        return not self._landed.empty()

    def wake(self) -> None:
        """Ends the waiting of `landed`; any thread may call it."""
        self._landed.put(None)

    def landed(self) -> list[Landed]:
        """Waits, when any is in flight, for one to come back, or to be woken; all that are back."""
        found = [self._landed.get()] if self.flying else []
        while not self._landed.empty():
            found.append(self._landed.get())
        back = [landed for landed in found if landed is not None]
        self.flying -= len(back)
        return back

    def _work(self) -> None:
        while (outgoing := self._orders.get()) is not None:
            try:
                landed = Landed(outgoing.batch, self._deliver(outgoing))
            except BaseException as error:
                landed = Landed(outgoing.batch, None, error)
            self._landed.put(landed)

    def close(self) -> None:
        """Waits for the threads; nothing may be in flight that is still wanted."""
        for _ in self._threads:
            self._orders.put(None)
        for thread in self._threads:
            thread.join()


@contextmanager
def flights(room: int, deliver: Callable[[Outgoing], Delivery]) -> Iterator[Flights]:
    opened = Flights(room, deliver)
    try:
        yield opened
    finally:
        opened.close()
