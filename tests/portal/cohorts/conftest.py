"""Two organisations with a project each, a watched folder, and a data folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.portal import Store
from core.portal.cohorts import Cohort
from core.portal.people import Person
from core.settings import Settings

ORG, OTHER = "214507", "318822"
PROJECT, OTHER_PROJECT = "378831", "402177"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    watched = tmp_path / "watched"
    watched.mkdir()
    return Settings(data_dir=tmp_path / "data", database_url="", allow_private_hosts=True, cohort_folder=watched)


@pytest.fixture
def store(store: Store) -> Store:
    for org, project in ((ORG, PROJECT), (OTHER, OTHER_PROJECT)):
        store.add_organisation(org, f"Organisation {org}", plan="plus")
        store.add_project(project, org, f"Project {project}", "the-api-key", secret="the-secret")
    return store


@pytest.fixture
def person(store: Store) -> Person:
    return store.add_person("carl", ORG, "Carl", "carl@acme.example", "customer")


@pytest.fixture
def cohort(store: Store) -> Cohort:
    return store.create_cohort(ORG, PROJECT, "Power users", {"kind": "upload"}, amp_id="7khm89cz")
