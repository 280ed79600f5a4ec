"""What a run tells whoever remembers it, before the run itself counts on it; the state folder's journal is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from core.sync.delivery import Delivery, Verdict
from core.sync.result import RunError

_WHY_STOPPED = "The run stopped. Make room or give rights to the state folder, then run the sync again."


class Ledger(Protocol):
    """Each call returns when its fact is safe from the end of the process, and raises `OSError` when it cannot be kept;
    the run then stops. `flush` makes what was told safe from a power cut as well.

    A member who was sent and then neither acknowledged nor refused is in doubt: the destination may have them or not.
    """

    def creating(self, begins: bool) -> None:
        """True just before the call that creates the list goes out; False once it is certain that it made none. Safe
        from a power cut when it returns.
        """

    def sending(self, keys: Sequence[str]) -> None:
        """Members of an addition or a removal, just before it goes out; called from the thread that sends them."""

    def refused(self, delivery: Delivery) -> None:
        """A delivery that certainly did nothing with its members, or with some of them (`Delivery.refused`).

        Never raises: where this is not kept, they stay in doubt.
        """

    def acknowledged(self, delivery: Delivery, list_id: str | int | None) -> None:
        """An accepted delivery. `list_id` is the run's, if there is one."""

    def complete(self, list_id: str | int | None) -> None:
        """All that the run had to say was acknowledged and flushed: the members are those of the snapshot."""

    def flush(self) -> None:
        """Called before the members of the deliveries acknowledged since the last time count. When it raises, none of
        them is kept.
        """


class NoLedger:
    """Remembers nothing, as a test run does."""

    def creating(self, begins: bool) -> None:
        return None

    def sending(self, keys: Sequence[str]) -> None:
        return None

    def refused(self, delivery: Delivery) -> None:
        return None

    def acknowledged(self, delivery: Delivery, list_id: str | int | None) -> None:
        return None

    def complete(self, list_id: str | int | None) -> None:
        return None

    def flush(self) -> None:
        return None


def not_kept(delivery: Delivery, error: OSError) -> Delivery:
    """An accepted delivery that the ledger could not keep: not acknowledged, and the end of the run."""
    reason = f"The acknowledgement could not be kept: {error.strerror or error}"
    return replace(delivery, verdict=Verdict("stop", reason, _WHY_STOPPED), doubtful=True)


def not_sent(endpoint: str, error: OSError) -> RunError:
    """A call that was not made, because the ledger could not keep that it is."""
    return RunError(
        endpoint, None, f"The state folder cannot be written: {error.strerror or error}", _WHY_STOPPED, True
    )
