"""Writes what a run does to the store, a few times a second, and outlasts a store that does not answer.

A database that is locked or a disk that is full must neither break a run off nor lose what was acknowledged: what could
not be written is kept and written with the next attempt. When it goes on for long the run is asked to stop, and its end
is offered to the store until it takes it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from core.destination import Proof
from core.portal.database import StoreBusyError
from core.portal.store import Store
from core.portal.trials import count_delivery
from core.sync import Delivery, SyncRun

RECORDED_IN_FULL = 300
"""Deliveries that a run keeps in full; beyond that, only those that were not accepted, up to as many again."""
WRITE_EVERY_SECONDS = 0.3
TRY_AGAIN_SECONDS = 2.0
"""Between two attempts while the store does not answer: each may take as long as its own busy time-out."""
PATIENCE_SECONDS = 20.0
"""How long a run goes on although nothing can be written."""

_log = logging.getLogger(__name__)


class RunRecorder:
    """What is known of one run. `summary` is changed in place; `stop` is set when the store is gone for too long."""

    def __init__(
        self,
        store: Store,
        run_id: str,
        summary: dict[str, Any],
        stop: threading.Event,
        *,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._summary = summary
        self._stop = stop
        self._now = now
        self._pause = pause
        self._pending: list[dict[str, Any]] = []
        self._next_write = now() + WRITE_EVERY_SECONDS
        self._silent_since: float | None = None
        self._kept = self._kept_faults = 0
        self._step = 0

    def begin(self, number: int) -> None:
        self._step = number
        self._summary["step"] = number
        self._flush(force=True)

    def delivered(self, delivery: Delivery, result: SyncRun) -> None:
        summary = self._summary
        summary["sent_requests"] += 1
        summary["sent_members"] += delivery.members
        summary["steps"][self._step]["result"] = result.as_dict()
        count_delivery(summary, delivery)
        in_full = self._kept < RECORDED_IN_FULL
        fault = not delivery.verdict.accepted or bool(delivery.rejected) or len(delivery.attempts) > 1
        if in_full or (fault and self._kept_faults < RECORDED_IN_FULL):
            self._kept += in_full
            self._kept_faults += not in_full
            number = summary["sent_requests"]
            self._pending.append({"number": number, "step": self._step, **delivery.as_dict()})
        self._flush()

    def end(self, number: int, result: SyncRun) -> None:
        step = self._summary["steps"][number]
        step["result"] = result.as_dict()
        step["skipped_members"] = [[skipped.key, skipped.reason] for skipped in result.skipped_members]
        step["rejected_members"] = [list(pair) for pair in result.rejected_members]
        if result.list_id is not None:
            self._summary["list_id"] = result.list_id
        self._flush(force=True)

    def prove(self, proof: Proof) -> None:
        self._summary["proof"] = {
            "holds": proof.holds,
            "expected": proof.expected,
            "equal": proof.equal,
            "missing": list(proof.missing[:20]),
            "extra": list(proof.extra[:20]),
        }

    def close(self, state: str) -> None:
        """Writes the end of the run; waits for a store that does not answer for as long as the process lives.

        Raises NotFoundError when the run is gone with its integration.
        """
        self._summary["ended"] = time.time()
        for wait in _longer_and_longer():
            try:
                self._write_pending()
                self._store.update_run(self._run_id, state=state, summary=self._summary)
                return
            except StoreBusyError as error:
                _log.warning("The end of run %s cannot be saved yet, next try in %g s: %s", self._run_id, wait, error)
                self._pause(wait)

    def _flush(self, *, force: bool = False) -> None:
        if self._now() < self._next_write and not (force and self._silent_since is None):
            return
        try:
            self._write_pending()
            self._store.update_run(self._run_id, summary=self._summary)
        except StoreBusyError as error:
            self._bear(error)
            self._next_write = self._now() + TRY_AGAIN_SECONDS
            return
        self._silent_since = None
        self._next_write = self._now() + WRITE_EVERY_SECONDS

    def _write_pending(self) -> None:
        if self._pending:
            self._store.append_run_events(self._run_id, self._pending)
            self._pending = []

    def _bear(self, error: StoreBusyError) -> None:
        now = self._now()
        if self._silent_since is None:
            self._silent_since = now
            _log.warning("The progress of run %s cannot be saved: %s", self._run_id, error)
        elif now - self._silent_since > PATIENCE_SECONDS and not self._stop.is_set():
            self._summary["fault"] = (
                f"The run was stopped because its progress could not be saved: {error.what} "
                "What had been acknowledged until then is counted below."
            )
            self._stop.set()


def _longer_and_longer() -> Iterator[float]:
    wait = 1.0
    while True:
        yield wait
        wait = min(2 * wait, 30.0)
