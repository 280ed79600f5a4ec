"""What makes things happen by themselves: due syncs, mail, the watched folder, the end of old runs.

Every server has a scheduler; a lease makes one of them the one that works. A sync is claimed in the database besides,
so that no two carry it out even while the lease changes hands. Nothing of this is remembered here: a server that is new
finds what is due in the database.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from core.errors import NotFoundError, PortalError
from core.portal.cohorts.folder import scan
from core.portal.database import Clock, utc_now
from core.portal.mail.postman import deliver_mail
from core.portal.owners import Owner, is_alive, this_process
from core.portal.store import Store
from core.portal.syncs.carry_out import carry_out
from core.portal.syncs.history import prune
from core.portal.syncs.means import Interruption, Means
from core.portal.syncs.syncs import Sync

LEASE = "scheduler"
LEASE_SECONDS = 30.0
AT_ONCE = 8
"""Syncs that one server carries out at once; an organisation gets half of them at most."""
SIGN_OF_LIFE_SECONDS = 60.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Going:
    """A sync that this server carries out. `run_id` is "" until it is claimed."""

    sync: Sync
    thread: threading.Thread | None = None
    interruption: Interruption = field(default_factory=Interruption)
    run_id: str = ""
    seen_alive: float = 0.0


class Scheduler:
    """One server's. `start` lets it work until `stop`; `tick` and the others are its steps, each safe to call alone.

    `now` and `seconds` are the time of day and a clock that only goes on.
    """

    def __init__(
        self,
        store: Store,
        means: Means,
        *,
        at_once: int = AT_ONCE,
        lease_seconds: float = LEASE_SECONDS,
        now: Clock = utc_now,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = json.dumps([this_process().as_json(), secrets.token_hex(4)])
        self._store = store
        self._means = means
        self._at_once = at_once
        self._lease_seconds = lease_seconds
        self._now = now
        self._seconds = seconds
        self._going: dict[str, _Going] = {}
        self._lock = threading.Lock()
        self._leads_until = float("-inf")
        self._jobs: BackgroundScheduler | None = None

    def start(self) -> None:
        """Begins to work, in threads that do not keep the process alive."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that waits for the database is no news
        jobs = BackgroundScheduler(timezone=UTC, daemon=True)
        steps: tuple[tuple[Callable[[], object], float], ...] = (
            (self.tick, 1),
            (self.send_mail, 5),
            (self.scan_folder, 60),
            (self.tidy, 60),
            (self.prune, 3600),
        )
        for step, period in steps:
            first = self._now() + timedelta(seconds=min(period, 2))
            options = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None, "next_run_time": first}
            jobs.add_job(_careful(step), "interval", seconds=period, **options)
        jobs.start()
        self._jobs = jobs

    def stop(self, patience_seconds: float = 15.0) -> None:
        """Ends the work: runs end after the requests in flight and stay due, another server may lead at once."""
        if self._jobs is not None:
            self._jobs.shutdown(wait=False)
            self._jobs = None
        with self._lock:
            going = list(self._going.values())
        for one in going:
            one.interruption.shut_down()
        end = time.monotonic() + patience_seconds
        for one in going:
            if one.thread is not None:
                one.thread.join(max(0.0, end - time.monotonic()))
        try:
            self._store.release_lease(LEASE, self.name)
        except PortalError as error:
            _log.warning("The scheduler's lease runs out by itself: %s", error)
        self._leads_until = float("-inf")

    def leads(self) -> bool:
        """Whether this server is the one that works, from now until a part of the lease is over."""
        asked = self._seconds()
        if asked < self._leads_until - self._lease_seconds * 2 / 3:
            return True
        leads = self._store.acquire_lease(LEASE, self.name, self._lease_seconds)
        if not leads and self._bury_the_dead():
            leads = self._store.acquire_lease(LEASE, self.name, self._lease_seconds)
        self._leads_until = asked + self._lease_seconds if leads else float("-inf")
        return leads

    def tick(self) -> None:
        """Heeds who wants a run of this server to end; starts what is due, if this server leads."""
        self._heed()
        if not self.leads():
            return
        now = self._now()
        for sync in self._store.due_syncs(now):
            self._begin(sync, now)

    def send_mail(self) -> None:
        """Hands on the mail that is due, if this server leads."""
        if self.leads():
            deliver_mail(self._store, self._means.settings, self._now())

    def scan_folder(self) -> None:
        """Looks for new snapshots in the watched folder, if there is one and this server leads."""
        if self._means.settings.cohort_folder is not None and self.leads():
            scan(self._store, self._means.settings)

    def tidy(self) -> None:
        """Ends the runs of processes that died, so that their syncs go on, if this server leads."""
        if self.leads():
            self._store.mark_orphans()

    def prune(self) -> None:
        """Deletes runs that are older than the operator keeps them, if this server leads."""
        if self.leads():
            prune(self._store, self._means.settings, self._now())

    def wait(self, patience_seconds: float = 60.0) -> None:
        """Until the runs of this server that go on now have ended. Raises TimeoutError."""
        with self._lock:
            threads = [one.thread for one in self._going.values() if one.thread is not None]
        end = time.monotonic() + patience_seconds
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                raise TimeoutError("A run goes on.")

    def _begin(self, sync: Sync, now: datetime) -> None:
        with self._lock:
            theirs = sum(one.sync.org_id == sync.org_id for one in self._going.values())
            full = len(self._going) >= self._at_once or theirs >= max(1, self._at_once // 2)
            if full or sync.id in self._going:
                return
            going = self._going[sync.id] = _Going(sync, seen_alive=self._seconds())
            going.thread = threading.Thread(
                target=self._carry_out, args=(going, now), name=f"sync-{sync.id[:6]}", daemon=True
            )
            going.thread.start()

    def _carry_out(self, going: _Going, now: datetime) -> None:
        def begun(run_id: str) -> None:
            going.run_id = run_id

        try:
            carry_out(self._store, self._means, going.sync, now, going.interruption, begun)
        except PortalError as error:
            _log.warning("A sync did not begin or end properly, and is tried again: %s", error)
        except Exception:
            _log.exception("A sync broke off")
        finally:
            with self._lock:
                self._going.pop(going.sync.id, None)

    def _bury_the_dead(self) -> bool:
        """Takes the lease from a server that is known to have died; whether there was such."""
        name = self._store.lease_owner(LEASE)
        if name is None or is_alive(Owner(**json.loads(name)[0])) is not False:
            return False
        self._store.release_lease(LEASE, name)
        return True

    def _heed(self) -> None:
        """Ends runs that somebody wants to end; shows of the others that they live, however long they wait."""
        with self._lock:
            going = {one.run_id: one for one in self._going.values() if one.run_id}
        if not going:
            return
        for run_id in self._store.runs_to_stop(list(going)):
            going[run_id].interruption.wish()
        for run_id, one in going.items():
            if self._seconds() - one.seen_alive > SIGN_OF_LIFE_SECONDS:
                one.seen_alive = self._seconds()
                with suppress(NotFoundError):
                    self._store.update_run(run_id)


def _careful(step: Callable[[], object]) -> Callable[[], None]:
    """The step, whose failure is logged and does not keep it from being tried again."""

    def carefully() -> None:
        try:
            step()
        except PortalError as error:
            _log.warning("The scheduler goes on with its next step: %s", error)
        except Exception:
            _log.exception("A step of the scheduler broke off")

    return carefully
