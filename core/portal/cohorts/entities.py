"""A cohort of a project and its snapshots, as the store gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from core.request import Cohort as CohortNames
from core.settings import Settings

SourceKind = Literal["upload", "folder", "platform"]
FOLDER = "cohorts"
"""Where snapshots are kept, within the data folder: a folder a cohort."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """A named group of users of a project. `amp_id` is its id on the platform, which requests carry.

    `source` says where snapshots come from; beside `kind` it holds what that source has to remember (`folder.py`,
    `fetching.py`). `fault` is what was wrong when a snapshot was last looked for, "" when nothing was.
    """

    id: str
    org_id: str
    project_id: str
    amp_id: str
    name: str
    url: str
    source: Mapping[str, Any] = field(repr=False)
    fault: str
    created_at: datetime

    @property
    def kind(self) -> SourceKind:
        kind: SourceKind = self.source["kind"]
        return kind

    @property
    def names(self) -> CohortNames:
        """What a connection calls it: `$amp_cohort_id`, `$amp_cohort_name`, `$amp_cohort_url`."""
        return CohortNames(id=self.amp_id, name=self.name, url=self.url)


@dataclass(frozen=True, slots=True)
class CohortSnapshot:
    """The membership of a cohort as a file. Its content never changes; `rows` counts those after the header.

    `name` is what the file was called where it came from; `taken_at` is when the membership was as it says.
    """

    id: str
    cohort_id: str
    name: str
    file: str
    digest: str = field(repr=False)
    bytes: int
    rows: int
    columns: tuple[str, ...]
    taken_at: datetime
    received_at: datetime

    def path(self, settings: Settings) -> Path:
        """Where the file is, on any server that shares the data folder."""
        return settings.data_dir / FOLDER / self.cohort_id / self.file
