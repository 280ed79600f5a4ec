"""What becomes of a delivery: told the ledger, then counted, then told the listener; what was accepted counts only
when the ledger has it on disk.

A thread waits for the disk, so that requests go out meanwhile; what was accepted until it is back goes to disk together
next. So a slow disk makes larger groups and not a slower run (`benchmarks/journal.py`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from core.sync.delivery import Delivery
from core.sync.ledger import Ledger, NoLedger, not_kept
from core.sync.result import Listener, SyncRun, Tally

MOST_WAITING = 32
"""Deliveries that wait for the disk before nothing more goes out."""


class Recording:
    """The deliveries of one run. Sets `stop` when a destination says stop, or the ledger cannot keep one."""

    def __init__(self, run: SyncRun, tally: Tally, listener: Listener, ledger: Ledger, stop: Event) -> None:
        self._run = run
        self._tally = tally
        self._listener = listener
        self._ledger = ledger
        self._stop = stop
        self._accepted: deque[Delivery] = deque()  # told the ledger, not yet counted
        self._flushing = 0  # so many of them are on their way to disk
        self._flush: Future[None] | None = None
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self.waits_for_disk = not isinstance(ledger, NoLedger)

    def take(self, delivery: Delivery) -> None:
        """What was accepted is told the ledger and waits for `confirm`; all else counts at once."""
        if not delivery.attempts:
            self._ledger.refused(delivery)
            return
        delivery = self._written_down(delivery)
        if delivery.verdict.accepted:
            self._accepted.append(delivery)
        else:
            self._count(delivery)
            self._tell(delivery)

    def confirm(self, *, wake: Callable[[], None] | None = None) -> None:
        """Counts what was accepted and is on disk; what the ledger could not keep is not acknowledged.

        With `wake`, which is called when there may be more to count, it does not wait for the disk. Otherwise all that
        was accepted is counted when it returns.
        """
        if not self.waits_for_disk:
            self._count_first(len(self._accepted))
        while self._accepted:
            if self._flush is None:
                self._flushing = len(self._accepted)
                self._flush = self._disk.submit(self._ledger.flush)
                if wake is not None:
                    self._flush.add_done_callback(lambda _done: wake())
            if wake is not None and not self._flush.done() and len(self._accepted) < MOST_WAITING:
                return
            self._count_first(self._flushed())

    def _count_first(self, deliveries: int) -> None:
        for _ in range(deliveries):
            delivery = self._accepted.popleft()
            self._count(delivery)
            self._tell(delivery)

    def divided(self, delivery: Delivery) -> None:
        """A delivery whose members go out again in two parts."""
        self._ledger.refused(delivery)
        self.told_as_divided(delivery)

    def told_as_divided(self, delivery: Delivery) -> None:
        """As `divided`, when the ledger has been told."""
        self._tally.record(delivery, divided=True)
        self._listener(delivery, self._run)

    def record_rest(self, back: Iterable[Delivery]) -> None:
        """Counts, when a run breaks off, what has come back, and tells nobody any more."""
        self._accepted.extend(self._written_down(delivery) for delivery in back)
        if self._flush is not None:
            self._flushed()
        if self._accepted:
            self._flush = self._disk.submit(self._ledger.flush)
            self._flushed()
        while self._accepted:
            self._count(self._accepted.popleft())

    def close(self) -> None:
        self._disk.shutdown()

    def _written_down(self, delivery: Delivery) -> Delivery:
        if delivery.verdict.accepted:
            try:
                self._ledger.acknowledged(delivery, self._run.list_id)
            except OSError as error:
                return not_kept(delivery, error)
        return delivery

    def _flushed(self) -> int:
        """Waits for the disk; how many deliveries it has, or has refused, which are all."""
        done, self._flush = self._flush, None
        try:
            if done is not None:
                done.result()
        except OSError as error:
            self._accepted = deque(not_kept(delivery, error) for delivery in self._accepted)
            return len(self._accepted)
        return self._flushing

    def _count(self, delivery: Delivery) -> None:
        self._ledger.refused(delivery)
        self._tally.record(delivery)

    def _tell(self, delivery: Delivery) -> None:
        if delivery.verdict.action == "stop":
            self._stop.set()
        self._listener(delivery, self._run)
