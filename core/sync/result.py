"""What a run has done so far: counts of members by fate, errors told once, answers that no rule names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from core.integration.models import EndpointName
from core.sync.batches import Skipped
from core.sync.delivery import Delivery
from core.sync.keys import KeyList
from core.sync.outcome import reason_of
from core.sync.plan import Withheld
from core.sync.suggest import SeenAnswer, error_code, nameable, suggested_rule

Outcome = Literal["succeeded", "partly", "failed", "stopped"]
KEPT_NAMES = 1_000
"""Skipped and rejected members that a run keeps by name; beyond that they are only counted."""
KEPT_ERRORS = 100
"""Different errors that a run tells apart; a destination may give each member a reason of its own."""


@dataclass(slots=True)
class RunError:
    """Deliveries that failed alike: where, with what status, why, and what the customer should do."""

    endpoint: str
    status: int | None
    reason: str
    message: str
    classified: bool
    members: int = 0
    requests: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class SyncRun:
    """A run as it stands: counts of members by fate, requests, retries, errors.

    `added_keys` and `removed_keys` were acknowledged. `list_id` is that of the list created or handed in.
    `seen` has the answers that no error rule names, also those that a further try made good.
    """

    outcome: Outcome = "succeeded"
    list_id: str | int | None = None
    added: int = 0
    removed: int = 0
    skipped: int = 0
    rejected: int = 0
    failed: int = 0
    requests: int = 0
    retries: int = 0
    slow: int = 0
    errors: list[RunError] = field(default_factory=list)
    seen: list[SeenAnswer] = field(default_factory=list)
    withheld: Withheld | None = None
    skipped_members: list[Skipped] = field(default_factory=list)
    rejected_members: list[tuple[str, str]] = field(default_factory=list)
    added_keys: KeyList = field(default_factory=KeyList)
    removed_keys: KeyList = field(default_factory=KeyList)

    def as_dict(self) -> dict[str, Any]:
        """The summary of the command line (the product's design, section 9), with what the page shows besides."""
        names = ("outcome", "list_id", "added", "removed", "skipped", "rejected", "requests", "retries")
        summary: dict[str, Any] = {name: getattr(self, name) for name in names}
        summary["errors"] = [error.as_dict() for error in self.errors]
        summary["failed"] = self.failed
        summary["slow"] = self.slow
        summary["withheld"] = None if self.withheld is None else self.withheld.members
        summary["withheld_members"] = [] if self.withheld is None else list(self.withheld.sample)
        summary["unclassified"] = [suggestion.as_dict() for suggestion in suggested_rules(self)]
        return summary


@dataclass(frozen=True, slots=True)
class SuggestedRule:
    """An error rule that would name an answer seen: for which endpoint, how often seen, and the rule as a document."""

    endpoint: EndpointName
    answers: int
    rule: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {"endpoint": self.endpoint, "answers": self.answers, "rule": self.rule}


def suggested_rules(run: SyncRun) -> tuple[SuggestedRule, ...]:
    """A rule for each kind of answer that none named, those seen most often first."""
    often = sorted(run.seen, key=lambda seen: -seen.answers)
    return tuple(
        SuggestedRule(seen.endpoint, seen.answers, suggested_rule(seen.status, seen.body, seen.reason))
        for seen in often
    )


Listener = Callable[[Delivery, SyncRun], None]


class Tally:
    """Writes deliveries into a `SyncRun`."""

    def __init__(self, run: SyncRun) -> None:
        self.run = run
        self._errors: dict[tuple[str, int | None, str], RunError] = {}
        self._seen: dict[tuple[str, int, str], SeenAnswer] = {}

    def record(self, delivery: Delivery, *, divided: bool = False) -> None:
        """Counts a delivery; of one whose batch comes back in parts only its requests."""
        run, verdict = self.run, delivery.verdict
        run.requests += len(delivery.attempts)
        run.retries += max(0, len(delivery.attempts) - 1)
        run.slow += sum(attempt.slow for attempt in delivery.attempts)
        self._see(delivery)
        if divided:
            return
        acknowledged = delivery.acknowledged
        if delivery.operation == "remove":
            run.removed += len(acknowledged)
            run.removed_keys.extend(acknowledged)
        else:
            run.added += len(acknowledged)
            run.added_keys.extend(acknowledged)
        if verdict.accepted:
            run.rejected += len(delivery.rejected)
            run.rejected_members.extend(delivery.rejected[: max(0, KEPT_NAMES - len(run.rejected_members))])
            for _key, reason in delivery.rejected:
                message = "The destination accepted the request, but not these members."
                self.note(RunError(delivery.endpoint, delivery.status, reason, message, True, 1))
            return
        run.failed += delivery.members
        said = (verdict.reason, verdict.message, verdict.classified)
        self.note(RunError(delivery.endpoint, delivery.status, *said, delivery.members, 1))

    def skip(self, skipped: Skipped) -> None:
        self.run.skipped += 1
        if len(self.run.skipped_members) < KEPT_NAMES:
            self.run.skipped_members.append(skipped)

    def note(self, error: RunError) -> None:
        """Adds an error, to the count of those alike if there are any; too many different reasons become one."""
        known = self._errors.get((error.endpoint, error.status, error.reason))
        if known is None and len(self.run.errors) >= KEPT_ERRORS:
            error.reason = "Other reasons"
            known = self._errors.get((error.endpoint, error.status, error.reason))
        if known is None:
            self._errors[error.endpoint, error.status, error.reason] = error
            self.run.errors.append(error)
        else:
            known.members += error.members
            known.requests += error.requests

    def _see(self, delivery: Delivery) -> None:
        for attempt in delivery.attempts:
            if not attempt.unnamed or attempt.status is None:
                continue
            body = error_code(attempt.status, attempt.body)
            if not nameable(attempt.status, body):
                continue
            key = (delivery.endpoint, attempt.status, json.dumps(body, sort_keys=True))
            known = self._seen.get(key)
            if known is not None:
                known.answers += 1
            elif len(self._seen) < KEPT_ERRORS:
                seen = SeenAnswer(delivery.endpoint, attempt.status, body, reason_of(attempt.status))
                self._seen[key] = seen
                self.run.seen.append(seen)
