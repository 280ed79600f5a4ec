"""A Parquet snapshot is text like any other, whatever types its columns have."""

from __future__ import annotations

import decimal
import gzip
import io
import uuid
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.cohort import read_columns, read_snapshot
from core.errors import CohortFileError


def parquet(**columns: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "values", "texts"),
    [
        (pa.string(), ["007", None, "NA"], ["007", "", "NA"]),
        (pa.int64(), [7, None, -1], ["7", "", "-1"]),
        (pa.uint64(), [18446744073709551615], ["18446744073709551615"]),
        (pa.bool_(), [True, False, None], ["true", "false", ""]),
        (pa.float64(), [1.0, 2.5, None, 123456789012.0, -0.5], ["1", "2.5", "", "123456789012", "-0.5"]),
        (pa.float32(), [3.0, 0.5], ["3", "0.5"]),
        (pa.decimal128(10, 2), [decimal.Decimal("1.50")], ["1.50"]),
        (pa.date32(), [date(2026, 1, 2)], ["2026-01-02"]),
        (pa.timestamp("us"), [datetime(2026, 1, 2, 3, 4, 5)], ["2026-01-02T03:04:05"]),
        (pa.timestamp("us"), [datetime(2026, 1, 2, 3, 4, 50, 120000)], ["2026-01-02T03:04:50.12"]),
        (pa.timestamp("ns", "Europe/Berlin"), [datetime(2026, 1, 2, tzinfo=UTC), None], ["2026-01-02T00:00:00Z", ""]),
        (pa.time64("us"), [time(3, 4, 50)], ["03:04:50"]),
        (pa.dictionary(pa.int32(), pa.string()), ["pro", None, "pro"], ["pro", "", "pro"]),
        (pa.large_string(), ["é🎉\0"], ["é🎉\0"]),
        (pa.binary(), [b"abc"], ["abc"]),
        (pa.null(), [None], [""]),
    ],
)
def test_every_plain_type_becomes_its_text(kind: pa.DataType, values: list[Any], texts: list[str]) -> None:
    content = parquet(id=[str(number) for number in range(len(values))], value=pa.array(values, kind))
    frame = read_snapshot(content, "id").frame
    assert frame["value"].tolist() == texts
    assert frame["value"].dtype == frame["id"].dtype


def test_a_uuid_has_hyphens() -> None:
    key = uuid.UUID("12345678-1234-5678-1234-567812345678")
    content = parquet(id=pa.array([key.bytes], pa.uuid()))
    assert read_snapshot(content, "id").frame["id"].tolist() == [str(key)]


def test_keys_are_counted_as_in_a_csv_file() -> None:
    report = read_snapshot(parquet(id=[1, None, 1, 2]), "id").report
    assert (report.rows, report.members, report.duplicates, report.empty_keys) == (4, 2, 1, 1)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1]]),
        pa.array([{"a": 1}]),
        pa.array([b"\xff"]),
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())),
    ],
)
def test_a_column_without_plain_text_is_refused_by_name(column: pa.Array) -> None:
    with pytest.raises(CohortFileError, match='The column "tags" holds values of type'):
        read_snapshot(parquet(id=["1"], tags=column), "id")


def test_the_columns_and_a_missing_key_are_said(tmp_path: Path) -> None:
    path = tmp_path / "members.parquet"
    path.write_bytes(parquet(user_id=["1"], plan=["pro"]))
    assert read_columns(path) == ("user_id", "plan")
    assert read_columns(gzip.compress(path.read_bytes())) == ("user_id", "plan")
    with pytest.raises(CohortFileError, match='no column "id"; the columns are: user_id, plan'):
        read_snapshot(path, "id")


def test_rows_of_several_groups_keep_their_order() -> None:
    file = io.BytesIO()
    ids = [f"{number * 7919 % 100_000}" for number in range(100_000)]
    pq.write_table(pa.table({"id": ids}), file, row_group_size=999)
    assert read_snapshot(file.getvalue(), "id").frame["id"].tolist() == ids


def test_a_parquet_file_that_is_cut_off_or_damaged_is_refused() -> None:
    whole = parquet(id=[str(number) for number in range(1000)])
    with pytest.raises(CohortFileError, match="The Parquet file is cut off"):
        read_snapshot(whole[:-50], "id", name="members.parquet")
    with pytest.raises(CohortFileError, match="The Parquet file is damaged"):
        read_snapshot(whole[:-20] + b"\xff" * 16 + whole[-4:], "id")
    with pytest.raises(CohortFileError, match="The Parquet file is damaged"):
        read_snapshot(whole[:4] + b"\xff" * 200 + whole[204:], "id")


def test_a_parquet_file_that_claims_too_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.cohort.tables.MAX_PARQUET_CELLS", 9)
    with pytest.raises(CohortFileError, match="The Parquet file claims 10 rows of 1 columns, more than 9 values"):
        read_snapshot(parquet(id=list(range(10))), "id")


def test_a_parquet_file_may_be_gzipped_whole() -> None:
    content = gzip.compress(parquet(id=[f"user-{number * 7919}" for number in range(50_000)]), 1)
    assert read_columns(content) == ("id",)
    assert len(read_snapshot(content, "id").frame) == 50_000


def test_a_text_that_begins_like_parquet_is_still_a_text() -> None:
    assert read_columns(b"PAR1,id\n1,2\n") == ("PAR1", "id")
