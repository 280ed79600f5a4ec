"""What a run tells whoever remembers it, before the run itself counts on it; the state folder's journal is one."""

from __future__ import annotations

from typing import Protocol

from core.sync.delivery import Delivery


class Ledger(Protocol):
    """Each call returns when its fact is safe, and raises `OSError` when it cannot be kept; the run then stops."""

    def creating(self, begins: bool) -> None:
        """True just before the call that creates the list goes out; False once it is certain that it made none."""

    def acknowledged(self, delivery: Delivery, list_id: str | int | None) -> None:
        """An accepted delivery, before its members count as acknowledged. `list_id` is the run's, if there is one."""


class NoLedger:
    """Remembers nothing, as a test run does."""

    def creating(self, begins: bool) -> None:
        return None

    def acknowledged(self, delivery: Delivery, list_id: str | int | None) -> None:
        return None
