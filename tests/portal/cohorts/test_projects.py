"""Whose users and properties a partner tests with: those of the newest snapshot of the project's cohorts."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from core.portal import Store
from core.portal.cohorts import Cohort
from core.portal.cohorts.keeping import add_snapshot
from core.portal.projects import project_properties, sample_users
from core.settings import Settings
from tests.portal.cohorts.conftest import ORG, OTHER, OTHER_PROJECT, PROJECT

DAY = datetime(2026, 11, 20, tzinfo=UTC)


def add(store: Store, settings: Settings, cohort: Cohort, text: str, days: int = 0) -> None:
    taken_at = DAY + timedelta(days=days)
    add_snapshot(store, settings, cohort.org_id, cohort.id, "a.csv", io.BytesIO(text.encode()), taken_at)


def test_a_project_without_snapshots_shows_a_sample_cohort(store: Store, settings: Settings, cohort: Cohort) -> None:
    found = project_properties(store, settings, ORG, PROJECT)
    assert (found.id, found.title, found.is_sample) == (PROJECT, f"Project {PROJECT} ({PROJECT})", True)
    assert found.columns[:2] == ("user_id", "email")
    assert list(sample_users(found, 0).columns) == list(found.columns)


def test_the_newest_snapshot_of_any_of_its_cohorts_gives_properties_users_and_cohort(
    store: Store, settings: Settings, cohort: Cohort
) -> None:
    other = store.create_cohort(ORG, PROJECT, "Lapsed", {"kind": "upload"}, amp_id="zz9")
    add(store, settings, cohort, "user_id,email\n007,a@example.com\n8,\n", 1)
    add(store, settings, other, "id,plan\n1,free\n", 0)
    found = project_properties(store, settings, ORG, PROJECT)
    assert (found.columns, found.cohort.id, found.is_sample) == (("user_id", "email"), "7khm89cz", False)
    assert sample_users(found, 0).to_dict("list") == {"user_id": ["007", "8"], "email": ["a@example.com", ""]}
    add(store, settings, other, "id,plan\n2,paid\n", 2)
    assert project_properties(store, settings, ORG, PROJECT).cohort.name == "Lapsed"


def test_users_are_made_up_for_other_seeds_and_when_the_file_has_none_or_is_gone(
    store: Store, settings: Settings, cohort: Cohort
) -> None:
    add(store, settings, cohort, "user_id,email\n")
    found = project_properties(store, settings, ORG, PROJECT)
    assert len(sample_users(found, 0)) == 3
    add(store, settings, cohort, "user_id,email\nu1,a@example.com\n", 1)
    found = project_properties(store, settings, ORG, PROJECT)
    found.file.unlink()
    assert len(sample_users(found, 0)) == 3
    assert tuple(sample_users(found, 7).columns) == ("user_id", "email")


def test_the_project_of_another_organisation_is_never_shown(store: Store, settings: Settings) -> None:
    theirs = store.create_cohort(OTHER, OTHER_PROJECT, "Theirs", {"kind": "upload"})
    add(store, settings, theirs, "their_secret_column\n1\n")
    for asked in (OTHER_PROJECT, "", "nonsense"):
        found = project_properties(store, settings, ORG, asked)
        assert found.id == PROJECT
        assert "their_secret_column" not in found.columns


def test_an_organisation_without_projects_tests_with_the_sample(store: Store, settings: Settings) -> None:
    store.add_organisation("1", "New")
    found = project_properties(store, settings, "1", PROJECT)
    assert (found.id, found.title, found.is_sample) == ("", "", True)
