"""What became of one request: its attempts as they went, and the verdict on the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.integration.models import EndpointName
from core.request import HttpRequest
from core.sync.keys import Keys

Action = Literal["accept", "ignore", "fail", "retry", "rate_limited", "stop"]

SLOW_MS = 2_000
"""Answers that take longer are flagged: the platform expects an answer within one to two seconds."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `started` in Unix seconds; `status` is None when no answer came, and `fault` then says why.

    `body` holds at most the first 64 KiB of the answer, secrets masked. `waited_ms` is the pause before this try.
    `unnamed` says that no error rule names this answer.
    """

    number: int
    started: float
    elapsed_ms: int
    waited_ms: int
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: str
    fault: str | None = None
    cut: bool = False
    unnamed: bool = False

    @property
    def slow(self) -> bool:
        return self.elapsed_ms > SLOW_MS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means and what the customer should do. `classified` is False when no rule names the error.

    `exhausted` says that it was tried again and again until no try was left: the members are not at fault.
    `unsure` says of a call that it may have taken effect although it was not accepted.
    """

    action: Action
    reason: str = ""
    message: str = ""
    classified: bool = True
    exhausted: bool = False
    unsure: bool = False

    @property
    def accepted(self) -> bool:
        return self.action in ("accept", "ignore")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request with all its attempts; none when the run was stopped first. `request` is masked, fit to be shown.

    `keys` are the members it carried, in the order sent; `rejected` are those that an accepted answer refused, with
    the reason that the destination gave. `doubtful`: a try before the accepted one, or any if none was, may have taken
    effect, although no answer says so.
    """

    endpoint: EndpointName
    operation: str
    request: HttpRequest
    keys: Sequence[str]
    attempts: tuple[Attempt, ...]
    verdict: Verdict
    rejected: tuple[tuple[str, str], ...] = ()
    doubtful: bool = False

    @property
    def members(self) -> int:
        return len(self.keys)

    @property
    def acknowledged(self) -> Sequence[str]:
        """The members that the destination has taken."""
        if not self.verdict.accepted:
            return ()
        refused = {key for key, _ in self.rejected}
        if refused and isinstance(self.keys, Keys):
            return self.keys.without(refused)
        return tuple(key for key in self.keys if key not in refused) if refused else self.keys

    @property
    def refused(self) -> Sequence[str]:
        """The members whom the destination certainly has not taken by this delivery."""
        if self.doubtful or self.verdict.unsure:
            return ()
        return tuple(key for key, _ in self.rejected) if self.verdict.accepted else self.keys

    @property
    def status(self) -> int | None:
        return self.attempts[-1].status if self.attempts else None

    @property
    def elapsed_ms(self) -> int:
        return self.attempts[-1].elapsed_ms if self.attempts else 0

    def as_dict(self, *, body_limit: int = 4096) -> dict[str, Any]:
        """As JSON, for the run's history; bodies are cut to `body_limit` characters, members given as a number."""
        request = {
            "method": self.request.method,
            "url": self.request.url,
            "headers": [list(pair) for pair in self.request.headers],
            "body": _cut(self.request.text or "", body_limit),
            "bytes": len(self.request.body or b""),
        }
        attempts = [{**asdict(attempt), "body": _cut(attempt.body, body_limit)} for attempt in self.attempts]
        return {
            "endpoint": self.endpoint,
            "operation": self.operation,
            "members": self.members,
            "acknowledged": len(self.acknowledged),
            "rejected": [list(pair) for pair in self.rejected[:100]],
            "request": request,
            "attempts": attempts,
            "verdict": asdict(self.verdict),
        }


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
