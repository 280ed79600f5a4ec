"""The watched folder: dated files become snapshots, each once; nothing outside of it is ever read."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.portal import Store
from core.portal.cohorts import Cohort, folder
from core.portal.cohorts.folder import folders_of, scan
from core.portal.cohorts.refreshing import refresh
from core.settings import Settings
from tests.portal.cohorts.conftest import ORG, OTHER, OTHER_PROJECT, PROJECT


@pytest.fixture
def nightly(settings: Settings) -> Path:
    assert settings.cohort_folder is not None
    path = settings.cohort_folder / PROJECT / "nightly"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def cohort(store: Store, nightly: Path) -> Cohort:
    return store.create_cohort(ORG, PROJECT, "Nightly", {"kind": "folder", "folder": nightly.name})


def put(path: Path, content: str = "user_id\n1\n", *, age: float = 3600) -> Path:
    """A file that was last written `age` seconds ago."""
    path.write_text(content)
    moment = time.time() - age
    os.utime(path, (moment, moment))
    return path


def names(store: Store, cohort: Cohort) -> list[str]:
    return [snapshot.name for snapshot in store.list_snapshots(ORG, cohort.id)]


def fault(store: Store, cohort: Cohort) -> str:
    return store.get_cohort(ORG, cohort.id).fault


def test_dated_files_become_snapshots_in_the_order_of_their_dates(
    store: Store, settings: Settings, cohort: Cohort, nightly: Path
) -> None:
    for name in ("2026-03-02.csv", "2026-03-01.tsv", "20260301_1742 late.csv", "2026-03-01T06-30.csv"):
        put(nightly / name, f"user_id\n{name}\n")
    put(nightly / "notes.md", "read me")
    put(nightly / ".2026-03-09.csv.x7Yz", "half of a file that rsync writes")
    made = scan(store, settings)
    assert [snapshot.name for snapshot in made] == [
        "2026-03-01.tsv", "2026-03-01T06-30.csv", "20260301_1742 late.csv", "2026-03-02.csv",
    ]  # fmt: skip
    assert made[2].taken_at == datetime(2026, 3, 1, 17, 42, tzinfo=UTC)
    assert names(store, cohort)[0] == "2026-03-02.csv"
    assert fault(store, cohort) == ""
    assert scan(store, settings) == []


def test_a_file_being_written_waits_for_the_next_scan(
    store: Store, settings: Settings, cohort: Cohort, nightly: Path
) -> None:
    put(nightly / "2026-03-01.csv", "user_id\n1\n2\n", age=2)
    assert scan(store, settings) == []
    assert len(scan(store, settings, now=time.time() + 60)) == 1
    assert len(scan(store, settings, now=time.time() + 90)) == 0


def test_a_file_that_grows_while_it_is_read_waits_too(
    store: Store, settings: Settings, cohort: Cohort, nightly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(nightly / "2026-03-01.csv")
    whole = folder.received

    def received(*given):  # type: ignore[no-untyped-def]
        with path.open("a") as file:
            file.write("2\n")
        return whole(*given)

    monkeypatch.setattr(folder, "received", received)
    assert scan(store, settings) == []
    assert (names(store, cohort), fault(store, cohort)) == ([], "")
    monkeypatch.undo()
    [made] = scan(store, settings, now=time.time() + 60)
    assert made.rows == 2


def test_a_file_written_anew_is_read_anew(store: Store, settings: Settings, cohort: Cohort, nightly: Path) -> None:
    put(nightly / "2026-03-01.csv")
    scan(store, settings)
    put(nightly / "2026-03-01.csv", "user_id\n1\n2\n", age=60)
    [made] = scan(store, settings)
    assert store.newest_snapshot(ORG, cohort.id) == made


def test_a_bad_file_is_told_once_and_does_not_stop_the_others(
    store: Store, settings: Settings, cohort: Cohort, nightly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = nightly.with_name("weekly")
    other.mkdir()
    weekly = store.create_cohort(ORG, PROJECT, "Weekly", {"kind": "folder", "folder": "weekly"})
    put(nightly / "2026-03-01.csv", "a,a\n1,2\n")
    put(other / "2026-03-01.csv")
    assert [snapshot.cohort_id for snapshot in scan(store, settings)] == [weekly.id]
    assert "2026-03-01.csv" in fault(store, cohort)
    assert "same name" in fault(store, cohort)
    monkeypatch.setattr(Store, "note_source", lambda *given, **named: pytest.fail("said again"))
    assert scan(store, settings) == []
    monkeypatch.undo()
    put(nightly / "2026-03-02.csv")
    assert len(scan(store, settings)) == 1
    assert fault(store, cohort) == ""


@pytest.mark.parametrize(
    ("name", "said"), [("members.csv", "begin with a date"), ("2999-01-01.csv", "future"), ("2026-13-45.csv", "date")]
)
def test_a_file_without_a_usable_date_is_told_and_left(
    store: Store, settings: Settings, cohort: Cohort, nightly: Path, name: str, said: str
) -> None:
    put(nightly / name)
    assert scan(store, settings) == []
    assert said in fault(store, cohort)


def test_of_many_files_only_those_that_would_be_kept_are_read(
    store: Store, settings: Settings, cohort: Cohort, nightly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "SNAPSHOTS_KEPT", 2)
    for day in range(1, 6):
        put(nightly / f"2026-03-0{day}.csv", f"user_id\n{day}\n")
    assert [snapshot.name for snapshot in scan(store, settings)] == ["2026-03-04.csv", "2026-03-05.csv"]
    assert scan(store, settings) == []


def test_a_folder_that_is_gone_is_a_fault_until_it_is_back(
    store: Store, settings: Settings, cohort: Cohort, nightly: Path
) -> None:
    nightly.rename(nightly.with_name("away"))
    assert scan(store, settings) == []
    assert "378831/nightly" in fault(store, cohort)
    assert str(settings.cohort_folder) not in fault(store, cohort)
    nightly.with_name("away").rename(nightly)
    scan(store, settings)
    assert fault(store, cohort) == ""


def test_links_and_pipes_are_not_followed(
    store: Store, settings: Settings, cohort: Cohort, nightly: Path, tmp_path: Path
) -> None:
    secret = put(tmp_path / "2026-03-01.csv", "user_id\nsecret\n")
    (nightly / "2026-03-01.csv").symlink_to(secret)
    os.mkfifo(nightly / "2026-03-02.csv")
    (nightly / "2026-03-03.csv").mkdir()
    assert scan(store, settings) == []
    (nightly.parent / "linked").symlink_to(tmp_path)
    linked = store.create_cohort(ORG, PROJECT, "Linked", {"kind": "folder", "folder": "linked"})
    assert scan(store, settings) == []
    assert "not a link" in fault(store, linked)
    assert folders_of(settings, PROJECT) == ("nightly",)


@pytest.mark.parametrize("step", ["..", ".", "", "../402177", "a/b", "/etc", ".hidden", "a\0b", "a\\b"])
def test_no_name_leads_out_of_the_projects_folder(store: Store, settings: Settings, nightly: Path, step: str) -> None:
    put(nightly / "2026-03-01.csv")
    cohort = store.create_cohort(ORG, PROJECT, "Out", {"kind": "folder", "folder": step})
    assert scan(store, settings) == []
    assert names(store, cohort) == []
    assert fault(store, cohort)
    assert folders_of(settings, step) == ()


def test_each_project_has_a_folder_of_its_own(store: Store, settings: Settings, nightly: Path) -> None:
    put(nightly / "2026-03-01.csv")
    theirs = store.create_cohort(OTHER, OTHER_PROJECT, "Nightly", {"kind": "folder", "folder": "nightly"})
    assert scan(store, settings) == []
    assert "402177/nightly" in store.get_cohort(OTHER, theirs.id).fault
    assert folders_of(settings, OTHER_PROJECT) == ()


def test_without_a_watched_folder_the_fault_says_whom_to_ask(store: Store, settings: Settings, cohort: Cohort) -> None:
    unset = Settings(data_dir=settings.data_dir, database_url="")
    found = refresh(store, unset, ORG, cohort.id)
    assert (found.newest, found.new) == (None, False)
    assert "PORTAL_COHORT_FOLDER" in found.fault


def test_a_run_that_asks_before_it_starts_gets_the_file_of_today(
    store: Store, settings: Settings, cohort: Cohort, nightly: Path
) -> None:
    put(nightly / "2026-03-01.csv")
    found = refresh(store, settings, ORG, cohort.id)
    assert found.newest is not None
    assert (found.newest.name, found.new, found.fault) == ("2026-03-01.csv", True, "")
    put(nightly / "2026-03-02.csv", "")
    found = refresh(store, settings, ORG, cohort.id)
    assert (found.newest is not None, found.new) == (True, False)
    assert "empty" in found.fault
