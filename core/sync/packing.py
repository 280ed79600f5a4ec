"""Packs the items of an endpoint into batches, by the number of members and, where there is a limit, by bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.cohort import Members
from core.integration import EndpointName
from core.request import BatchValues, RenderedRequest, RequestBuilder
from core.request.connection import mapped_column
from core.sync.batch import Batch, Skipped
from core.sync.keys import TEXT, Keys
from core.template.packed import PackedTexts

ROWS_AT_ONCE = 10_000
"""Members that are rendered together, or the next multiple of the batch size."""


@dataclass(frozen=True, slots=True)
class _Items:
    """Members that are to be sent. `rows` are their places in the table at hand, below 0 for those of one before."""

    keys: pa.LargeStringArray
    texts: PackedTexts
    marked: PackedTexts | None
    rows: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    def part(self, start: int, end: int) -> _Items:
        marked = None if self.marked is None else self.marked[start:end]
        return _Items(self.keys.slice(start, end - start), self.texts[start:end], marked, self.rows[start:end])

    def but(self, left_out: Sequence[int]) -> _Items:
        kept = np.setdiff1d(np.arange(len(self)), left_out)
        marked = None if self.marked is None else self.marked.take(kept)
        return _Items(self.keys.take(pa.array(kept)), self.texts.take(kept), marked, self.rows[kept])

    def and_then(self, more: _Items) -> _Items:
        both = None if self.marked is None or more.marked is None else PackedTexts.joined([self.marked, more.marked])
        texts = PackedTexts.joined([self.texts, more.texts])
        waited = np.full(len(self), -1)
        return _Items(pa.concat_arrays([self.keys, more.keys]), texts, both, np.concatenate([waited, more.rows]))


def packed(
    builder: RequestBuilder, name: EndpointName, operation: str, members: Members, key: str, values: BatchValues
) -> Iterator[Batch | Skipped]:
    """The batches, each as large as it may be; a member who is skipped comes before those who stand behind them."""
    packing = _Packing(builder, name, operation, values)
    batch_size = builder.endpoint(name).endpoint.batch_size
    waiting: _Items | None = None
    wanted = members.only(sent_columns(builder, members.columns, key))
    for table in wanted.tables(-(-ROWS_AT_ONCE // batch_size) * batch_size):
        items, skipped = packing.rendered(table, key)
        told = 0
        if waiting is not None:
            items = waiting.and_then(items)
        for part, is_full in packing.parts(items):
            if not is_full:
                waiting = part
                break
            last = part.rows[-1]
            while told < len(skipped) and skipped[told][0] < last:
                yield skipped[told][1]
                told += 1
            yield from packing.fitting(part)
        else:
            waiting = None
        yield from (one for _, one in skipped[told:])
    if waiting is not None:
        yield from packing.fitting(waiting)


@dataclass(slots=True)
class _Packing:
    """`overhead`: bytes of a body besides its items, known when the first item is; `number` counts the batches."""

    builder: RequestBuilder
    name: EndpointName
    operation: str
    values: BatchValues
    overhead: int | None = None
    number: int = 0
    max_bytes: int | None = field(init=False)
    batch_size: int = field(init=False)

    def __post_init__(self) -> None:
        endpoint = self.builder.endpoint(self.name).endpoint
        self.max_bytes, self.batch_size = endpoint.max_bytes, endpoint.batch_size

    def rendered(self, table: pa.Table, key: str) -> tuple[_Items, list[tuple[int, Skipped]]]:
        """The items of a table, and with their rows those who have none or one that is too large."""
        there = mapped(self.builder, table, key)
        columns = self.builder.columns(there)
        found = self.builder.render_items(self.name, columns, table.num_rows, self.values)
        marked = None
        if self.builder.items_show_secrets(self.name):
            marked = self.builder.render_items(self.name, columns, table.num_rows, self.values, marked=True).items
        keys = there[key].cast(TEXT)
        skipped = [
            (row, Skipped(keys[row].as_py(), self.operation, reason)) for row, reason in sorted(found.faults.items())
        ]
        if found.faults:
            keys = keys.take(pa.array(found.rows))
        items = _Items(keys, found.items, marked, found.rows)
        large = self._too_large(items)
        if large:
            reason = too_large(self.max_bytes or 0)
            skipped += [(int(items.rows[at]), Skipped(items.keys[at].as_py(), self.operation, reason)) for at in large]
            items = items.but(large)
        return items, sorted(skipped, key=lambda pair: pair[0])

    def _too_large(self, items: _Items) -> list[int]:
        """Which items exceed the largest body on their own."""
        if self.max_bytes is None or not len(items):
            return []
        lengths = items.texts.lengths
        if self.overhead is None:
            self.overhead = self._alone(items, 0) - int(lengths[0])
        suspects = np.flatnonzero(self.overhead + lengths > self.max_bytes).tolist()
        return [at for at in suspects if self._alone(items, at) > self.max_bytes]

    def _alone(self, items: _Items, at: int) -> int:
        values = replace(self.values, message_id="0" * 32)
        return size(self.builder.request(self.name, values, items=items.texts[at : at + 1]))

    def parts(self, items: _Items) -> Iterator[tuple[_Items, bool]]:
        """The items in parts, each with whether no more would fit into it; only the last one may have room."""
        ends = np.cumsum(items.texts.lengths)
        start = 0
        while start < len(items):
            end = start + self.batch_size
            if self.max_bytes is not None:
                before = int(ends[start - 1]) if start else 0
                most = self.max_bytes - (self.overhead or 0) + before
                end = min(end, max(start + 1, int(np.searchsorted(ends, most, side="right"))))
            yield items.part(start, min(end, len(items))), end < len(items) or end - start >= self.batch_size
            start = end

    def fitting(self, items: _Items) -> Iterator[Batch | Skipped]:
        """A batch, or several where bytes were underestimated, as those of a form are."""
        keys = Keys(pa.chunked_array([items.keys]))
        batch = Batch(self.name, self.operation, str(self.number), keys, items.texts, items.marked)
        if self.max_bytes is None or size(batch.render(self.builder, self.values)) <= self.max_bytes:
            self.number += 1
            yield batch
        elif len(items) == 1:
            yield Skipped(keys[0], self.operation, too_large(self.max_bytes))
        else:
            middle = len(items) // 2
            yield from self.fitting(items.part(0, middle))
            yield from self.fitting(items.part(middle, len(items)))


def sent_columns(builder: RequestBuilder, columns: Collection[str], key: str) -> set[str]:
    """The columns that feed mapping variables, and the key; a mapped one may be missing in `columns`."""
    fields = builder.integration.mapping_fields
    return {key, *(mapped_column(field, builder.connection, set(columns)) or key for field in fields)}


def mapped(builder: RequestBuilder, table: pa.Table, key: str) -> dict[str, pa.Array]:
    """The columns of a table that are sent, under their own names; a mapped column that the table lacks, as one of
    members who left may, is empty.
    """
    there = set(table.column_names)
    empty = pa.repeat("", table.num_rows)
    names = sent_columns(builder, there, key)
    return {name: table.column(name).chunk(0) if name in there else empty for name in names}


def too_large(max_bytes: int) -> str:
    return f"one user alone exceeds the largest body of {max_bytes:,} bytes"


def size(request: RenderedRequest) -> int:
    return len(request.wire.body or b"")
