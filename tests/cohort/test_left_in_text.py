"""Rows whose properties stay in the file give what rows read whole give; Python's decoder and csv are the judges."""

from __future__ import annotations

import csv
import gzip
import io
import os
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.cohort import diff, left_in_text, plain_text, read_snapshot
from core.cohort.engine import shared
from core.cohort.left_in_text import LeftInText
from core.cohort.limits import Limits
from core.cohort.tables import read_stored
from core.errors import CohortFileError

CELL = st.text(st.sampled_from(list('aé🎉,;" \t0')), max_size=5)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), max_size=12)
HEADER = ("id", "b_é", "c")


def text_of(rows: list[tuple[str, ...]], end: str, *, last_end: bool = True, mark: bool = False) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator=end).writerows([HEADER, *rows])
    text = written.getvalue()
    return (text if last_end else text.removesuffix(end)).encode("utf-8-sig" if mark else "utf-8")


def rows_of(stored: object) -> list[tuple[str, ...]]:
    table = stored.members.table()  # type: ignore[attr-defined]
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


@settings(deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans(), st.integers(1, 4), st.integers(1, 40))
@example([("1", "x", "y"), ("2", 'q"q', "é"), ("3", "", "")], "\n", False, True, 3, 1)
@example([("1", "x", "y"), ("2", "", ""), ("3", "", "")], "\r\n", False, False, 2, 1)
def test_chosen_rows_are_those_of_the_file(
    rows: list[tuple[str, ...]], end: str, last_end: bool, mark: bool, each: int, piece: int
) -> None:
    content = text_of(rows, end, last_end=last_end, mark=mark)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(left_in_text, "_PIECE", piece)
        stored = read_stored(content, shared(), wanted=("id",))
        found = rows_of(stored.chosen(f"SELECT range FROM range(0, {len(rows)}, {each})"))
    assert found == rows[::each]
    assert rows_of(stored.whole()) == rows
    keys = f"SELECT c0 FROM {stored.keys} ORDER BY row"
    assert stored.engine.run(keys) == [(row[0],) for row in rows]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["\n", "\r\n"]), min_size=2, max_size=12), st.integers(1, 3))
def test_lines_may_end_in_two_ways(ends: list[str], each: int) -> None:
    text = "id,b" + "".join(f"{end}{number},x" for number, end in enumerate(ends))
    stored = read_stored(text.encode(), shared(), wanted=("id",))
    rows = [(str(number), "x") for number in range(len(ends))]
    assert rows_of(stored.chosen(f"SELECT range FROM range(0, {len(rows)}, {each})")) == rows[::each]


def test_a_file_of_many_columns_is_left_where_it_is_and_one_of_keys_is_not() -> None:
    assert isinstance(read_stored(b"id,b\n1,x\n", shared(), wanted=("id",)), LeftInText)
    assert not isinstance(read_stored(b"id\n1\n", shared(), wanted=("id",)), LeftInText)
    assert not isinstance(read_stored(b'id,b\n1,"x\ny"\n', shared(), wanted=("id",)), LeftInText)
    assert isinstance(read_stored(gzip.compress(b"id,b\n1,x\n"), shared(), wanted=("id",)), LeftInText)


@settings(deadline=None)
@given(ROWS, ROWS, st.booleans())
def test_files_differ_as_snapshots_read_whole_do(
    before: list[tuple[str, ...]], now: list[tuple[str, ...]], track: bool
) -> None:
    old, new = text_of(before, "\n"), text_of(now, "\n")
    tracked = ("c",) if track else ()
    lean = diff(old, new, "id", track=tracked)
    whole = diff(read_snapshot(old, "id"), read_snapshot(new, "id"), "id", track=tracked)
    assert lean.counts == whole.counts
    assert lean.current_report == whole.current_report
    assert lean.previous_report == whole.previous_report
    for mine, other in (
        (lean.added, whole.added),
        (lean.removed, whole.removed),
        (lean.unchanged, whole.unchanged),
        (lean.changed, whole.changed),
    ):
        assert (mine is None) == (other is None)
        if mine is not None and other is not None:
            assert mine.table().equals(other.table())


@pytest.mark.parametrize("end", [b"2,\xff\n3,y\n", b"2,\xed\xa0\x80\n", b"2,\xc3"])
def test_what_is_no_text_is_refused_though_no_key_is_concerned(end: bytes) -> None:
    content = b"id,b\n" + b"".join(b"u%d,x\n" % number for number in range(20_000)) + end  # more than is sampled
    with pytest.raises(CohortFileError) as whole:
        read_snapshot(content, "id")
    with pytest.raises(CohortFileError) as lean:
        diff(content, content, "id")
    assert str(lean.value) == str(whole.value)


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"a", b"\n", "é".encode(), "€".encode(), "🎉".encode(), b"\xc3", b"\x80", b"\xf0"])))
@example(["é".encode()])
@example([b"\xf0", b"\x9f"])
def test_a_text_is_told_from_other_bytes_wherever_it_is_cut(parts: list[bytes]) -> None:
    content = b"id,b\n" + b"".join(parts)
    try:
        content.decode()
        is_text = True
    except UnicodeDecodeError:
        is_text = False
    for piece in (1, 2, 3, 5):
        with pytest.MonkeyPatch.context() as patched, shared().scratch() as folder:
            patched.setattr(plain_text, "_PIECE", piece)
            looked = plain_text.plain_text(content, "", folder, Limits())
        assert isinstance(looked, plain_text.PlainText)
        assert looked.valid == is_text


@pytest.mark.parametrize("blank", [" ", "\t", "\v", "\f", "\x1c", "\x1f", "\u2003", "\x85"])
@pytest.mark.parametrize("columns", [1, 2])
def test_white_space_at_the_end_of_one_key_of_a_file_is_seen(blank: str, columns: int) -> None:
    rest = ",x" * (columns - 1)
    lines = ["id,b"[: 2 * columns], f"1{rest}", f"2{blank}{rest}", f"{blank}3{rest}"]
    content = ("\n".join(lines) + "\n").encode()
    found = diff(b"id\n2\n3\n", content, "id")
    assert found.counts[:3] == (1, 0, 2)
    assert found.added.table().column("id").to_pylist() == ["1"]


@settings(deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_rows_are_written_from_the_file_as_they_are(rows: list[tuple[str, ...]], end: str, first_whole: bool) -> None:
    stored = read_stored(text_of(rows, end), shared(), wanted=("id",))
    if first_whole:
        stored.whole()
    with shared().scratch() as folder:
        stored.write_parquet(folder / "rows.parquet")
        written = pyarrow.parquet.read_table(folder / "rows.parquet")
    assert tuple(written.column_names) == HEADER
    assert list(zip(*(column.to_pylist() for column in written.columns), strict=True)) == rows


def test_a_file_that_another_one_replaced_is_still_the_one_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    path.write_bytes(b"id,b\n1,x\n2,y\n3,z\n")
    stored = read_stored(path, shared(), wanted=("id",))
    (tmp_path / "new.csv").write_bytes(b"id,b\n7,x\n8,y\n9,z\n")
    os.replace(tmp_path / "new.csv", path)
    assert rows_of(stored.chosen("SELECT 1")) == [("2", "y")]
    path.unlink()
    assert rows_of(stored.whole()) == [("1", "x"), ("2", "y"), ("3", "z")]


@pytest.mark.parametrize("written", [b"id,b\n1,x\n2,y\n3,z\n4,a\n", b"id,b\n7,u\n8,v\n9,w\n", b"id,b\n1\n", b""])
def test_a_file_that_was_written_over_is_not_mixed_with_what_was_read(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "cohort.csv"
    path.write_bytes(b"id,b\n1,x\n2,y\n3,z\n")
    os.utime(path, ns=(1, 1))
    stored = read_stored(path, shared(), wanted=("id",))
    path.write_bytes(written)
    with pytest.raises(CohortFileError, match="changed while it was read"):
        stored.chosen("SELECT 2")
    with pytest.raises(CohortFileError, match="changed while it was read"):
        stored.write_parquet(tmp_path / "rows.parquet")
    with pytest.raises(CohortFileError, match="changed while it was read"):
        stored.whole()
