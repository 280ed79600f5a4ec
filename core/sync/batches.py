"""Divides members into batches that fit an endpoint, as a stream: nothing is held but the batch at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.cohort import Members
from core.integration import EndpointName
from core.request import BatchValues, RequestBuilder
from core.sync.batch import Batch, Skipped
from core.sync.keys import Keys
from core.sync.packing import ROWS_AT_ONCE, mapped, packed, sent_columns, size, too_large
from core.template import ValueFault

__all__ = ["Batch", "Skipped", "batches"]


def batches(
    builder: RequestBuilder, name: EndpointName, operation: str, members: Members, key: str, values: BatchValues
) -> Iterator[Batch | Skipped]:
    """The batches of an endpoint for the members, in their order, with those that must be skipped."""
    values = replace(values, operation=operation)
    if builder.endpoint(name).per_user:
        return _one_by_one(builder, name, operation, members, key, values)
    return packed(builder, name, operation, members, key, values)


def _one_by_one(
    builder: RequestBuilder, name: EndpointName, operation: str, members: Members, key: str, values: BatchValues
) -> Iterator[Batch | Skipped]:
    max_bytes = builder.endpoint(name).endpoint.max_bytes
    number = 0
    for table in members.only(sent_columns(builder, members.columns, key)).tables(ROWS_AT_ONCE):
        there = mapped(builder, table, key)
        columns = builder.columns({column: array.to_pylist() for column, array in there.items()})
        for row, member in enumerate(there[key].to_pylist()):
            own = tuple((variable, column[row] or None) for variable, column in columns.items())
            batch = Batch(name, operation, str(number), Keys.of([member]), member=own)
            number += 1
            try:
                request = batch.render(builder, values)
            except ValueFault as fault:
                if not any(fault.variable == variable for variable, _ in own):
                    raise
                yield Skipped(member, operation, fault.reason)
                continue
            if max_bytes is not None and size(request) > max_bytes:
                yield Skipped(member, operation, too_large(max_bytes))
            else:
                yield batch
