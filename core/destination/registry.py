"""Many sandboxes, each under a key that cannot be guessed; those not used for longest go when there are too many."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from threading import RLock

from core.destination.sandbox import MAX_MEMBERS, Sandbox
from core.integration import Integration
from core.request import Connection

MAX_SANDBOXES = 200
MAX_TOTAL_MEMBERS = 5_000_000


class SandboxRegistry:
    """Sandboxes by key, for threads. `max_members` bounds what all of them hold together."""

    def __init__(self, *, max_sandboxes: int = MAX_SANDBOXES, max_members: int = MAX_TOTAL_MEMBERS) -> None:
        self._lock = RLock()
        self._sandboxes: OrderedDict[str, Sandbox] = OrderedDict()
        self._max_sandboxes = max_sandboxes
        self._max_members = max_members

    def __len__(self) -> int:
        return len(self._sandboxes)

    def open(self, integration: Integration, connection: Connection | None = None) -> str:
        """Opens a sandbox of this shape and returns its key. Raises `DocumentError` as `Sandbox` does."""
        sandbox = Sandbox(integration, connection, max_members=min(MAX_MEMBERS, self._max_members))
        key = secrets.token_urlsafe(18)
        with self._lock:
            self._sandboxes[key] = sandbox
            self.keep_within_bounds()
        return key

    def get(self, key: str) -> Sandbox | None:
        """The sandbox, which counts as use of it; None for a key that is unknown or was put away."""
        with self._lock:
            sandbox = self._sandboxes.get(key)
            if sandbox is not None:
                self._sandboxes.move_to_end(key)
            return sandbox

    def close(self, key: str) -> None:
        """Forgets a sandbox, if there is one."""
        with self._lock:
            self._sandboxes.pop(key, None)

    def keep_within_bounds(self) -> None:
        """Puts away what was not used for longest, until number and members are within bounds."""
        with self._lock:
            total = sum(sandbox.weight for sandbox in self._sandboxes.values())
            while len(self._sandboxes) > self._max_sandboxes or (
                total > self._max_members and len(self._sandboxes) > 1
            ):
                _, oldest = self._sandboxes.popitem(last=False)
                total -= oldest.weight


SHARED = SandboxRegistry()
"""The sandboxes of this process: the app serves them, its pages open them."""
