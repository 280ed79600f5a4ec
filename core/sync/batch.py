"""Members for one request, and those who cannot be sent.

Keys and items stay in Arrow's memory (`Keys`, `PackedTexts`); a batch is a part of what was rendered together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.integration import EndpointName
from core.request import BatchValues, RenderedRequest, RequestBuilder
from core.sync.keys import Keys


@dataclass(frozen=True, slots=True)
class Skipped:
    """A member that cannot be sent to this endpoint, and why."""

    key: str
    operation: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Members of one operation for one request. `items` is None when the endpoint is called once per user.

    `ordinal` numbers the batch within its endpoint; the halves of a divided batch are `3.1` and `3.2`.
    """

    endpoint: EndpointName
    operation: str
    ordinal: str
    keys: Sequence[str]
    items: Sequence[str] | None = None
    marked_items: Sequence[str] | None = None
    member: tuple[tuple[str, str | None], ...] = ()

    def halves(self) -> tuple[Batch, Batch]:
        """The batch in two; it must have two members at least."""
        middle = len(self.keys) // 2
        return self._part(0, middle, "1"), self._part(middle, len(self.keys), "2")

    def _part(self, start: int, end: int, number: str) -> Batch:
        return replace(
            self,
            ordinal=f"{self.ordinal}.{number}",
            keys=self.keys[start:end],
            items=None if self.items is None else self.items[start:end],
            marked_items=None if self.marked_items is None else self.marked_items[start:end],
        )

    def render(self, builder: RequestBuilder, values: BatchValues) -> RenderedRequest:
        """The request of this batch; its message id depends on nothing but the run and the batch."""
        named = builder.uses(self.endpoint, "message_id")
        values = replace(values, operation=self.operation, message_id=self.message_id(builder, values) if named else "")
        return builder.request(
            self.endpoint,
            values,
            items=self.items,
            marked_items=self.marked_items,
            member=dict(self.member) or None,
        )

    def message_id(self, builder: RequestBuilder, values: BatchValues) -> str:
        """The same for the same batch of the same run, on every try; 32 hexadecimal digits."""
        cohort = builder.connection.cohort.id
        parts = [cohort, str(values.computed_time), self.endpoint, self.operation, self.ordinal]
        keys = self.keys if isinstance(self.keys, Keys) else Keys.of(self.keys)
        text = "\x1f".join(parts).encode("utf-8", "surrogatepass") + b"\x1f"
        return hashlib.sha256(text + keys.joined("\x1f") if len(keys) else text[:-1]).hexdigest()[:32]
