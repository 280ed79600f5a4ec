"""Divides members into batches that fit an endpoint, as a stream: nothing is held but the batch at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from core.integration import EndpointName
from core.request import BatchValues, RenderedRequest, RequestBuilder
from core.request.connection import mapped_column
from core.template import ValueFault, to_bytes

_CHUNK = 50_000


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
    keys: tuple[str, ...]
    items: tuple[str, ...] | None = None
    marked_items: tuple[str, ...] | None = None
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
        values = replace(values, operation=self.operation, message_id=self.message_id(builder, values))
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
        parts = (cohort, str(values.computed_time), self.endpoint, self.operation, self.ordinal, *self.keys)
        return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def batches(
    builder: RequestBuilder,
    name: EndpointName,
    operation: str,
    frame: pd.DataFrame,
    key: str,
    values: BatchValues,
) -> Iterator[Batch | Skipped]:
    """The batches of an endpoint for the members of a frame, in the frame's order, with those that must be skipped."""
    values = replace(values, operation=operation)
    if builder.endpoint(name).per_user:
        yield from _one_by_one(builder, name, operation, frame, key, values)
    else:
        yield from _packed(builder, name, operation, _rendered(builder, name, operation, frame, key, values), values)


@dataclass(frozen=True, slots=True)
class _Item:
    key: str
    text: str
    marked: str


def _columns(builder: RequestBuilder, frame: pd.DataFrame, key: str) -> dict[str, Sequence[str | None]]:
    """The values of the mapping variables; a mapped column that the frame lacks, as one of members who left may, is
    empty.
    """
    there = set(frame.columns)
    names = {key, *(mapped_column(field, builder.connection, there) for field in builder.integration.mapping_fields)}
    empty = [""] * len(frame)
    return builder.columns({name: frame[name].tolist() if name in there else empty for name in names if name})


def _rendered(
    builder: RequestBuilder, name: EndpointName, operation: str, frame: pd.DataFrame, key: str, values: BatchValues
) -> Iterator[_Item | Skipped]:
    show_secrets = builder.items_show_secrets(name)
    for start in range(0, len(frame), _CHUNK):
        part = frame.iloc[start : start + _CHUNK]
        columns = _columns(builder, part, key)
        rendered = builder.render_items(name, columns, len(part), values)
        marked = (
            builder.render_items(name, columns, len(part), values, marked=True).texts
            if show_secrets
            else rendered.texts
        )
        for row, member in enumerate(part[key].tolist()):
            text = rendered.texts[row]
            if text is None:
                yield Skipped(member, operation, rendered.faults[row])
            else:
                yield _Item(member, text, marked[row] or "")


def _packed(
    builder: RequestBuilder,
    name: EndpointName,
    operation: str,
    items: Iterator[_Item | Skipped],
    values: BatchValues,
) -> Iterator[Batch | Skipped]:
    endpoint = builder.endpoint(name).endpoint
    show_secrets = builder.items_show_secrets(name)
    number = 0

    def alone(item: _Item) -> int:
        return _size(builder.request(name, replace(values, message_id="0" * 32), items=[item.text]))

    def flush(pending: list[_Item]) -> Iterator[Batch | Skipped]:
        nonlocal number
        batch = Batch(
            name,
            operation,
            str(number),
            tuple(item.key for item in pending),
            tuple(item.text for item in pending),
            tuple(item.marked for item in pending) if show_secrets else None,
        )
        if endpoint.max_bytes is None or _size(batch.render(builder, values)) <= endpoint.max_bytes:
            number += 1
            yield batch
        elif len(pending) == 1:
            yield Skipped(batch.keys[0], operation, _too_large(endpoint.max_bytes))
        else:
            middle = len(pending) // 2
            yield from flush(pending[:middle])
            yield from flush(pending[middle:])

    pending: list[_Item] = []
    size = 0
    overhead: int | None = None
    for item in items:
        if isinstance(item, Skipped):
            yield item
            continue
        length, full = 0, False
        if endpoint.max_bytes is not None:
            length = len(to_bytes(item.text)) + 1
            if overhead is None:
                overhead = alone(item) - length
            if overhead + length > endpoint.max_bytes and alone(item) > endpoint.max_bytes:
                yield Skipped(item.key, operation, _too_large(endpoint.max_bytes))
                continue
            full = overhead + size + length > endpoint.max_bytes
        if pending and (full or len(pending) >= endpoint.batch_size):
            yield from flush(pending)
            pending, size = [], 0
        pending.append(item)
        size += length
    if pending:
        yield from flush(pending)


def _size(request: RenderedRequest) -> int:
    return len(request.wire.body or b"")


def _too_large(max_bytes: int) -> str:
    return f"one user alone exceeds the largest body of {max_bytes:,} bytes"


def _one_by_one(
    builder: RequestBuilder, name: EndpointName, operation: str, frame: pd.DataFrame, key: str, values: BatchValues
) -> Iterator[Batch | Skipped]:
    max_bytes = builder.endpoint(name).endpoint.max_bytes
    columns = _columns(builder, frame, key)
    for row, member in enumerate(frame[key].tolist()):
        mapped = tuple((variable, column[row] or None) for variable, column in columns.items())
        batch = Batch(name, operation, str(row), (member,), member=mapped)
        try:
            request = batch.render(builder, values)
        except ValueFault as fault:
            if not any(fault.variable == variable for variable, _ in mapped):
                raise
            yield Skipped(member, operation, fault.reason)
            continue
        if max_bytes is not None and _size(request) > max_bytes:
            yield Skipped(member, operation, _too_large(max_bytes))
        else:
            yield batch
