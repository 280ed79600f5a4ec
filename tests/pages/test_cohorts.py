"""The page of cohorts: adding them from each source, their snapshots, and what changed between two."""

from __future__ import annotations

import io
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.portal import Store
from core.portal.cohorts import Cohort, desk
from core.portal.demo import CUSTOMER_ORG, DEMO_ORG
from core.settings import Settings
from pages.parts.cohorts.words import size_of
from tests.pages.conftest import OpenPage
from tests.portal.cohorts import stand_in

PROJECT, THEIRS = "378831", "402177"
HOSTILE = "$x$ ![](http://evil.test/x.png) :red[x]"


def shown(page: AppTest) -> str:
    """All text on the page."""
    parts = (page.title, page.header, page.markdown, page.caption, page.info, page.warning, page.error, page.toast)
    return "\n".join(str(element.value) for part in parts for element in part)


def make(store: Store, *snapshots: str, name: str = "Power users") -> Cohort:
    person = store.get_person("pat")
    cohort = desk.add_cohort(store, person, PROJECT, name, "upload", amp_id="7khm89cz")
    for number, text in enumerate(snapshots, 1):
        with_file(store, cohort, f"day-{number}.csv", text)
    return cohort


def with_file(store: Store, cohort: Cohort, name: str, text: str) -> None:
    settings = Settings.from_environment()
    desk.upload_snapshot(store, settings, store.get_person("pat"), cohort.id, name, io.BytesIO(text.encode()))


def open_cohort(open_page: OpenPage, cohort_id: str) -> AppTest:
    page = open_page("cohorts")
    page.query_params["cohort"] = cohort_id
    page.run()
    assert not page.exception
    return page


def test_a_first_cohort_with_its_file_is_two_fields_away(store: Store, open_page: OpenPage) -> None:
    page = open_page("cohorts")
    assert "Bring the users" in shown(page)
    page.button(key="new").click().run()
    page.text_input(key="cohort_name").input("Power users")
    page.file_uploader(key="cohort_first_file").upload("day-1.csv", b"user_id,email\nu1,a@example.com\n", "text/csv")
    page.button(key="add_cohort").click().run()
    assert not page.exception
    [cohort] = store.list_cohorts(DEMO_ORG)
    snapshot = store.newest_snapshot(DEMO_ORG, cohort.id)
    assert snapshot is not None
    assert (cohort.name, cohort.project_id, snapshot.name, snapshot.rows) == ("Power users", PROJECT, "day-1.csv", 1)
    assert page.query_params["cohort"] == cohort.id
    assert "1 row" in shown(page)


def test_a_file_that_is_no_snapshot_adds_no_cohort(store: Store, open_page: OpenPage) -> None:
    page = open_page("cohorts")
    page.button(key="new").click().run()
    page.text_input(key="cohort_name").input("Power users")
    page.file_uploader(key="cohort_first_file").upload("a.csv", b"operation,user_id\nadd,u1\n", "text/csv")
    page.button(key="add_cohort").click().run()
    assert "whom to add" in shown(page)
    assert store.list_cohorts(DEMO_ORG) == []


def test_the_next_snapshot_shows_what_changed(store: Store, open_page: OpenPage) -> None:
    cohort = make(store, "email,user_id\na,u1\nb,u2\n")
    page = open_cohort(open_page, cohort.id)
    uploader = page.file_uploader(key=f"snapshot_{cohort.id}_0")
    uploader.upload("day-2.csv", b"email,user_id\nb,u2\nc,u3\nd,u4\n", "text/csv").run()
    assert not page.exception
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures == {"Added": "+ 2", "Removed": "− 1", "Unchanged": "1"}
    assert page.selectbox(key="change_key").value == "user_id"
    assert [row["File"] for _, row in page.dataframe[0].value.iterrows()] == ["day-2.csv", "day-1.csv"]


def test_the_same_members_again_and_a_bad_file_are_told(store: Store, open_page: OpenPage) -> None:
    cohort = make(store, "user_id\nu1\n")
    page = open_cohort(open_page, cohort.id)
    page.file_uploader(key=f"snapshot_{cohort.id}_0").upload("again.csv", b"user_id\nu1\n", "text/csv").run()
    assert "same members" in shown(page)
    page.file_uploader(key=f"snapshot_{cohort.id}_1").upload("bad.csv", b"a,b\n1\n", "text/csv").run()
    assert "Row 1" in shown(page)
    assert len(store.list_snapshots(DEMO_ORG, cohort.id)) == 1


def test_names_of_cohorts_and_files_are_shown_as_they_are(store: Store, open_page: OpenPage) -> None:
    cohort = make(store, name=HOSTILE)
    with_file(store, cohort, f"{HOSTILE}.csv", "user_id\nu1\n")
    for page in (open_page("cohorts"), open_cohort(open_page, cohort.id)):
        assert "](http://evil" not in shown(page)
        assert ":red[" not in shown(page)


def test_a_cohort_of_another_organization_is_not_there(store: Store, open_page: OpenPage) -> None:
    theirs = store.create_cohort(CUSTOMER_ORG, THEIRS, "Their secret cohort", {"kind": "upload"})
    for cohort_id in (theirs.id, "nonsense", "../../etc"):
        page = open_cohort(open_page, cohort_id)
        assert "not here" in shown(page)
        assert "Their secret" not in shown(page)
    assert "Their secret" not in shown(open_page("cohorts"))


def test_a_reviewer_is_not_admitted(open_page: OpenPage, store: Store) -> None:
    page = open_page("cohorts")
    page.query_params["as"] = "rita"
    page.run()
    assert not page.exception
    assert "not yours" in shown(page)


def test_a_cohort_is_renamed_and_deleted(store: Store, open_page: OpenPage) -> None:
    cohort = make(store, "user_id\nu1\n")
    page = open_cohort(open_page, cohort.id)
    page.text_input(key=f"rename_{cohort.id}").input("Others").run()
    page.button(key="save_cohort").click().run()
    assert store.get_cohort(DEMO_ORG, cohort.id).name == "Others"
    page.button(key="ask_delete").click().run()
    page.button(key="confirm_delete_cohort").click().run()
    assert not page.exception
    assert store.list_cohorts(DEMO_ORG) == []


def test_a_watched_folder_is_chosen_and_read(
    store: Store, open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nightly = tmp_path / "watched" / PROJECT / "nightly"
    nightly.mkdir(parents=True)
    (tmp_path / "watched" / THEIRS / "hidden").mkdir(parents=True)
    monkeypatch.setenv("PORTAL_COHORT_FOLDER", str(tmp_path / "watched"))
    for name, text in (("2026-03-01.csv", "user_id\nu1\n"), ("members.csv", "user_id\nu2\n")):
        (nightly / name).write_text(text)
        os.utime(nightly / name, (time.time() - 60,) * 2)
    page = open_page("cohorts")
    page.button(key="new").click().run()
    page.segmented_control(key="cohort_kind").set_value("folder").run()
    assert page.selectbox(key="cohort_folder").options == ["nightly"]
    page.button(key="add_cohort").click().run()
    assert not page.exception
    [cohort] = store.list_cohorts(DEMO_ORG)
    assert len(store.list_snapshots(DEMO_ORG, cohort.id)) == 1
    assert "members" in shown(page)
    assert "begin with a date" in shown(page)
    (nightly / "members.csv").unlink()
    (nightly / "2026-03-02.csv").write_text("user_id\nu1\nu2\n")
    os.utime(nightly / "2026-03-02.csv", (time.time() - 60,) * 2)
    page.button(key="scan_now").click().run()
    assert "1 new snapshot." in shown(page)
    assert {metric.label: metric.value for metric in page.metric}["Added"] == "+ 1"


def test_a_cohort_of_the_platform_is_chosen_from_its_list_and_fetched(store: Store, open_page: OpenPage) -> None:
    with stand_in.running() as platform:
        platform.pending, platform.cohorts = 0, [{"id": "7khm89cz", "name": HOSTILE, "size": 2}]
        page = open_page("cohorts")
        page.button(key="new").click().run()
        page.segmented_control(key="cohort_kind").set_value("platform").run()
        assert "secret is not set" in shown(page)
        changes = {"api_url": platform.url, "api_key": stand_in.KEY, "secret": stand_in.SECRET}
        store.update_project(DEMO_ORG, PROJECT, changes)
        page.run()
        page.button(key="list_platform_cohorts").click().run()
        assert not page.exception
        page.button(key="add_cohort").click().run()
        assert not page.exception
        [cohort] = store.list_cohorts(DEMO_ORG)
        end = time.monotonic() + 20
        while store.newest_snapshot(DEMO_ORG, cohort.id) is None and time.monotonic() < end:
            time.sleep(0.05)
        while "Amplitude makes" in shown(page.run()) and time.monotonic() < end:
            time.sleep(0.05)
    assert (cohort.amp_id, cohort.kind) == ("7khm89cz", "platform")
    assert "2 rows" in shown(page)
    assert stand_in.SECRET not in shown(page)


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 KB"), (12_345, "12 KB"), (5 * 10**12, "5,000 GB")],
)
def test_sizes_are_said_as_people_say_them(store: Store, size: int, said: str) -> None:
    cohort = make(store, "user_id\nu1\n")
    snapshot = store.newest_snapshot(DEMO_ORG, cohort.id)
    assert snapshot is not None
    assert size_of(replace(snapshot, bytes=size)) == said
