"""Nothing is dropped in silence: read rows = members + duplicates + empty keys."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohort import DroppedRow, read_snapshot, snapshot_of
from core.cohort.tidy import WHITE_SPACE
from core.errors import CohortFileError


def test_duplicates_and_empty_keys_are_dropped_counted_and_listed() -> None:
    snapshot = read_snapshot(b"id,n\n1,first\n,x\n2,y\n 1 ,second\n   ,z\n", "id")
    assert snapshot.frame.to_numpy().tolist() == [["1", "first"], ["2", "y"]]
    assert snapshot.report.rows == 5
    assert (snapshot.report.members, snapshot.report.duplicates, snapshot.report.empty_keys) == (2, 1, 2)
    assert snapshot.report.dropped == (
        DroppedRow(2, "empty key", ""),
        DroppedRow(4, "duplicate key", "1"),
        DroppedRow(5, "empty key", ""),
    )


def test_the_first_hundred_dropped_rows_are_listed() -> None:
    report = read_snapshot(b"id,n\n" + b"1,x\n" * 500, "id").report
    assert report.duplicates == 499
    assert [dropped.row for dropped in report.dropped] == list(range(2, 102))


@pytest.mark.parametrize("space", [" ", "\t", "\u00a0", "\u2003", "\u3000", "\r\n"])
def test_white_space_around_a_key_is_no_part_of_it_and_inside_it_is(space: str) -> None:
    frame = read_snapshot(f'id,n\n"{space}a{space}b{space}","{space}x{space}"\n'.encode(), "id").frame
    assert frame.loc[0].tolist() == [f"a{space}b", f"{space}x{space}"]


def test_white_space_is_what_python_says_it_is() -> None:
    assert set(WHITE_SPACE) == {chr(code) for code in range(0x110000) if chr(code).isspace()}


def test_keys_that_look_alike_are_different_members() -> None:
    keys = ["1", "01", "1.0", "1e0", "A", "a", "é", "e\u0301", "true", "True", "NA", "na", "ﬁ", "fi", "ß", "ss"]
    frame = read_snapshot("\n".join(["id", *keys]).encode(), "id").frame
    assert frame["id"].tolist() == keys


KEYS = st.lists(st.text(st.sampled_from(list("ab01é🎉 \t\u00a0")), max_size=3), max_size=40)


@settings(deadline=None)
@given(KEYS)
def test_members_are_the_distinct_keys_in_file_order(keys: list[str]) -> None:
    text = "id,n\n" + "".join(f'"{key}",{number}\n' for number, key in enumerate(keys))
    snapshot = read_snapshot(text.encode(), "id")
    first = {key.strip(): str(number) for number, key in reversed(list(enumerate(keys))) if key.strip()}
    expected = sorted(first.items(), key=lambda item: int(item[1]))
    assert list(zip(snapshot.frame["id"], snapshot.frame["n"], strict=True)) == expected
    report = snapshot.report
    assert report.rows == len(keys) == report.members + report.duplicates + report.empty_keys
    assert report.empty_keys == sum(not key.strip() for key in keys)


def test_a_frame_is_held_to_the_same_rules() -> None:
    frame = pd.DataFrame({" id": [1, 2, 2], "score": [1.0, None, 3.5], "name": ["x", None, np.nan]})
    snapshot = snapshot_of(frame, "id")
    assert snapshot.frame.to_dict("list") == {"id": ["1", "2"], "score": ["1", ""], "name": ["x", ""]}
    assert snapshot.report.duplicates == 1


def test_a_frame_whose_column_mixes_types_is_refused() -> None:
    with pytest.raises(CohortFileError, match="mixes types"):
        snapshot_of(pd.DataFrame({"id": ["1", 2]}, dtype="object"), "id", name="the frame")


def test_a_snapshot_of_a_snapshots_frame_is_the_same_frame() -> None:
    frame = read_snapshot(b"id,n\n007,NA\n1e5,\n", "id").frame
    pd.testing.assert_frame_equal(snapshot_of(frame, "id").frame, frame)
