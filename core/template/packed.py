"""JSON texts of many members in one run of bytes, as they stand in a body: none of them is a Python text until asked.

An Arrow array holds them, each followed by a comma, so that the bytes of any part of it are the items of a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BYTES = pa.large_binary()


class PackedTexts(Sequence[str]):
    """A sequence of JSON texts; parts of it share its memory."""

    __slots__ = ("_array",)

    def __init__(self, array: pa.LargeBinaryArray) -> None:
        """`array`: each text in UTF-8, with a comma after it, no nulls."""
        self._array = array

    @classmethod
    def of(cls, texts: Iterable[str]) -> PackedTexts:
        return cls(pa.array([text.encode("utf-8", "backslashreplace") + b"," for text in texts], BYTES))

    @classmethod
    def joined(cls, parts: Sequence[PackedTexts]) -> PackedTexts:
        """Several, one after the other."""
        return parts[0] if len(parts) == 1 else cls(pa.concat_arrays([part._array for part in parts]))

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Bytes of each text with the comma after it."""
        return np.diff(offsets_of(self._array))

    def json_pieces(self) -> tuple[bytes, memoryview, bytes]:
        """The pieces of the JSON array of all the texts, to be joined; the second is not copied."""
        offsets = offsets_of(self._array)
        if not len(self):
            return b"[", memoryview(b""), b"]"
        return b"[", memoryview(self._array.buffers()[2])[offsets[0] : offsets[-1] - 1], b"]"

    def take(self, rows: npt.NDArray[np.int64]) -> PackedTexts:
        return PackedTexts(self._array.take(pa.array(rows)))

    def __len__(self) -> int:
        return len(self._array)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> PackedTexts: ...
    def __getitem__(self, at: int | slice) -> str | PackedTexts:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step != 1:
                raise ValueError("texts are cut into consecutive parts only")
            return PackedTexts(self._array.slice(start, max(0, stop - start)))
        return str(self._array[at].as_py()[:-1], "utf-8")

    def __iter__(self) -> Iterator[str]:
        return (str(text[:-1], "utf-8") for text in self._array.to_pylist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"PackedTexts({len(self)})"


def offsets_of(array: Any) -> npt.NDArray[np.int64]:
    """Where each text of a large binary or string array begins in its data, and where the last one ends."""
    if not len(array):
        return np.zeros(1, np.int64)
    return np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]


def data_of(array: Any) -> npt.NDArray[np.uint8]:
    """All bytes of a large binary or string array, one text after the other."""
    offsets = offsets_of(array)
    if offsets[0] == offsets[-1]:
        return np.zeros(0, np.uint8)
    return np.frombuffer(array.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]


def array_of(offsets: npt.NDArray[np.int64], data: bytes) -> pa.LargeBinaryArray:
    """The array of texts that begin at these offsets, the last of which is the end of the data."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(data)]
    return pa.Array.from_buffers(BYTES, len(offsets) - 1, buffers)
