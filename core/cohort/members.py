"""Members with their properties, in order: in memory, in a file, or a choice of others; read in Arrow tables.

What reads a cohort (snapshot, difference, membership) makes them; what sends it goes through them a batch at a time,
so that no more than a batch of them need be in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.cohort.as_text import TEXT, table_as_text

_MOST_BYTES = 256 << 20
_FRAME_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
_TEXTS = {TEXT: _FRAME_TEXT}


class Members:
    """`columns` are the properties, the key among them; every value is text, an empty one if there is none.

    Reading them again gives the same members in the same order. Safe to read from several threads at once.
    """

    def __init__(
        self,
        columns: tuple[str, ...],
        count: int,
        batches: Callable[[], Iterator[pa.RecordBatch | pa.Table]],
        origin: object = None,
        pick: Callable[[tuple[str, ...]], Members] | None = None,
    ) -> None:
        """`batches` opens the members: text columns without nulls, in any division, `count` rows together.

        `origin` is what holds all of them, so that the engine finds its own again; `pick` gives them with fewer columns
        where that is quicker than to open all.
        """
        self.columns = columns
        self.origin = origin
        self._count = count
        self._batches = batches
        self._pick = pick

    @classmethod
    def of(cls, members: pd.DataFrame | pa.Table) -> Members:
        """Those of a frame or table in memory; values that are not text become it (`as_text.py`)."""
        table = pa.Table.from_pandas(members, preserve_index=False) if isinstance(members, pd.DataFrame) else members
        text = table_as_text(table, "")
        return cls(tuple(text.column_names), text.num_rows, lambda: iter([text]))

    def __len__(self) -> int:
        return self._count

    def tables(self, rows: int) -> Iterator[pa.Table]:
        """Consecutive tables of `rows` members, the last one of the rest; one chunk a column, large_string, no nulls.

        A table that would exceed 256 MB comes in smaller ones.
        """
        waiting: list[pa.Table] = []
        count = size = 0
        for batch in self._batches():
            table = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
            start = 0
            while start < table.num_rows:
                waiting.append(table.slice(start, rows - count))
                start += waiting[-1].num_rows
                count += waiting[-1].num_rows
                size += waiting[-1].nbytes
                if count == rows or size > _MOST_BYTES:
                    yield from _plain(pa.concat_tables(waiting))
                    waiting, count, size = [], 0, 0
        if waiting:
            yield from _plain(pa.concat_tables(waiting))

    def only(self, columns: Collection[str]) -> Members:
        """With those of their columns that are among these, in their own order."""
        kept = tuple(column for column in self.columns if column in columns)
        if kept == self.columns:
            return self
        if self._pick is not None:
            return self._pick(kept)
        return Members(kept, len(self), lambda: (batch.select(list(kept)) for batch in self._batches()))

    def with_copy(self, column: str, name: str) -> Members:
        """With the values of a column in the column `name` as well, instead of what that held."""

        def batches() -> Iterator[pa.Table]:
            for piece in self.pieces():
                values = piece.column(column)
                at = piece.schema.get_field_index(name)
                yield piece.append_column(name, values) if at < 0 else piece.set_column(at, name, values)

        columns = self.columns if name in self.columns else (*self.columns, name)
        return Members(columns, len(self), batches)

    def pieces(self) -> Iterator[pa.Table]:
        """Consecutive tables of any size, large_string columns; the first one is empty."""
        schema = pa.schema([(name, TEXT) for name in self.columns])
        yield schema.empty_table()
        for batch in self._batches():
            table = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
            yield table.cast(schema)

    def table(self) -> pa.Table:
        """All of them, large_string columns; for cohorts that are small enough for memory."""
        return pa.concat_tables(self.pieces())

    def frame(self) -> pd.DataFrame:
        """All of them, Arrow-backed `str` columns, index 0..n-1; for cohorts that are small enough for memory."""
        frame: pd.DataFrame = self.table().to_pandas(types_mapper=_TEXTS.get)
        return frame

    def head(self, count: int) -> pd.DataFrame:
        """The first `count`, as `frame` gives them."""
        return self.first(count).frame()

    def first(self, count: int) -> Members:
        """The first `count` of them."""
        count = min(count, len(self))

        def batches() -> Iterator[pa.Table]:
            left = count
            opened = self.tables(min(max(count, 1), 10_000))
            while left and (table := next(opened, None)) is not None:
                yield table.slice(0, left)
                left -= min(left, table.num_rows)

        return Members(self.columns, count, batches)

    def without(self, column: str, values: Collection[str]) -> Members:
        """Those whose value of a column is none of `values`, each of which exactly one member has."""
        left_out = pa.array(list(values), TEXT)

        def batches() -> Iterator[pa.Table]:
            for table in self.tables(10_000):
                yield table.filter(pc.invert(pc.is_in(table.column(column).cast(TEXT), value_set=left_out)))

        return Members(self.columns, len(self) - len(left_out), batches)


def _plain(table: pa.Table) -> Iterator[pa.Table]:
    """The table with one chunk a column; in halves where it is too large for that."""
    if table.nbytes > _MOST_BYTES and table.num_rows > 1:
        middle = table.num_rows // 2
        yield from _plain(table.slice(0, middle))
        yield from _plain(table.slice(middle))
    else:
        yield table.cast(pa.schema([(name, TEXT) for name in table.column_names])).combine_chunks()
