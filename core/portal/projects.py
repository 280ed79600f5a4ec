"""The user properties of a project, which the mappings of a connection choose from, and a few of its users.

They come from the newest snapshot of the project's cohorts; a project that has none yet shows those of a sample cohort.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from core.cohort import generate_users, read_columns
from core.errors import CohortFileError
from core.portal.cohorts.rows import first_rows
from core.portal.store import Store
from core.request import Cohort
from core.settings import APP_FOLDER, Settings

SAMPLE_COHORT = Cohort(id="7khm89cz", name="Power users", url="https://app.example.com/cohort/7khm89cz")
_SAMPLE = APP_FOLDER / "sample_cohorts" / "small" / "day-1.csv"
_SAMPLE_COLUMNS = ("user_id", "email", "phone", "first_name", "country", "plan", "device_id")


@dataclass(frozen=True, slots=True)
class ProjectProperties:
    """`columns` are the properties of the users in `cohort`, in the order of `file`, which may be gone by now.

    `id` and `title` are "" for an organisation without projects; `is_sample`: the users are made up.
    """

    id: str
    title: str
    cohort: Cohort
    columns: tuple[str, ...]
    file: Path
    is_sample: bool


def project_properties(store: Store, settings: Settings, org: str, project_id: str = "") -> ProjectProperties:
    """Of this project of the organisation; of its first one for an id that it does not have."""
    projects = store.list_projects(org)
    project = next((one for one in projects if one.id == project_id), projects[0] if projects else None)
    key, title = ("", "") if project is None else (project.id, project.title)
    cohorts = {cohort.id: cohort for cohort in store.list_cohorts(org, key)} if project else {}
    snapshots = [one for owner, one in store.newest_snapshots(org).items() if owner in cohorts]
    if not snapshots:
        return ProjectProperties(key, title, SAMPLE_COHORT, _sample_columns(), _SAMPLE, is_sample=True)
    newest = max(snapshots, key=lambda snapshot: (snapshot.taken_at, snapshot.received_at, snapshot.id))
    cohort = cohorts[newest.cohort_id].names
    return ProjectProperties(key, title, cohort, newest.columns, newest.path(settings), is_sample=False)


@lru_cache(maxsize=1)
def _sample_columns() -> tuple[str, ...]:
    try:
        return read_columns(_SAMPLE)
    except CohortFileError:
        return _SAMPLE_COLUMNS


@lru_cache(maxsize=64)
def sample_users(project: ProjectProperties, seed: int, count: int = 3) -> pd.DataFrame:
    """A few users of a project: the first of its file for seed 0, else generated ones. Not to be changed."""
    if seed == 0:
        try:
            users = first_rows(project.file, count)
            if len(users) and tuple(users.columns) == project.columns:
                return users
        except CohortFileError:
            pass
    return generate_users(project.columns, count, seed=seed, awkward_every=count)
