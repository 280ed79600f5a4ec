"""Keys of members, held in Arrow's memory: ten million of them take what their characters take.

A key becomes a Python text when somebody asks for it: to name a member at fault, to look one up in an answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import count
from typing import overload

import pyarrow as pa
import pyarrow.compute as pc

from core.template.columns import Texts, escaped

TEXT = pa.large_string()
_COMPACT_ROWS = 100_000
_serials = count(1)
_BROKEN = re.compile("[\ud800-\udfff]")


class Keys(Sequence[str]):
    """Keys in order, equal to any sequence of the same texts. `serial` tells these from all others of this process."""

    __slots__ = ("_chunks", "serial")

    def __init__(self, chunks: pa.ChunkedArray) -> None:
        """`chunks`: texts without nulls."""
        self._chunks = chunks
        self.serial = next(_serials)

    @classmethod
    def of(cls, keys: Iterable[str] | pa.Array) -> Keys:
        array = keys if isinstance(keys, pa.Array) else pa.array(list(keys), TEXT)
        return cls(pa.chunked_array([array.cast(TEXT)]))

    def arrow(self) -> pa.ChunkedArray:
        """All of them, as large_string."""
        return self._chunks

    def without(self, keys: Collection[str]) -> Keys:
        known = [key for key in keys if not _BROKEN.search(key)]  # half a character is in no key
        found = pc.is_in(self._chunks, value_set=pa.array(known, TEXT))
        return Keys(self._chunks.filter(pc.invert(found)))

    def json(self) -> bytes:
        """The JSON array of the keys."""
        texts = escaped(Texts.of(self._chunks)).view(TEXT)
        return b'["' + Keys.of(texts).joined('","') + b'"]' if len(self) else b"[]"

    def joined(self, separator: str) -> bytes:
        """The keys in UTF-8 with a separator between them."""
        whole = self._chunks.combine_chunks()
        lists = pa.ListArray.from_arrays(pa.array([0, len(whole)], pa.int32()), whole)
        return bytes(pc.binary_join(lists, pa.scalar(separator, TEXT))[0].as_buffer())

    def __len__(self) -> int:
        return len(self._chunks)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Keys: ...
    def __getitem__(self, at: int | slice) -> str | Keys:
        if isinstance(at, slice):
            return Keys(self._chunks[at])
        return str(self._chunks[at].as_py())

    def __iter__(self) -> Iterator[str]:
        for chunk in self._chunks.chunks:
            yield from chunk.to_pylist()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Keys):
            return bool(self._chunks.equals(other.arrow()))
        return (
            isinstance(other, Sequence)
            and len(self) == len(other)
            and all(mine == theirs for mine, theirs in zip(self, other, strict=True))
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"Keys({shown}{', …' if len(self) > 3 else ''}; {len(self)})"


class KeyList(Keys):
    """Keys to which more are added. They are copied, so that nothing else of what they came with is kept."""

    __slots__ = ("_recent", "_rows")

    def __init__(self) -> None:
        super().__init__(pa.chunked_array([], TEXT))
        self._recent: list[pa.Array] = []
        self._rows = 0

    def extend(self, keys: Sequence[str]) -> None:
        self._recent += (keys if isinstance(keys, Keys) else Keys.of(keys)).arrow().chunks
        self._rows += len(keys)
        if self._rows >= _COMPACT_ROWS:
            self._compact()

    def _compact(self) -> None:
        if self._recent:
            fresh = pa.concat_arrays([pa.array([], TEXT), *self._recent])
            self._chunks = pa.chunked_array([*self._chunks.chunks, fresh])
            self._recent, self._rows = [], 0

    def arrow(self) -> pa.ChunkedArray:
        self._compact()
        return self._chunks

    def __len__(self) -> int:
        return len(self._chunks) + self._rows

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Keys: ...
    def __getitem__(self, at: int | slice) -> str | Keys:
        self._compact()
        return super().__getitem__(at)

    def __iter__(self) -> Iterator[str]:
        self._compact()
        return super().__iter__()

    def __eq__(self, other: object) -> bool:
        self._compact()
        return super().__eq__(other)

    __hash__ = None
