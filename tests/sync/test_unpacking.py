"""Bodies of answers: unpacked as they come, and no further than to the cap."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sync.unpacking import NotPacked, read_body

CAP = 1_000
MIB = 1024 * 1024


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS = {
    "": bytes,
    "identity": bytes,
    "br": bytes,  # not known, left as it is
    "gzip": gzip.compress,
    "X-GZip": gzip.compress,
    "identity, gzip": gzip.compress,
    "deflate": zlib.compress,
    " deflate ": bare_deflate,
}


@pytest.mark.parametrize("coding", PACKERS)
@given(body=st.binary(max_size=2 * CAP), size=st.integers(1, 700))
def test_a_body_is_what_was_packed_in_whatever_pieces_it_comes(coding: str, body: bytes, size: int) -> None:
    packed = PACKERS[coding](body)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    found, cut = read_body(pieces, coding, 4 * CAP)
    assert (found, cut) == (body, False)


@pytest.mark.parametrize("coding", PACKERS)
def test_more_than_the_cap_is_cut(coding: str) -> None:
    exact, more = (PACKERS[coding](bytes(length)) for length in (CAP, CAP + 1))
    assert read_body([exact], coding, CAP if len(exact) <= CAP else len(exact)) == (bytes(CAP), False)
    assert read_body([more], coding, CAP) == (bytes(CAP), True)


def test_a_bomb_is_not_unpacked_beyond_the_cap() -> None:
    bomb = gzip.compress(bytes(64 * MIB))
    tracemalloc.start()
    found, cut = read_body([bomb], "gzip", MIB)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(found), cut) == (MIB, True)
    assert peak < 8 * MIB


def test_nothing_is_taken_after_the_cap_is_reached() -> None:
    taken: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield bytes(600)

    assert read_body(endless(), "", CAP) == (bytes(CAP), True)
    assert len(taken) == 2


def test_what_is_packed_in_but_unpacks_to_nothing_counts_too() -> None:
    body, cut = read_body((b"\0\0\0\xff\xff" for _ in iter(int, 1)), "deflate", CAP)
    assert (body, cut) == (b"", True)


@pytest.mark.parametrize("coding", ["gzip, gzip", "deflate, gzip", "gzip,gzip,gzip"])
def test_a_body_packed_more_than_once_is_refused(coding: str) -> None:
    with pytest.raises(NotPacked):
        read_body([gzip.compress(gzip.compress(b"x"))], coding, CAP)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_body_that_is_not_packed_as_it_says_is_refused(coding: str) -> None:
    with pytest.raises(NotPacked):
        read_body([b"plain"], coding, CAP)
    broken = bytearray(PACKERS[coding](bytes(range(256)) * 3))
    broken[10:30] = b"\xff" * 20
    with pytest.raises(NotPacked):
        read_body([bytes(broken)], coding, CAP)
