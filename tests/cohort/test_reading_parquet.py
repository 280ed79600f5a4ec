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

from core.cohort import Limits, read_columns, read_snapshot
from core.cohort.limits import UPLOAD
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


def test_a_parquet_file_that_claims_too_many_values_is_refused() -> None:
    with pytest.raises(CohortFileError, match="The file has 10 rows of 1 columns, more than 9 values"):
        read_snapshot(parquet(id=list(range(10))), "id", limits=Limits(cells=9))


def test_one_text_that_would_unpack_a_million_times_is_refused_while_it_is_small() -> None:
    """60 KB on disk, 100 GB as text: a machine that unpacked it before it looked would not finish this test."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * 1_000_000]))
    bomb = parquet(id=pa.array(range(100_000), pa.int32()), note=texts)
    assert len(bomb) < 2_000_000
    with pytest.raises(CohortFileError, match="The file unpacks to more than 536,870,912 bytes"):
        read_snapshot(bomb, "id", limits=UPLOAD)
    assert read_columns(bomb) == ("id", "note")


def test_every_single_damaged_byte_is_told_as_damage_or_does_no_harm() -> None:
    """A pointer outside the stored texts, in particular, must not be followed."""
    whole = parquet(id=["a", "b", "c", "a"], plan=pa.array(["x", "y", "x", None]).dictionary_encode())
    for at in range(4, len(whole) - 8):
        for value in (whole[at] ^ 1, whole[at] ^ 0x80, 0xFF):
            damaged = whole[:at] + bytes([value]) + whole[at + 1 :]
            try:
                report = read_snapshot(damaged, "id").report
            except CohortFileError:
                continue
            assert report.rows == report.members + report.duplicates + report.empty_keys


def test_a_column_whose_name_is_no_text_is_damage() -> None:
    broken = parquet(identity=["a", "b"]).replace(b"identity", b"ident\xa0ty")
    for read in (read_columns, lambda content: read_snapshot(content, "identity")):
        with pytest.raises(CohortFileError, match="The Parquet file is damaged"):
            read(broken)


def test_a_parquet_file_may_be_gzipped_whole() -> None:
    content = gzip.compress(parquet(id=[f"user-{number * 7919}" for number in range(50_000)]), 1)
    assert read_columns(content) == ("id",)
    assert len(read_snapshot(content, "id").frame) == 50_000


def test_a_text_that_begins_like_parquet_is_still_a_text() -> None:
    assert read_columns(b"PAR1,id\n1,2\n") == ("PAR1", "id")
