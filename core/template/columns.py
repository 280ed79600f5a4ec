"""The values of one variable for many members, through the filters and into JSON, a column at a time.

A text that is empty is no value, so a column needs no nulls. Where a step is the same for every byte of plain ASCII it
is one Arrow call for the column; every other step goes through its filter, value by value, with the same result. The
benchmark `benchmarks/render.py` has the figures beside those of a loop written by hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.template.filters import FILTERS, UnreadableValue, convert, matching
from core.template.names import Kind
from core.template.packed import BYTES, array_of, data_of, offsets_of
from core.template.references import Reference
from core.template.values import json_text, missing_reason, to_bytes

Column: TypeAlias = "Sequence[str | None] | pa.Array | pa.ChunkedArray"
Columns = Mapping[str, Column]

_TEXT = pa.large_string()
_SPACE, _DELETE, _QUOTE, _BACKSLASH = 0x20, 0x7F, ord('"'), ord("\\")


@dataclass(frozen=True, slots=True)
class Texts:
    """One text a member, empty where there is no value. `broken`: some have half a character (a lone surrogate)."""

    array: pa.LargeBinaryArray
    broken: bool = False

    @classmethod
    def of(cls, column: Column) -> Texts:
        """The column's values; None is empty."""
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if isinstance(column, pa.Array):
            known = column if not column.null_count else pc.fill_null(column, "")
            return cls(known.cast(_TEXT).view(BYTES))
        texts = [text or "" for text in column]
        try:
            return cls(pa.array(texts, _TEXT).view(BYTES))
        except UnicodeEncodeError:
            return cls(pa.array([text.encode("utf-8", "surrogatepass") for text in texts], BYTES), broken=True)

    def strings(self) -> list[str]:
        if self.broken:
            return [text.decode("utf-8", "surrogatepass") for text in self.array.to_pylist()]
        return list(self.array.view(_TEXT).to_pylist())

    @property
    def missing(self) -> npt.NDArray[np.bool_] | None:
        """Which rows have no value; None when all have one."""
        empty = np.diff(offsets_of(self.array)) == 0
        return empty if empty.any() else None

    @property
    def is_plain(self) -> bool:
        """Nothing but the printable characters of ASCII."""
        data = data_of(self.array)
        return not len(data) or bool(data.min() >= _SPACE and data.max() < _DELETE)


@dataclass(frozen=True, slots=True)
class EvaluatedColumn:
    """The texts after the filters, their kind, and the reasons of the rows that cannot be sent."""

    texts: Texts
    kind: Kind
    faults: dict[int, str]


def evaluate_column(reference: Reference, column: Column) -> EvaluatedColumn:
    """As `values.evaluate`, for one value a member."""
    texts = Texts.of(column)
    faults: dict[int, str] = {}
    kind = reference.variable.kind
    if pattern := reference.variable.pattern:
        texts = _each(texts, lambda text: matching(text, pattern), reference, faults)
    if kind != "string":
        texts = _each(texts, lambda text: convert(text, reference.variable.kind), reference, faults)
    for call in reference.filters:
        if call.name == "default":
            texts = _with_default(texts, convert(call.argument, kind) if call.argument else "")
            continue
        step = FILTERS[call.name]
        kind = step.kind
        if call.name in _DIGESTS:
            texts = _digests(texts, _DIGESTS[call.name])
        elif call.name in _IN_PLAIN_TEXT and texts.is_plain:
            texts = Texts(_IN_PLAIN_TEXT[call.name](texts.array.view(_TEXT)).view(BYTES))
        else:
            texts = _each(texts, step.apply, reference, faults)
    if reference.required and (missing := texts.missing) is not None:
        for row in np.flatnonzero(missing).tolist():
            faults.setdefault(row, missing_reason(reference))
    return EvaluatedColumn(texts, kind, faults)


def _trimmed(array: pa.LargeStringArray) -> pa.LargeStringArray:
    return pc.ascii_trim(array, " ")


_IN_PLAIN_TEXT: dict[str, Callable[[pa.LargeStringArray], pa.LargeStringArray]] = {
    "trim": _trimmed,
    "lower": pc.ascii_lower,
    "upper": pc.ascii_upper,
    "email": lambda array: pc.ascii_lower(_trimmed(array)),
    "string": lambda array: array,
}
"""Filters that Arrow applies to printable ASCII as Python does."""

_DIGESTS: dict[str, Callable[[bytes], Any]] = {
    "md5": partial(hashlib.md5, usedforsecurity=False),
    "sha1": partial(hashlib.sha1, usedforsecurity=False),
    "sha256": hashlib.sha256,
}


def _digests(texts: Texts, digest: Callable[[bytes], Any]) -> Texts:
    """Each text's digest, of the bytes as Arrow holds them: no text is decoded and encoded again."""
    values = texts.array.to_pylist()
    missing = texts.missing
    found = [digest(raw).hexdigest() for raw in values]
    lengths = np.full(len(values), 2 * digest(b"").digest_size)
    if missing is not None:
        lengths[missing] = 0
        found = ["" if without else text for text, without in zip(found, missing.tolist(), strict=True)]
    return Texts(array_of(np.concatenate([[0], np.cumsum(lengths)]), "".join(found).encode("ascii")))


def _with_default(texts: Texts, default: str) -> Texts:
    missing = texts.missing
    if missing is None or not default:
        return texts
    raw = default.encode("utf-8", "surrogatepass")
    filled = pc.if_else(pa.array(missing), pa.scalar(raw, BYTES), texts.array)
    return Texts(filled, texts.broken or raw != default.encode("utf-8", "replace"))


def _each(texts: Texts, apply: Callable[[str], str], reference: Reference, faults: dict[int, str]) -> Texts:
    """The texts after a step that may refuse some of them; the refused ones become empty, with a fault."""
    out: list[str] = []
    for row, text in enumerate(texts.strings()):
        try:
            out.append(apply(text) if text else "")
        except UnreadableValue as fault:
            faults.setdefault(row, f"{reference.name}: {fault}")
            out.append("")
    return Texts.of(out)


def escaped(texts: Texts) -> pa.LargeBinaryArray:
    """Each text as it stands between the quotes of a JSON string."""
    array = texts.array
    if texts.broken:
        return pa.array([to_bytes(json_text(text)) for text in texts.strings()], BYTES)
    data = data_of(array)
    if not len(data):
        return array
    if data.min() < _SPACE:
        return pa.array([json_text(text) for text in texts.strings()], _TEXT).view(BYTES)
    if (data == _BACKSLASH).any():
        array = pc.replace_substring(array, b"\\", b"\\\\")
    if (data == _QUOTE).any():
        array = pc.replace_substring(array, b'"', b'\\"')
    return array
