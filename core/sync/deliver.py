"""Delivers one request: tries, waits, tries again, and records every attempt."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.integration import CreateListEndpoint, Endpoint
from core.request import Masker, RenderedRequest
from core.sync.answer import Answer, read_rejected
from core.sync.delivery import Attempt, Delivery, Verdict
from core.sync.outcome import judge, network_fault
from core.sync.retry import Clock, RateGate, RetrySchedule, read_retry_after
from core.sync.transport import DirectClient, Exchange, exchange

RECORDED_BODY = 64 * 1024
TIMED_OUT = 408


@dataclass(frozen=True)
class Courier:
    """What every delivery of a run shares. `gate` holds to the declared rate limit, `stop` ends the waiting."""

    client: DirectClient
    masker: Masker
    schedule: RetrySchedule
    timeout_seconds: float
    clock: Clock = field(default_factory=Clock)
    gate: RateGate | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def deliver(
        self,
        request: RenderedRequest,
        endpoint: Endpoint,
        operation: str,
        keys: Sequence[str] = (),
        items: Sequence[str] | None = None,
    ) -> tuple[Delivery, Answer | None]:
        """The delivery, fit to be shown, and the last answer unmasked, for what the run must read from it."""
        attempts: list[Attempt] = []
        waited = 0.0
        verdict = Verdict("fail", "Stopped before it was sent")
        result = Exchange(None, 0)
        effects: list[bool] = []
        while not self.stop.is_set():
            if self.gate:
                self.gate.take()
                if self.stop.is_set():
                    break
            started = self.clock.now()
            result = exchange(self.client, request.wire, deadline_seconds=2 * self.timeout_seconds)
            verdict = self._verdict(endpoint, result)
            effects.append(_may_have_effect(result))
            attempts.append(self._attempt(len(attempts) + 1, started, waited, result, not verdict.classified))
            retry = len(attempts) - 1
            again = verdict.action in ("retry", "rate_limited") and retry < len(self.schedule.delays)
            if not again or self.stop.is_set():
                break
            answer = result.answer
            asked = read_retry_after(answer.header("retry-after"), self.clock.now()) if answer else None
            waited = self.schedule.wait(retry, asked)
            self.clock.sleep(waited)
        if verdict.action in ("retry", "rate_limited"):
            tries = f" ({len(attempts)} tries)" if len(attempts) > 1 else ""
            verdict = replace(verdict, action="fail", reason=f"{verdict.reason}{tries}", exhausted=True)
        verdict = replace(verdict, reason=self.masker(verdict.reason), message=self.masker(verdict.message))
        rejected: tuple[tuple[str, str], ...] = ()
        if verdict.accepted and endpoint.rejected_path and result.answer and keys:
            found = read_rejected(endpoint.rejected_path, result.answer, keys, items)
            sent = set(keys)
            rejected = tuple((key if key in sent else self.masker(key), self.masker(reason)) for key, reason in found)
        doubtful = any(effects[:-1] if verdict.accepted else effects)
        told = (tuple(attempts), verdict, rejected, doubtful)
        return Delivery(request.endpoint, operation, request.masked, keys, *told), result.answer

    def _verdict(self, endpoint: Endpoint, result: Exchange) -> Verdict:
        if result.answer is not None:
            return judge(endpoint, result.answer)
        once_only = isinstance(endpoint, CreateListEndpoint) and not endpoint.idempotent
        if result.lost and once_only:
            message = (
                "The list may have been created, but its answer was lost; trying again could create it twice. "
                "Look it up at the destination and give its id, or mark the endpoint as idempotent."
            )
            return Verdict("stop", result.fault, message, unsure=True)
        if result.unusable:  # the same URL would be refused again: not tried again
            return Verdict("fail", result.fault, "Check the URL of the endpoint.")
        return network_fault(result.fault)

    def _attempt(self, number: int, started: float, waited: float, result: Exchange, unnamed: bool) -> Attempt:
        answer = result.answer
        # Masked before it is cut: a secret that straddles the cut would show its beginning.
        body = self.masker(answer.body)[:RECORDED_BODY] if answer else ""
        headers = tuple((name, self.masker(value)) for name, value in answer.headers) if answer else ()
        return Attempt(
            number=number,
            started=started,
            elapsed_ms=result.elapsed_ms,
            waited_ms=round(waited * 1000),
            status=answer.status if answer else None,
            headers=headers,
            body=body,
            fault=self.masker(result.fault) or None,
            cut=result.cut or bool(answer and len(answer.body) > RECORDED_BODY),
            unnamed=unnamed,
        )


def _may_have_effect(result: Exchange) -> bool:
    """Whether the destination may have acted. A 4xx says that it has not, but a time-out may come after the work."""
    if result.answer is None:
        return result.lost
    status = result.answer.status
    return not 400 <= status < 500 or status == TIMED_OUT
