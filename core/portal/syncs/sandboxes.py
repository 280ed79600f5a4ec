"""The sandboxes that play the destination of syncs: one a sync, in the memory of the process that carries it out.

A sandbox forgets with its process, a sync does not: one that is new, or that others have run past, is told first what
the destination acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from core.cohort import Members
from core.destination import SHARED, DirectTransport, Sandbox, SandboxRegistry, sandboxed
from core.integration import Integration
from core.portal.syncs.preparing import Prepared
from core.request import Connection, RequestBuilder
from core.sync import Change, RetrySchedule, run_sync

_HOST = "https://sandbox.example"


@dataclass(frozen=True, slots=True)
class _Kept:
    """`last_run` is the last run of the sync that this sandbox has seen."""

    key: str
    last_run: str


class Sandboxes:
    """Sandboxes by sync, in a registry that bounds their number. For threads; a sync is carried out by one at most."""

    def __init__(self, registry: SandboxRegistry = SHARED) -> None:
        self._registry = registry
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    @staticmethod
    def aimed(integration: Integration) -> Integration:
        """The integration as its requests go to a sandbox."""
        return sandboxed(integration, _HOST)

    def of(self, sync_id: str) -> Sandbox | None:
        """The sandbox that holds what the sync has sent; None when this process has none."""
        with self._lock:
            kept = self._kept.get(sync_id)
        return None if kept is None else self._registry.get(kept.key)

    def open(
        self, sync_id: str, integration: Integration, connection: Connection, prepared: Prepared, last_run: str
    ) -> Sandbox:
        """The sandbox of a sync as the run `last_run` left it. `integration` is the one that was released.

        Raises DocumentError.
        """
        sandbox = self.of(sync_id)
        with self._lock:
            kept = self._kept.get(sync_id)
        if kept is not None and sandbox is not None and kept.last_run == last_run:
            sandbox.reshape(integration, connection)
            return sandbox
        if kept is not None:
            self._registry.close(kept.key)
        key = self._registry.open(integration, connection)
        sandbox = self._registry.get(key)
        if sandbox is None:
            raise AssertionError("a sandbox that was just opened is there")
        with self._lock:
            self._kept[sync_id] = _Kept(key, "")
        _restore(sandbox, integration, connection, prepared)
        return sandbox

    def seen(self, sync_id: str, run_id: str) -> None:
        """Notes that the sandbox has seen this run."""
        with self._lock:
            kept = self._kept.get(sync_id)
            if kept is not None:
                self._kept[sync_id] = _Kept(kept.key, run_id)
        self._registry.keep_within_bounds()


SANDBOXES = Sandboxes()
"""Those of this process."""


def _restore(sandbox: Sandbox, integration: Integration, connection: Connection, prepared: Prepared) -> None:
    """Tells a fresh sandbox of the list and its members, in the requests that would add them."""
    state = prepared.state
    if state.list_id is not None:
        sandbox.reshape(integration, connection.model_copy(update={"list_id": state.list_id}))
        sandbox.reshape(integration, connection)
    if state.membership is None:
        return
    held = state.membership if isinstance(state.membership, Members) else Members.of(state.membership)
    unhurried = integration.delivery.model_copy(update={"rate_limit": None})
    builder = RequestBuilder(
        sandboxed(integration.model_copy(update={"delivery": unhurried}), _HOST), connection, columns=held.columns
    )
    change = Change(held, held.first(0), prepared.change.key)
    run_sync(builder, change, list_id=state.list_id, schedule=RetrySchedule(()), transport=DirectTransport(sandbox))
