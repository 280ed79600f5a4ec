"""The watched folder: PROJECT_ID/COHORT/DATE….csv (.tsv, gzipped, .parquet) below PORTAL_COHORT_FOLDER.

Nobody outside the operator's own machines should be able to point it elsewhere: it is walked from one opened folder to
the next, links are not followed, and only plain files are read. What was read is remembered by size and time of change
in the cohort's source (`seen`), so that every file is read once, a bad one too.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from core.errors import CohortFileError, NotFoundError
from core.portal.cohorts.cohorts import LONGEST_FAULT, plain
from core.portal.cohorts.entities import Cohort, CohortSnapshot
from core.portal.cohorts.keeping import SNAPSHOTS_KEPT, keep, received
from core.portal.store import Store
from core.settings import Settings

SETTLED_SECONDS = 10.0
"""How long a file must have been left alone before it counts as written."""
_DATED = re.compile(
    r"""(?P<day>\d{4}-?\d\d-?\d\d)                                 # 2026-11-23 or 20261123
        (?:[T_\ -]?(?P<hour>\d\d)[-:.]?(?P<minute>\d\d)(?!\d))?     # T17-42, _1742
        .*\.(?:csv|tsv|txt|csv\.gz|tsv\.gz|txt\.gz|parquet)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_COHORT_FILE = re.compile(r".+\.(?:csv|tsv|csv\.gz|tsv\.gz|parquet)", re.IGNORECASE | re.DOTALL)
_AHEAD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file to be read. `mark` tells it from a later one of the same name."""

    name: str
    taken_at: datetime
    mark: list[int]


@dataclass(slots=True)
class _Reading:
    """What the cohort's source remembers (`seen`, `bad`), brought up to date while the folder is read."""

    seen: dict[str, list[int]]
    bad: str
    made: list[CohortSnapshot]


def scan(store: Store, settings: Settings, *, now: float | None = None) -> list[CohortSnapshot]:
    """Reads what is new for every cohort that watches a folder; the snapshots made of it."""
    found: list[CohortSnapshot] = []
    for cohort in store.watching_cohorts():
        try:
            found += scan_cohort(store, settings, cohort, now=now)
        except NotFoundError:
            continue  # deleted meanwhile
    return found


def scan_cohort(store: Store, settings: Settings, cohort: Cohort, *, now: float | None = None) -> list[CohortSnapshot]:
    """Reads what is new in one cohort's folder, the oldest first. `now` in Unix seconds, for tests.

    What is wrong with the folder, or with the file read last, becomes the cohort's fault. Raises NotFoundError.
    """
    now = time.time() if now is None else now
    reading = _Reading(dict(cohort.source.get("seen", {})), str(cohort.source.get("bad", "")), [])
    problem = ""
    try:
        with _opened_folder(settings, cohort.project_id, str(cohort.source["folder"])) as folder:
            _read(store, settings, cohort, folder, now, reading)
    except CohortFileError as error:
        problem = plain(str(error))[:LONGEST_FAULT]
    _remember(store, cohort, reading, problem)
    return reading.made


def folders_of(settings: Settings, project_id: str) -> tuple[str, ...]:
    """The folders that wait for a cohort of this project, by name; none when no folder is watched."""
    try:
        with _opened_folder(settings, project_id) as folder, os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except (CohortFileError, OSError):
        return ()
    return tuple(sorted(name for name in names if is_folder_name(name)))


def is_folder_name(name: str) -> bool:
    """Whether this is one step down and not up, aside, or to something hidden."""
    return bool(name) and name.isprintable() and not name.startswith(".") and not set(name) & {"/", "\\"}


def _read(store: Store, settings: Settings, cohort: Cohort, folder: int, now: float, reading: _Reading) -> None:
    """Takes the files that are new; of many only those that would be kept, of names without a date none."""
    there, undated = _files(folder, now)
    reading.seen = {name: mark for name, mark in reading.seen.items() if name in there or name in undated}
    new = sorted(
        (file for file in there.values() if reading.seen.get(file.name) != file.mark),
        key=lambda file: (file.taken_at, file.name),
    )
    for file in new[:-SNAPSHOTS_KEPT]:
        reading.seen[file.name] = file.mark
    for file in new[-SNAPSHOTS_KEPT:]:
        try:
            snapshot = _take(store, settings, cohort, folder, file)
        except CohortFileError as error:
            reading.bad = plain(str(error))[:LONGEST_FAULT]
        else:
            if snapshot is None:
                continue
            reading.made += [snapshot] if isinstance(snapshot, CohortSnapshot) else []
            reading.bad = ""
        reading.seen[file.name] = file.mark
    for name in undated:
        if name not in reading.seen:
            reading.seen[name], reading.bad = [0, 0], undated[name]


def _remember(store: Store, cohort: Cohort, reading: _Reading, problem: str) -> None:
    """Writes down what changed; nothing when nothing did."""
    known = (cohort.source.get("seen", {}), cohort.source.get("bad", ""), cohort.fault)
    fault = problem or reading.bad
    if (reading.seen, reading.bad, fault) != known:
        store.note_source(cohort.org_id, cohort.id, {"seen": reading.seen, "bad": reading.bad}, fault=fault)


def _take(store: Store, settings: Settings, cohort: Cohort, folder: int, file: _Found) -> CohortSnapshot | bool | None:
    """The snapshot, True when the cohort had this membership already, None when somebody still writes the file."""
    with _opened_file(folder, file.name) as content, received(settings, cohort.id, file.name, content) as copy:
        if _mark(os.fstat(content.fileno())) != file.mark:
            return None
        return keep(store, settings, cohort.org_id, cohort.id, copy, file.taken_at) or True


def _files(folder: int, now: float) -> tuple[dict[str, _Found], dict[str, str]]:
    """The dated files that nobody has touched for a while, and what is wrong with the names of others."""
    there: dict[str, _Found] = {}
    undated: dict[str, str] = {}
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    for name in names:
        if not is_folder_name(name) or not _COHORT_FILE.fullmatch(name):
            continue
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if abs(now - status.st_mtime) < SETTLED_SECONDS:
            continue
        taken_at = _date_of(name)
        if taken_at is None:
            undated[name] = f"{name}: The name does not begin with a date. Call it like 2026-11-23.csv."
        elif taken_at > datetime.fromtimestamp(now, UTC) + _AHEAD:
            undated[name] = f"{name}: The date is in the future. Correct the name."
        else:
            there[name] = _Found(name, taken_at, _mark(status))
    return there, undated


def _date_of(name: str) -> datetime | None:
    """The day, with the time if there is one, in UTC."""
    dated = _DATED.fullmatch(name)
    if dated is None:
        return None
    try:
        day = datetime.strptime(dated["day"].replace("-", ""), "%Y%m%d").replace(tzinfo=UTC)
        return day.replace(hour=int(dated["hour"] or 0), minute=int(dated["minute"] or 0))
    except ValueError:
        return None


def _mark(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns]


@contextmanager
def _opened_folder(settings: Settings, *steps: str) -> Iterator[int]:
    """A folder below the watched one, opened step by step. Raises CohortFileError."""
    if settings.cohort_folder is None:
        what = "No folder is watched."
        raise CohortFileError(what, remedy="Ask whoever operates this portal to set PORTAL_COHORT_FOLDER.")
    flags = os.O_RDONLY | os.O_DIRECTORY
    opened: list[int] = []
    try:
        opened.append(os.open(settings.cohort_folder, flags))
        for step in steps:
            if not is_folder_name(step):
                raise CohortFileError("This is not the name of a folder.", where=step, remedy="Choose another one.")
            opened.append(os.open(step, flags | os.O_NOFOLLOW, dir_fd=opened[-1]))
        yield opened[-1]
    except OSError as error:
        where = "/".join(steps)
        what = f"The watched folder cannot be read: {error.strerror or type(error).__name__}."
        raise CohortFileError(what, where=where, remedy="See that it is there and not a link.") from None
    finally:
        for descriptor in reversed(opened):
            os.close(descriptor)


@contextmanager
def _opened_file(folder: int, name: str) -> Iterator[BinaryIO]:
    """A plain file of the folder; not a link, and not a pipe that would never end. Raises CohortFileError."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        what = f"The file cannot be opened: {error.strerror or type(error).__name__}."
        raise CohortFileError(what, where=name, remedy="See who may read it.") from None
    with closing(os.fdopen(descriptor, "rb")) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise CohortFileError("This is not a plain file.", where=name, remedy="Copy the file itself there.")
        yield file
