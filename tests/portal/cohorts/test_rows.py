"""The rows of a cohort file are counted and checked as core.cohort reads them, a piece at a time."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohort import read_snapshot
from core.errors import CohortFileError
from core.portal.cohorts import rows
from core.portal.cohorts.rows import first_rows, measure

SAMPLES = Path(__file__).resolve().parents[3] / "sample_cohorts"


@pytest.mark.parametrize("name", ["small/day-1.csv", "large/day-2.csv.gz", "property_rich.csv"])
def test_the_samples_have_the_rows_and_columns_that_reading_them_whole_gives(name: str) -> None:
    whole = read_snapshot(SAMPLES / name, "user_id")
    measured = measure(SAMPLES / name, name)
    assert measured.rows == whole.report.rows
    assert measured.columns == tuple(whole.frame.columns)
    assert first_rows(SAMPLES / name, 2).to_dict("list") == whole.frame.head(2).to_dict("list")


_VALUE = st.text(st.sampled_from("a1é ,;\t|\"\n\r'"), max_size=6)


@given(st.lists(st.tuples(_VALUE, _VALUE), max_size=8), st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-16"]))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_the_values_a_row_is_a_row(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[str, str]], delimiter: str, encoding: str
) -> None:
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    quoted = [delimiter.join('"' + value.replace('"', '""') + '"' for value in row) for row in found]
    path.write_bytes("\r\n".join([f"key{delimiter}other", *quoted, ""]).encode(encoding))
    assert measure(path, "a.csv").rows == len(found)
    assert first_rows(path, 100).to_numpy().tolist() == [list(row) for row in found]


def test_a_file_of_one_column_counts_its_empty_values(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\nuser_id\n1\n\n3\n")
    assert measure(tmp_path / "a.csv", "a.csv").rows == 3
    assert read_snapshot(tmp_path / "a.csv", "user_id").report.rows == 3


def test_parquet_tells_its_rows_and_gives_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pa.table({" id ": pa.array([7, None, 9]), "on": pa.array([True, False, None])}), path)
    assert measure(path, "a.parquet") == rows.Measure(3, ("id", "on"))
    assert first_rows(path, 2).to_dict("list") == read_snapshot(path, "on").frame.head(2).to_dict("list") | {
        "id": ["7", ""]
    }
    path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(CohortFileError, match="packed twice"):
        measure(path, "a.parquet")


def test_many_rows_are_counted_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", 1) as file:
        for _ in range(20):
            file.write(b"" if file.tell() else b"user_id,email\n")
            file.write(b"123456789,somebody@example.com\n" * 10_000)
    tracemalloc.start()
    try:
        assert measure(path, "a.csv.gz").rows == 200_000
        assert tracemalloc.get_traced_memory()[1] < 2 << 20  # of 6 MB unpacked
    finally:
        tracemalloc.stop()


def test_a_packed_file_cannot_become_a_row_or_a_file_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv.gz"
    monkeypatch.setattr(rows, "LONGEST_ROW", 1 << 16)
    path.write_bytes(gzip.compress(b'a,b\n1,"' + b"x\n" * (1 << 16)))
    with pytest.raises(CohortFileError, match="longer than"):
        measure(path, "a.csv.gz")
    monkeypatch.setattr(rows, "MOST_UNPACKED", 1 << 20)
    path.write_bytes(gzip.compress(b"a\n" + b"x\n" * (1 << 20)))
    with pytest.raises(CohortFileError, match="unpacks to more"):
        measure(path, "a.csv.gz")
