"""Test runs: one or more syncs carried out by a thread of this process and written to the store as they go.

A page that started a run may be left, reloaded or closed: the run goes on, and any page finds it in the store.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from core.destination import Proof
from core.errors import NotFoundError, PortalError
from core.portal.run_recorder import RunRecorder
from core.portal.store import Store
from core.request import Masker, RequestBuilder
from core.sync import ANYWHERE, Change, NetworkPolicy, RetrySchedule, run_sync

KIND = "test"

_BROKE_OFF = "The run broke off because of an error in the portal; the log has the details."
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
    """A test run to be started. `prepare` is called when it is certain to begin; `prove` is asked at the end,
    with the list id, when the destination can be looked into.

    `policy` says which hosts its requests may go to; a `transport` answers them in place of the network. `notes` go
    into the summary as they are, for the page.
    """

    builder: RequestBuilder
    steps: Sequence[Step]
    list_id: str | int | None = None
    allow_removals: bool = False
    schedule: RetrySchedule = field(default_factory=RetrySchedule)
    policy: NetworkPolicy = ANYWHERE
    transport: httpx.BaseTransport | None = None
    prepare: Callable[[], None] | None = None
    prove: Callable[[str | int | None], Proof] | None = None
    notes: dict[str, Any] = field(default_factory=dict)


class Runner:
    """Starts and stops test runs of this process. `pause` waits some seconds for a store that does not answer."""

    def __init__(self, store: Store, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._pause = pause
        self._stops: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def start(
        self, org: str, integration_id: str, plan: RunOrder, *, kind: str = KIND, owner_org: str | None = None
    ) -> str:
        """Starts a run in a thread of its own and returns its id at once.

        The run is the organisation's, as is the integration unless `owner_org` has it; a reviewer's has kind `review`.
        Raises ConflictError while another test run of the integration goes on, NotFoundError, StoreBusyError.
        """
        summary = _summary(plan)
        run_id = self._store.create_run(org, integration_id, kind, summary, alone=True, owner_org=owner_org)
        stop = threading.Event()
        with self._lock:
            self._stops[run_id] = stop
        worker = threading.Thread(
            target=self._carry_out, args=(run_id, plan, summary, stop), name=f"test-run-{run_id[:6]}", daemon=True
        )
        worker.start()
        return run_id

    def carry_out(self, org: str, integration_id: str, plan: RunOrder) -> str:
        """Carries a run out before it returns its id; raises as `start` does."""
        summary = _summary(plan)
        run_id = self._store.create_run(org, integration_id, KIND, summary, alone=True)
        self._carry_out(run_id, plan, summary, threading.Event())
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
        """Whatever happens, the run ends: with its outcome, or with a sentence that says why it has none."""
        recorder = RunRecorder(self._store, run_id, summary, stop, pause=self._pause)
        masked = Masker(plan.builder.secrets)
        state = "failed"
        try:
            state = _run_steps(plan, recorder, stop)
        except PortalError as error:
            summary["fault"] = masked(str(error))
        except Exception as error:
            _log.error("A test run broke off: %s", masked("".join(traceback.format_exception(error))))
            summary["fault"] = _BROKE_OFF
        with self._lock:
            self._stops.pop(run_id, None)
        try:
            recorder.close(state)
        except NotFoundError:
            _log.info("The integration of a test run was deleted while it went on")
        except Exception as error:
            _log.error("A test run could not be saved: %s", masked("".join(traceback.format_exception(error))))
            self._give_up(run_id, plan)

    def _give_up(self, run_id: str, plan: RunOrder) -> None:
        """Ends a run whose summary the store does not take, with one that it does."""
        plain = {**_summary(replace(plan, notes={})), "fault": _BROKE_OFF, "ended": time.time()}
        try:
            RunRecorder(self._store, run_id, plain, threading.Event(), pause=self._pause).close("failed")
        except Exception:
            _log.exception("A test run could not be ended")


def _run_steps(plan: RunOrder, recorder: RunRecorder, stop: threading.Event) -> str:
    """Carries out the steps one after the other; the state of the last one that was begun."""
    list_id = plan.list_id
    outcomes: list[str] = []
    if plan.prepare is not None:
        plan.prepare()
    for number, step in enumerate(plan.steps):
        recorder.begin(number)
        result = run_sync(
            plan.builder,
            step.change,
            list_id=list_id,
            allow_removals=plan.allow_removals,
            schedule=plan.schedule,
            policy=plan.policy,
            transport=plan.transport,
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
