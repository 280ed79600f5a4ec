"""The difference of two snapshots is exact, in file order, and turns the one into the other."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohort import CohortDiff, Members, diff, read_snapshot
from core.errors import CohortFileError, InputError

BEFORE = b"id,plan,city\n1,free,Rome\n2,pro,Oslo\n3,free,Bonn\n"
AFTER = b"id,plan\n9,free\n3,pro\n1,free\n7,free\n"


def lists(members: Members) -> list[list[str]]:
    frame = members.frame()
    assert not frame.isna().any().any()
    assert list(frame.index) == list(range(len(frame)))
    return frame.to_numpy().tolist()  # type: ignore[no-any-return]


def test_joiners_come_in_the_order_of_the_new_file_and_leavers_in_that_of_the_old() -> None:
    found = diff(BEFORE, AFTER, "id")
    assert lists(found.added) == [["9", "free"], ["7", "free"]]
    assert lists(found.removed) == [["2", "pro", "Oslo"]]
    assert lists(found.unchanged) == [["3", "pro"], ["1", "free"]]
    assert found.changed is None
    assert found.counts == (2, 1, 2, None)


def test_leavers_keep_the_properties_they_had() -> None:
    assert diff(BEFORE, AFTER, "id").removed.columns == ("id", "plan", "city")


def test_a_first_sync_adds_everybody() -> None:
    found = diff(None, AFTER, "id")
    assert found.counts == (4, 0, 0, None)
    assert lists(found.removed) == []
    assert found.previous_report is None
    assert found.current_report.rows == 4


def test_an_emptied_cohort_removes_everybody() -> None:
    assert diff(BEFORE, b"id\n", "id").counts == (0, 3, 0, None)
    assert diff(b"id\n", BEFORE, "id").counts == (3, 0, 0, None)
    assert diff(b"id\n", b"id\n", "id").counts == (0, 0, 0, None)


def test_a_tracked_column_that_differs_makes_a_changed_member() -> None:
    found = diff(BEFORE, AFTER, "id", track=["plan"])
    assert found.changed is not None
    assert lists(found.changed) == [["3", "pro"]]
    assert lists(found.unchanged) == [["1", "free"]]
    assert found.counts == (2, 1, 1, 1)


def test_a_tracked_column_that_is_new_counts_as_empty_before() -> None:
    found = diff(b"id\n1\n2\n", b"id,email\n1,a@example.com\n2,\n", "id", track=["email"])
    assert found.changed is not None
    assert found.changed.frame()["id"].tolist() == ["1"]


def test_a_tracked_column_that_is_missing_is_said() -> None:
    with pytest.raises(InputError, match='no column "city"; the columns are: id, plan'):
        diff(BEFORE, AFTER, "id", track=["city"])


def test_files_frames_and_snapshots_may_be_mixed(tmp_path: Path) -> None:
    path = tmp_path / "after.csv"
    path.write_bytes(AFTER)
    before = read_snapshot(BEFORE, "id")
    for old in (before, before.frame, BEFORE):
        for new in (path, AFTER, read_snapshot(path, "id")):
            assert diff(old, new, "id").counts == (2, 1, 2, None)


def test_a_snapshot_read_by_another_key_is_taken_by_the_one_asked_for() -> None:
    by_plan = read_snapshot(b"id,plan\n1,a\n2,b\n", "plan")
    assert diff(by_plan, b"id\n2\n3\n", "id").counts == (1, 1, 1, None)


def test_a_frame_without_the_key_is_said() -> None:
    with pytest.raises(CohortFileError, match='no column "id"'):
        diff(None, pd.DataFrame({"user": ["1"]}), "id")


def test_rows_without_a_key_are_nobody() -> None:
    found = diff(b"id,n\n,a\n  ,b\n1,c\n", b"id,n\n,x\n,y\n1,z\n", "id")
    assert found.counts == (0, 0, 1, None)
    assert (found.current_report.empty_keys, found.previous_report and found.previous_report.empty_keys) == (2, 2)


def test_keys_that_only_look_alike_are_not_the_same_member() -> None:
    old = pd.DataFrame({"id": ["a", "e\u0301", "1", "NA", "x\0y", "ab" * 40 + "1"]})
    new = pd.DataFrame({"id": ["A", "é", "01", "na", "x\0z", "ab" * 40 + "2"]})
    assert diff(old, new, "id").counts == (6, 6, 0, None)
    assert diff(old, old.iloc[::-1], "id").counts == (0, 0, 6, None)


def rebuilt(previous: pd.DataFrame, found: CohortDiff) -> dict[str, str]:
    assert found.changed is not None
    after = dict(zip(previous["id"], previous["n"], strict=True))
    for key in found.removed.frame()["id"]:
        del after[key]
    for frame in (found.added.frame(), found.changed.frame()):
        after.update(zip(frame["id"], frame["n"], strict=True))
    return after


MEMBERS = st.dictionaries(st.text("ab1é🎉", min_size=1, max_size=3), st.sampled_from("xyz"), max_size=30)


@settings(deadline=None)
@given(MEMBERS, MEMBERS)
def test_the_difference_applied_to_the_old_snapshot_gives_the_new_one(old: dict[str, str], new: dict[str, str]) -> None:
    previous = pd.DataFrame({"id": list(old), "n": list(old.values())}, dtype="str")
    current = pd.DataFrame({"id": list(new), "n": list(new.values())}, dtype="str")
    found = diff(previous, current, "id", track=["n"])
    assert rebuilt(previous, found) == new
    assert found.added.frame()["id"].tolist() == [key for key in new if key not in old]
    assert found.removed.frame()["id"].tolist() == [key for key in old if key not in new]
    assert found.unchanged.frame()["id"].tolist() == [key for key in new if old.get(key) == new[key]]


def test_a_large_difference_is_in_file_order() -> None:
    old = pd.DataFrame({"id": [f"u{number * 7919 % 100_003}" for number in range(100_000)]}, dtype="str")
    new = pd.DataFrame({"id": [f"u{number * 104_729 % 100_003}" for number in range(95_000)]}, dtype="str")
    found = diff(old, new, "id")
    before, after = set(old["id"]), set(new["id"])
    assert found.added.frame()["id"].tolist() == [key for key in new["id"] if key not in before]
    assert found.removed.frame()["id"].tolist() == [key for key in old["id"] if key not in after]
    assert found.unchanged.frame()["id"].tolist() == [key for key in new["id"] if key in before]
