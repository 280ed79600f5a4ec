"""The projects whose user properties a partner maps when testing: demo data, taken from the sample cohorts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from core.cohort import generate_users, read_columns, read_snapshot
from core.errors import InputError
from core.request import Cohort
from core.settings import APP_FOLDER

_SAMPLES = APP_FOLDER / "sample_cohorts"


@dataclass(frozen=True, slots=True)
class Project:
    """A project with one cohort. `columns` are its user properties, the user's id first."""

    id: int
    name: str
    cohort: Cohort
    file: str
    columns: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.name} ({self.id})"


PROJECTS: tuple[Project, ...] = (
    Project(
        378831,
        "Demo project",
        Cohort(id="7khm89cz", name="Power users", url="https://app.example.com/cohort/7khm89cz"),
        "small/day-1.csv",
        ("user_id", "email", "phone", "first_name", "country", "plan", "device_id"),
    ),
    Project(
        402177,
        "Mobile shop",
        Cohort(id="q3fd72ka", name="Saturday's cohort & héllo", url="https://app.example.com/cohort/q3fd72ka"),
        "property_rich.csv",
        ("user_id", "anonymous_id", "email", "phone", "first_name", "last_name", "country", "plan", "ltv"),
    ),
)


def project(project_id: int | None) -> Project:
    """The project of an id; the first one for an id that is not there."""
    return next((found for found in PROJECTS if found.id == project_id), PROJECTS[0])


@lru_cache(maxsize=8)
def properties_of(chosen: Project) -> tuple[str, ...]:
    """The user properties of a project: the columns of its sample cohort, or the listed ones without that file."""
    try:
        return read_columns(_SAMPLES / chosen.file)
    except (InputError, OSError):
        return chosen.columns


@lru_cache(maxsize=64)
def sample_users(chosen: Project, seed: int, count: int = 3) -> pd.DataFrame:
    """A few users of a project: the first of its sample cohort for seed 0, else generated ones. Not to be changed."""
    columns = properties_of(chosen)
    if seed == 0:
        try:
            return read_snapshot(_SAMPLES / chosen.file, columns[0]).frame.head(count)
        except (InputError, OSError):
            pass
    return generate_users(columns, count, seed=seed, awkward_every=count)
