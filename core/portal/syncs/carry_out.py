"""One run of a sync, from its claim to its end: whatever happens, it ends with an outcome and, if ill, a sentence.

What the destination acknowledged is in the sync's folder before it counts; a process that dies leaves the sync due, and
the next run sends only what was not acknowledged.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as Transaction

from core.destination import DirectTransport
from core.errors import ConflictError, InputError, NotFoundError, PortalError
from core.portal.database import StoreBusyError
from core.portal.mail.announce import announce
from core.portal.run_recorder import RunRecorder
from core.portal.store import Store
from core.portal.syncs.gathering import Gathered, Names, gather, names_of
from core.portal.syncs.health import Ending, ending_of, news
from core.portal.syncs.left_out import LeftOuts, left_out_path, write_left_out
from core.portal.syncs.means import Interruption, Means
from core.portal.syncs.preparing import Prepared, prepare, refuse_lost_state, state_folder
from core.portal.syncs.syncs import Sync
from core.request import Masker
from core.sync import Clock, Delivery, SyncRun, journal, locked, run_sync

BROKE_OFF = "The run broke off because of an error in the portal; the log has the details."
SHUT_DOWN = "The server was stopped meanwhile; what is left is sent when it is back."
BY_HAND = "Somebody stopped this run."
_TRIES = (0.0, 1.0, 2.0, 4.0, 8.0)
_log = logging.getLogger(__name__)


def carry_out(
    store: Store,
    means: Means,
    sync: Sync,
    now: datetime,
    interruption: Interruption | None = None,
    begun: Callable[[str], None] | None = None,
) -> str | None:
    """Runs a sync that is due at `now`; the id of the run, or None when another process has it.

    `begun` is told the id as soon as there is one. What goes wrong ends in the run; raises StoreBusyError when the
    store takes neither the beginning nor the end.
    """
    summary: dict[str, Any] = {"started": time.time(), "step": 0, "steps": [], "sent_requests": 0, "sent_members": 0}
    previous = next(iter(store.list_sync_runs(sync.org_id, sync.id, limit=1)), None)
    try:
        run_id = store.create_sync_run(sync.org_id, sync.id, summary, due_at=now)
        sync = store.get_sync(sync.org_id, sync.id)
    except PortalError as error:
        if isinstance(error, StoreBusyError):
            raise
        return None  # another process has it, or has just done it; or it was deleted
    if begun is not None:
        begun(run_id)
    summary["asked_for"] = sync.wish is not None
    run = _Run(store, means, sync, run_id, summary, interruption or Interruption(), previous.id if previous else "")
    run.carry_out()
    return run_id


class _Run:
    """The state of one run while it goes."""

    def __init__(
        self,
        store: Store,
        means: Means,
        sync: Sync,
        run_id: str,
        summary: dict[str, Any],
        interruption: Interruption,
        last_run: str,
    ) -> None:
        self._store = store
        self._means = means
        self._sync = sync
        self._run_id = run_id
        self._summary = summary
        self._interruption = interruption
        self._last_run = last_run
        self._masked: Callable[[str], str] = str
        self._names = Names("", "", "")
        self._recorder = RunRecorder(store, run_id, summary, interruption.event, pause=means.pause)
        self._left_outs = LeftOuts()

    def carry_out(self) -> None:
        try:
            ending = self._carried_out()
        except PortalError as error:
            where = f"{error.where}: " if error.where else ""
            ending = Ending("failed", self._masked(f"{where}{error.what}"), self._masked(error.remedy))
        except Exception as error:
            _log.error("A sync broke off: %s", self._masked("".join(traceback.format_exception(error))))
            ending = Ending("failed", BROKE_OFF)
        ending = self._judged(ending)
        if ending.reason:
            self._summary["fault"], self._summary["remedy"] = ending.reason, ending.remedy
        with suppress(NotFoundError):  # deleted with its integration
            self._close(ending)
            self._finish(ending)

    def _close(self, ending: Ending) -> None:
        """Saves the end of the run, without its details if the store does not take those."""
        try:
            self._recorder.close(ending.outcome)
        except NotFoundError:
            raise
        except Exception as error:
            _log.error("A sync could not be saved: %s", self._masked("".join(traceback.format_exception(error))))
            plain = {"started": self._summary["started"], "steps": [], "fault": BROKE_OFF}
            pause = self._means.pause
            RunRecorder(self._store, self._run_id, plain, self._interruption.event, pause=pause).close("failed")

    def _judged(self, ending: Ending) -> Ending:
        """The ending, unless the run was stopped from outside before it came to one."""
        if ending.outcome == "succeeded" or not self._interruption.event.is_set():
            return ending
        if self._interruption.by_hand:
            return Ending("stopped", BY_HAND, tells=False)
        if self._interruption.by_server:
            return Ending("stopped", SHUT_DOWN, tells=False)
        if "fault" in self._summary:  # the recorder's: the store did not answer
            return Ending("stopped", self._summary["fault"], tells=False)
        return ending

    def _carried_out(self) -> Ending:
        sync, means = self._sync, self._means
        folder = state_folder(means.settings, sync.id)
        self._names = names_of(self._store, sync)
        self._summary |= {
            "cohort": self._names.cohort,
            "destination": self._names.destination,
            "connection": self._names.connection,
        }
        clock = Clock(sleep=self._interruption.event.wait)
        gathered = gather(self._store, means.settings, sync, policy=means.policy, clock=clock)
        in_sandbox = gathered.target == "sandbox"
        self._summary |= {
            "target": gathered.target,
            "release": gathered.release,
            "snapshot": gathered.snapshot.id,
            "taken_at": gathered.snapshot.taken_at.timestamp(),
        }
        if sync.last_outcome and not in_sandbox:
            refuse_lost_state(folder)
        aimed = means.sandboxes.aimed(gathered.integration) if in_sandbox else gathered.integration
        try:
            with _alone(folder):
                prepared = prepare(gathered, aimed, gathered.snapshot.path(means.settings), folder, sync.wish)
                self._masked = Masker(prepared.builder.secrets)
                result = self._sent(gathered, prepared, in_sandbox=in_sandbox)
        except OSError as error:
            what = f"The portal cannot keep what this sync has to remember: {error.strerror or type(error).__name__}."
            raise InputError(what, remedy="Tell whoever operates the portal.") from error
        self._keep_left_out(prepared, result)
        return ending_of(result, gathered.stale)

    def _sent(self, gathered: Gathered, prepared: Prepared, *, in_sandbox: bool) -> SyncRun:
        change, sync = prepared.change, self._sync
        members = len(change.added) + len(change.removed)
        self._summary |= {"members": members, "list_id": prepared.list_id}
        self._summary["steps"] = [{"name": gathered.snapshot.name, "members": members, "result": None}]
        transport = None
        if in_sandbox:
            sandboxes = self._means.sandboxes
            sandbox = sandboxes.open(sync.id, gathered.integration, gathered.connection, prepared, self._last_run)
            transport = DirectTransport(sandbox)
        self._recorder.begin(0)
        folder = state_folder(self._means.settings, sync.id)
        with journal(folder, change.key, prepared.list_id, prepared.current, prepared.mapping) as ledger:
            result = run_sync(
                prepared.builder,
                change,
                list_id=prepared.list_id,
                allow_removals=sync.allow_removals,
                schedule=self._means.schedule,
                policy=self._means.policy,
                transport=transport,
                listener=self._delivered,
                ledger=ledger,
                stop=self._interruption.event,
            )
        if in_sandbox:
            self._means.sandboxes.seen(sync.id, self._run_id)
        self._recorder.end(0, result)
        return result

    def _delivered(self, delivery: Delivery, result: SyncRun) -> None:
        self._left_outs.delivered(delivery)
        self._recorder.delivered(delivery, result)

    def _keep_left_out(self, prepared: Prepared, result: SyncRun) -> None:
        """Who was left out goes into a file, if anybody was; a run does not fail for want of it."""
        found = self._left_outs.all(result)
        if not found:
            return
        path = left_out_path(self._means.settings, self._sync.id, self._run_id)
        try:
            write_left_out(path, found, prepared.change, tuple(prepared.mapping.values()))
        except OSError as error:
            _log.warning("Who was left out of a sync cannot be kept: %s", error)

    def _finish(self, ending: Ending) -> None:
        """Takes back what the run consumed and tells whom it concerns; not when it was stopped before its end."""
        if not ending.tells and not self._interruption.by_hand:
            return

        def told(transaction: Transaction, before: str) -> None:
            event = news(self._sync, self._names, before, ending)
            if event is not None:
                announce(self._store, event, within=transaction)

        tell: Callable[[Transaction, str], None] | None = told
        for wait in _TRIES:
            self._means.pause(wait)
            try:
                self._store.finish_sync(self._sync, ending.outcome if ending.tells else None, tell)
                return
            except StoreBusyError as error:
                _log.warning("The end of a sync cannot be saved yet: %s", error)
            except NotFoundError:
                raise
            except Exception:
                # Without its end the sync would be due again and again: it ends, if need be untold.
                _log.exception("The end of a sync cannot be announced")
                tell = None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The lock of the folder, refused in words that name no path of the server."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(folder))
        except ConflictError as error:
            what = "An earlier run of this sync has not ended on its server."
            raise InputError(what, remedy="The next run will send what is left.") from error
        yield
