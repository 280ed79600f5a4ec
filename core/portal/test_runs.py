"""Test runs: one or more syncs carried out by a thread of this process and written to the store as they go.

A page that started a run may be left, reloaded or closed: the run goes on, and any page finds it in the store.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.destination import Proof
from core.errors import NotFoundError, PortalError
from core.portal.store import Store
from core.request import Masker, RequestBuilder
from core.sync import Change, Delivery, RetrySchedule, SyncRun, run_sync

KIND = "test"
RECORDED_IN_FULL = 300
"""Deliveries that a run keeps in full; beyond that, only those that were not accepted, up to as many again."""
WRITE_EVERY_SECONDS = 0.3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One sync of a test run: its name on the page, the difference to send, and how much that is by the plan."""

    name: str
    change: Change
    requests: int
    members: int


@dataclass(frozen=True)
class RunOrder:
    """A test run to be started. `prove` is asked at the end, with the list id, when the destination can be looked into.

    `notes` go into the summary as they are, for the page.
    """

    builder: RequestBuilder
    steps: Sequence[Step]
    list_id: str | int | None = None
    allow_removals: bool = False
    schedule: RetrySchedule = field(default_factory=RetrySchedule)
    prove: Callable[[str | int | None], Proof] | None = None
    notes: dict[str, Any] = field(default_factory=dict)


class Runner:
    """Starts and stops test runs of this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stops: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def start(self, org: str, integration_id: str, plan: RunOrder) -> str:
        """Starts a run in a thread of its own and returns its id at once."""
        summary = _summary(plan)
        run_id = self._store.create_run(org, integration_id, KIND, summary)
        stop = threading.Event()
        with self._lock:
            self._stops[run_id] = stop
        worker = threading.Thread(
            target=self._carry_out, args=(run_id, plan, summary, stop), name=f"test-run-{run_id[:6]}", daemon=True
        )
        worker.start()
        return run_id

    def stop(self, run_id: str) -> bool:
        """Ends a run after the requests that are in flight; False when it is not running here."""
        with self._lock:
            stop = self._stops.get(run_id)
        if stop is None:
            return False
        stop.set()
        return True

    def is_running(self, run_id: str) -> bool:
        with self._lock:
            return run_id in self._stops

    def _carry_out(self, run_id: str, plan: RunOrder, summary: dict[str, Any], stop: threading.Event) -> None:
        recorder = _Recorder(self._store, run_id, summary)
        state = "failed"
        try:
            state = _run_steps(plan, recorder, stop)
        except PortalError as error:
            summary["fault"] = Masker(plan.builder.secrets)(str(error))
        except Exception:
            _log.exception("A test run broke off")
            summary["fault"] = "The run broke off because of an error in the portal; the log has the details."
        finally:
            with self._lock:
                self._stops.pop(run_id, None)
            try:
                recorder.close(state)
            except NotFoundError:
                _log.info("The integration of a test run was deleted while it went on")


def _run_steps(plan: RunOrder, recorder: _Recorder, stop: threading.Event) -> str:
    """Carries out the steps one after the other; the state of the last one that was begun."""
    list_id = plan.list_id
    outcomes: list[str] = []
    for number, step in enumerate(plan.steps):
        recorder.begin(number)
        result = run_sync(
            plan.builder,
            step.change,
            list_id=list_id,
            allow_removals=plan.allow_removals,
            schedule=plan.schedule,
            listener=recorder.delivered,
            stop=stop,
        )
        recorder.end(number, result)
        outcomes.append(result.outcome)
        list_id = result.list_id
        if result.outcome in ("failed", "stopped"):
            break
    if plan.prove is not None and outcomes[-1] in ("succeeded", "partly"):
        recorder.prove(plan.prove(list_id))
    worst = ("stopped", "failed", "partly")
    return next((outcome for outcome in worst if outcome in outcomes), "succeeded")


class _Recorder:
    """Writes deliveries and progress to the store, a few times a second."""

    def __init__(self, store: Store, run_id: str, summary: dict[str, Any]) -> None:
        self._store = store
        self._run_id = run_id
        self._summary = summary
        self._pending: list[dict[str, Any]] = []
        self._written = time.monotonic()
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
        self._summary["ended"] = time.time()
        self._flush(force=True)
        self._store.update_run(self._run_id, state=state, summary=self._summary)

    def _flush(self, *, force: bool = False) -> None:
        if not force and time.monotonic() - self._written < WRITE_EVERY_SECONDS:
            return
        if self._pending:
            self._store.append_run_events(self._run_id, self._pending)
            self._pending = []
        self._store.update_run(self._run_id, summary=self._summary)
        self._written = time.monotonic()


def _summary(plan: RunOrder) -> dict[str, Any]:
    return {
        **plan.notes,
        "started": time.time(),
        "step": 0,
        "steps": [
            {"name": step.name, "requests": step.requests, "members": step.members, "result": None}
            for step in plan.steps
        ],
        "requests": sum(step.requests for step in plan.steps),
        "members": sum(step.members for step in plan.steps),
        "sent_requests": 0,
        "sent_members": 0,
        "list_id": plan.list_id,
    }
