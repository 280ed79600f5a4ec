"""Cohorts in the store, and the files of their snapshots."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from core.errors import CohortFileError, ConflictError, ForbiddenError, InputError, NotFoundError
from core.portal import Store
from core.portal.cohorts import Cohort, desk, keeping
from core.portal.cohorts.keeping import add_snapshot
from core.portal.people import Person
from core.portal.tables import connections, syncs
from core.settings import Settings
from tests.portal.cohorts.conftest import ORG, OTHER, OTHER_PROJECT, PROJECT

DAY = datetime(2026, 11, 20, tzinfo=UTC)


def add(store: Store, settings: Settings, cohort: Cohort, text: str, days: int = 0, name: str = "day.csv"):
    return add_snapshot(store, settings, ORG, cohort.id, name, io.BytesIO(text.encode()), DAY + timedelta(days=days))


def files(settings: Settings, cohort: Cohort) -> list[Path]:
    return sorted((settings.data_dir / "cohorts" / cohort.id).iterdir())


def test_a_snapshot_outlives_the_process_with_its_file_rows_and_columns(
    store: Store, open_store: Callable[..., Store], settings: Settings, cohort: Cohort
) -> None:
    add(store, settings, cohort, 'user_id,note\n007,"two\nlines"\n\n8,x\n')
    found = open_store().newest_snapshot(ORG, cohort.id)
    assert found is not None
    assert (found.name, found.rows, found.columns, found.taken_at) == ("day.csv", 2, ("user_id", "note"), DAY)
    assert found.path(settings).read_bytes() == b'user_id,note\n007,"two\nlines"\n\n8,x\n'
    assert found.path(settings).stat().st_mode & 0o077 == 0


def test_the_newest_is_the_one_taken_last_not_the_one_received_last(
    store: Store, settings: Settings, cohort: Cohort
) -> None:
    for day, text in ((1, "u\n1\n"), (3, "u\n3\n"), (2, "u\n2\n")):
        add(store, settings, cohort, text, day)
    assert [found.taken_at.day for found in store.list_snapshots(ORG, cohort.id)] == [23, 22, 21]
    assert store.newest_snapshots(ORG)[cohort.id].taken_at.day == 23


def test_the_same_membership_again_is_no_new_snapshot_but_a_later_moment(
    store: Store, settings: Settings, cohort: Cohort
) -> None:
    add(store, settings, cohort, "u\n1\n")
    assert add(store, settings, cohort, "u\n1\n", 2, "later.csv") is None
    [only] = store.list_snapshots(ORG, cohort.id)
    assert only.taken_at == DAY + timedelta(days=2)
    assert len(files(settings, cohort)) == 1


def test_a_file_read_twice_counts_once_though_another_came_in_between(
    store: Store, settings: Settings, cohort: Cohort
) -> None:
    for text, day in (("u\n1\n", 1), ("u\n2\n", 2), ("u\n1\n", 1)):
        add(store, settings, cohort, text, day)
    assert len(store.list_snapshots(ORG, cohort.id)) == len(files(settings, cohort)) == 2


def test_only_the_newest_files_are_kept(
    store: Store, settings: Settings, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SNAPSHOTS_KEPT", 3)
    for day in range(5):
        add(store, settings, cohort, f"u\n{day}\n", day)
    kept = store.list_snapshots(ORG, cohort.id)
    assert [found.taken_at.day for found in kept] == [24, 23, 22]
    assert files(settings, cohort) == sorted(found.path(settings) for found in kept)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("ragged.csv", b"a,b\n1,2\n3\n"),
        ("quote.csv", b'a,b\n1,"2\n'),
        ("two.csv", b"a,a\n1,2\n"),
        ("latin.csv", b"a\ncaf\xe9\n"),
        ("nul.csv", b"a\n1\x00\n"),
        ("sheet.csv", b"PK\x03\x04rest"),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K"),
        ("fake.parquet", b"PAR1 nothing PAR1"),
        ("cut.parquet", b"PAR1 cut off"),
        ("operations.csv", b"operation,user_id\nadd,1\n"),
    ],
)
def test_a_file_that_is_no_snapshot_is_refused_and_leaves_nothing(
    store: Store, settings: Settings, cohort: Cohort, name: str, content: bytes
) -> None:
    with pytest.raises(CohortFileError) as refused:
        add_snapshot(store, settings, ORG, cohort.id, name, io.BytesIO(content), DAY)
    assert refused.value.where == name
    assert refused.value.remedy
    assert store.list_snapshots(ORG, cohort.id) == []
    assert files(settings, cohort) == []


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(
    store: Store, settings: Settings, cohort: Cohort
) -> None:
    with pytest.raises(CohortFileError, match="more than 10 bytes"):
        add_snapshot(store, settings, ORG, cohort.id, "a.csv", io.BytesIO(b"u\n" * 20), DAY, most_bytes=10)
    assert files(settings, cohort) == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/cron.d/x.csv", "..", "a/../../b.csv.gz", "\0.csv", "x" * 999]
)
def test_no_name_of_a_file_leads_out_of_the_cohorts_folder(
    store: Store, settings: Settings, cohort: Cohort, name: str
) -> None:
    kept = add_snapshot(store, settings, ORG, cohort.id, name, io.BytesIO(b"u\n1\n"), DAY)
    assert kept is not None
    assert files(settings, cohort) == [kept.path(settings)]
    assert list(settings.data_dir.rglob("*.csv*")) == [kept.path(settings)]


def test_what_a_crash_left_behind_goes_once_nobody_can_still_want_it(
    store: Store, settings: Settings, cohort: Cohort
) -> None:
    folder = settings.data_dir / "cohorts" / cohort.id
    folder.mkdir(parents=True)
    for name, age in (("new-old", 100_000), ("new-fresh", 0)):
        (folder / name).write_bytes(b"half")
        moment = (folder / name).stat().st_mtime - age
        os.utime(folder / name, (moment, moment))
    add(store, settings, cohort, "u\n1\n")
    assert {path.name for path in files(settings, cohort)} & {"new-old", "new-fresh"} == {"new-fresh"}


def test_another_organisation_sees_and_touches_nothing(store: Store, settings: Settings, cohort: Cohort) -> None:
    add(store, settings, cohort, "u\n1\n")
    for call in (store.get_cohort, store.delete_cohort, store.list_snapshots, store.newest_snapshot):
        with pytest.raises(NotFoundError):
            call(OTHER, cohort.id)
    with pytest.raises(NotFoundError):
        add_snapshot(store, settings, OTHER, cohort.id, "a.csv", io.BytesIO(b"u\n2\n"), DAY)
    with pytest.raises(NotFoundError):
        store.create_cohort(ORG, OTHER_PROJECT, "Theirs", {"kind": "upload"})
    assert store.list_cohorts(OTHER) == []
    assert store.newest_snapshots(OTHER) == {}


@pytest.mark.parametrize("cohort_id", ["", "../..", "x" * 16, "\0" * 16, "'; --            "])
def test_an_id_that_is_none_is_not_found(store: Store, cohort_id: str) -> None:
    with pytest.raises(NotFoundError):
        store.get_cohort(ORG, cohort_id)


def test_two_cohorts_of_a_project_share_neither_id_nor_folder(store: Store, cohort: Cohort) -> None:
    with pytest.raises(InputError, match="has the cohort id 7khm89cz"):
        store.create_cohort(ORG, PROJECT, "Again", {"kind": "upload"}, amp_id="7khm89cz")
    first = store.create_cohort(ORG, PROJECT, "Nightly", {"kind": "folder", "folder": "nightly"})
    with pytest.raises(InputError, match="watches the folder nightly"):
        store.create_cohort(ORG, PROJECT, "Again", {"kind": "folder", "folder": "nightly"})
    assert store.rename_cohort(ORG, first.id, " Every\nnight ", "n1").name == "Every night"
    with pytest.raises(InputError, match="7khm89cz"):
        store.rename_cohort(ORG, first.id, "Nightly", "7khm89cz")
    elsewhere = store.create_cohort(OTHER, OTHER_PROJECT, "Same id", {"kind": "upload"}, amp_id="7khm89cz")
    assert elsewhere.amp_id == "7khm89cz"


def test_a_name_that_no_database_could_hold_is_cleaned(store: Store) -> None:
    cohort = store.create_cohort(ORG, PROJECT, "A\0b \ud800 c", {"kind": "upload"}, amp_id="\0id")
    assert (cohort.name, cohort.amp_id) == ("A b c", "id")
    with pytest.raises(InputError):
        store.create_cohort(ORG, PROJECT, " \n\0", {"kind": "upload"})


def test_deleting_a_cohort_takes_its_files_and_waits_for_its_syncs(
    store: Store, settings: Settings, person: Person, cohort: Cohort
) -> None:
    add(store, settings, cohort, "u\n1\n")
    integration = store.create_integration(ORG, {"display_name": "Acme"})
    now = datetime.now(UTC)
    with store._write() as connection:
        link = {"id": "c" * 16, "org_id": ORG, "project_id": PROJECT, "integration_id": integration.id, "name": ""}
        made = {"target": "sandbox", "settings": {}, "created_by": "", "created_at": now, "updated_at": now}
        connection.execute(insert(connections).values(**link, **made))
        sync = {"id": "s" * 16, "org_id": ORG, "cohort_id": cohort.id, "connection_id": "c" * 16, "cadence": "once"}
        rest = {"paused": False, "allow_removals": False, "trigger": "", "last_outcome": "", "created_by": ""}
        connection.execute(insert(syncs).values(**sync, **rest, created_at=now))
    with pytest.raises(ConflictError, match="1 sync sends"):
        desk.delete(store, settings, person, cohort.id)
    assert len(files(settings, cohort)) == 1
    with store._write() as connection:
        connection.execute(delete(syncs))
    desk.delete(store, settings, person, cohort.id)
    assert not (settings.data_dir / "cohorts" / cohort.id).exists()
    with pytest.raises(NotFoundError):
        store.list_snapshots(ORG, cohort.id)


def test_a_reviewer_has_no_cohorts(store: Store, settings: Settings, cohort: Cohort) -> None:
    rita = store.add_person("rita", ORG, "Rita", "rita@platform.example", "reviewer")
    for call in (
        lambda: desk.add_cohort(store, rita, PROJECT, "Mine", "upload"),
        lambda: desk.upload_snapshot(store, settings, rita, cohort.id, "a.csv", io.BytesIO(b"u\n1\n")),
        lambda: desk.rename(store, rita, cohort.id, "Mine", "mine"),
        lambda: desk.delete(store, settings, rita, cohort.id),
    ):
        with pytest.raises(ForbiddenError):
            call()
    assert store.list_cohorts(ORG) == [cohort]


def test_nothing_is_uploaded_into_a_cohort_that_comes_from_elsewhere(
    store: Store, settings: Settings, person: Person
) -> None:
    nightly = desk.add_cohort(store, person, PROJECT, "Nightly", "folder", folder="nightly")
    with pytest.raises(ConflictError):
        desk.upload_snapshot(store, settings, person, nightly.id, "a.csv", io.BytesIO(b"u\n1\n"))
    with pytest.raises(InputError):
        desk.add_cohort(store, person, PROJECT, "Up", "folder", folder="../402177")
    with pytest.raises(InputError):
        desk.add_cohort(store, person, PROJECT, "No id", "platform")
