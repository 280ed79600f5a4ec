"""What common ways of comparing two snapshots get wrong, each seen in a real tool."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohort import Members, diff, engine, read_snapshot, save_members, saved_members

ROWS = st.lists(st.tuples(st.sampled_from(["", " ", "a", "b", " b", "c", "é"]), st.sampled_from("xyz")), max_size=12)


def file_of(rows: list[tuple[str, str]]) -> bytes:
    return ("id,n\n" + "".join(f"{key},{value}\n" for key, value in rows)).encode()


def first_of_each(rows: list[tuple[str, str]]) -> dict[str, str]:
    return {key.strip(): value for key, value in reversed(rows) if key.strip()}


def keys(members: Members) -> list[str]:
    return members.frame()["id"].tolist()


@settings(deadline=None)
@given(ROWS, ROWS)
def test_repeated_and_empty_keys_make_nobody_join_leave_or_multiply(
    before: list[tuple[str, str]], now: list[tuple[str, str]]
) -> None:
    old, new = first_of_each(before), first_of_each(now)
    found = diff(file_of(before), file_of(now), "id", track=["n"])
    assert found.changed is not None
    assert set(keys(found.added)) == new.keys() - old.keys()
    assert set(keys(found.removed)) == old.keys() - new.keys()
    assert set(keys(found.changed)) == {key for key in new.keys() & old.keys() if new[key] != old[key]}
    assert sum(found.counts[index] or 0 for index in (0, 2, 3)) == len(new)
    for report, rows in ((found.previous_report, before), (found.current_report, now)):
        assert report is not None
        assert report.rows == len(rows) == report.members + report.duplicates + report.empty_keys


def test_a_key_that_fills_both_files_does_not_become_a_cross_join() -> None:
    """Joined as they stand, the rows of each of these pairs of files would be 900 million."""
    for key in ("same", ""):
        rows = [(key, "x")] * 30_000
        found = diff(file_of([*rows, ("left", "x")]), file_of([*rows, ("joined", "x")]), "id")
        assert (keys(found.added), keys(found.removed)) == (["joined"], ["left"])
        assert found.current_report.duplicates + found.current_report.empty_keys >= 29_999


def test_values_of_leavers_are_text_where_the_other_file_has_no_such_column() -> None:
    found = diff(b"id,city\n1,\n2,Oslo\n", b"id,plan\n3,pro\n", "id")
    assert found.removed.frame().to_dict("records") == [{"id": "1", "city": ""}, {"id": "2", "city": "Oslo"}]


def test_who_is_compared_under_a_small_memory_limit_comes_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    before = file_of([(f"user-{number * 7919 % 1_000_003:040}", "x" * 80) for number in range(100_000)])
    now = file_of([(f"user-{number * 7919 % 1_000_003:040}", "x" * 80) for number in range(1_000, 101_000)])
    plenty = diff(before, now, "id")
    monkeypatch.setattr(engine, "_shared", [engine.Engine("48MB")])
    little = diff(before, now, "id")
    assert little.counts == plenty.counts == (1_000, 1_000, 99_000, None)
    assert keys(little.added) == keys(plenty.added)


@pytest.mark.parametrize("name", ["[ab]*?.csv", "it's.csv", "plain.csv.gz", "%41 ü.csv"])
def test_a_name_that_means_something_to_the_engine_is_a_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "[x]*'"
    folder.mkdir()
    (folder / name).write_bytes(b"id,n\n1,x\n")
    snapshot = read_snapshot(folder / name, "id")
    assert keys(snapshot.members) == ["1"]
    save_members(snapshot.members, folder / "members.parquet")
    assert keys(saved_members(folder / "members.parquet", "id")) == ["1"]


def test_columns_that_differ_in_case_only_are_two(tmp_path: Path) -> None:
    snapshot = read_snapshot(b"id,ID,Id\n1,2,3\n", "ID")
    save_members(snapshot.members, tmp_path / "members.parquet")
    assert saved_members(tmp_path / "members.parquet", "ID").frame().to_numpy().tolist() == [["1", "2", "3"]]


def test_saved_members_are_compared_where_they_lie(tmp_path: Path) -> None:
    """And what somebody else wrote there, with spaces, repeated keys and numbers, as any file is."""
    path = tmp_path / "members.parquet"
    save_members(read_snapshot(b"id,n\n3,c\n1,a\n2,b\n", "id").members, path)
    found = diff(saved_members(path, "id"), b"id,n\n4,d\n1,a\n", "id")
    assert (keys(found.added), keys(found.removed), found.counts.unchanged) == (["4"], ["3", "2"], 1)
    pd.DataFrame({"id": [" 3 ", "3", "", "1"], "n": [1, 2, 3, 4]}).to_parquet(path, index=False)
    assert keys(diff(saved_members(path, "id"), b"id\n1\n", "id").removed) == ["3"]


def test_members_in_pieces_are_the_members(tmp_path: Path) -> None:
    members = read_snapshot(file_of([(str(number), "x") for number in range(25_000)]), "id").members
    tables = list(members.tables(7_000))
    assert [table.num_rows for table in tables] == [7_000, 7_000, 7_000, 4_000]
    assert [key for table in tables for key in table.column("id").to_pylist()] == [str(n) for n in range(25_000)]
    assert keys(members.first(3)) == ["0", "1", "2"]
    rest = members.without("id", ["0", "24999"])
    assert (len(rest), keys(rest)[0], keys(rest)[-1]) == (24_998, "1", "24998")
