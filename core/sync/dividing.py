"""Whether a refused batch comes back in two: one that was too large, or one to be searched for members at fault.

Halves go next, before what else is waiting, so that a search soon reaches single members. It ends when it costs more
than it tells: after `MOST_AT_FAULT` members of one batch, or when the first members it reached were all refused alike
and no part was accepted, as with a URL that is wrong; further batches of that endpoint are not searched then either.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Literal

from core.sync.batches import Batch
from core.sync.delivery import Delivery

MOST_AT_FAULT = 64
"""Members of one batch that a search finds at most; what is refused after that fails as it is."""
REFUSED_ALIKE = 8
"""After so many members refused one by one for one reason, and no part of their batch accepted, it is no member's
fault. Parts that wait are still sent once, whole; the first that is accepted takes the search up again.
"""
TOO_LARGE = 413

_ALIKE = "Every part of the batch was refused alike, so the search for members at fault ended. "
_MANY = f"More than {MOST_AT_FAULT} members of the batch were refused, so the others were not told apart. "

Where = tuple[str, str]
"""Endpoint and operation."""


@dataclass(slots=True)
class _Search:
    """What became of the parts of one batch so far."""

    alone: int = 0
    accepted: bool = False
    reasons: frozenset[tuple[int | None, str]] = frozenset()


class Dividing:
    """The searches of one run. `isolate` says that refused batches are searched for the members at fault."""

    def __init__(self, *, isolate: bool) -> None:
        self._isolate = isolate
        self._searches: dict[tuple[str, str, str], _Search] = defaultdict(_Search)
        self._hopeless: dict[Where, set[tuple[int | None, str]]] = defaultdict(set)

    def settle(self, delivery: Delivery, batch: Batch) -> Literal["whole", "halves"] | Delivery:
        """How the delivery's batch goes on: it is done with, or its halves are to be sent.

        A delivery comes back when the search ends with it: its message says why.
        """
        where = (batch.endpoint, batch.operation)
        root = batch.ordinal.partition(".")[0]
        verdict, reason = delivery.verdict, (delivery.status, delivery.verdict.reason)
        if verdict.accepted:
            self._hopeless.pop(where, None)
            if (*where, root) in self._searches:
                self._searches[*where, root].accepted = True
            return "whole"
        too_large = delivery.status == TOO_LARGE
        refused = 400 <= (delivery.status or 0) < 500 and not verdict.exhausted
        if verdict.action != "fail" or not (too_large or (self._isolate and refused)) or batch.items is None:
            return "whole"
        search = self._searches[*where, root]
        search.reasons |= {reason}
        if len(batch.keys) == 1:
            search.alone += 1
            if search.alone >= REFUSED_ALIKE and not search.accepted and len(search.reasons) == 1:
                self._hopeless[where].add(reason)
            return "whole"
        if reason in self._hopeless[where]:
            return _ended(delivery, _ALIKE)
        if search.alone >= MOST_AT_FAULT:
            return _ended(delivery, _MANY)
        return "halves"


def _ended(delivery: Delivery, why: str) -> Delivery:
    verdict = delivery.verdict
    return replace(delivery, verdict=replace(verdict, message=f"{why}{verdict.message}"))
