"""A chosen cohort, read: the steps of the test run, what was read and dropped, who joined and who left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.cohort import Members, ReadReport, Snapshot, coverage, diff, read_columns, read_operations, read_snapshot
from core.cohort.limits import UPLOAD
from core.cohort.mapping_coverage import ColumnCoverage
from core.errors import CohortFileError
from core.sync import Change
from pages.parts.testing.source import CohortFile, Source


@dataclass(frozen=True, eq=False)
class Loaded:
    """`first` is the sync of the snapshot before, None when there is none; `change` is what changed since.

    `members` is the snapshot now, None for operations; `reports` are by file name. `token` stands for all of it.
    """

    token: str
    key: str
    change: Change
    first: Change | None
    members: Members | None
    reports: Mapping[str, ReadReport]
    constants: Mapping[str, str]

    @property
    def everybody(self) -> Members:
        """All users that the test speaks of, for the mapping coverage and the proof."""
        return self.change.added if self.members is None else self.members


def shared_columns(source: Source) -> tuple[str, ...]:
    """The columns that all chosen files have, from which the mappings choose. Raises `CohortFileError`."""
    now = _columns_of(source.current)
    if source.previous is None:
        return now
    before = _columns_of(source.previous)
    shared = tuple(column for column in now if column in before)
    if not shared:
        what = f"has no column that {source.previous.name} has; its columns are: {', '.join(now)}."
        raise CohortFileError(what, where=source.current.name, remedy="Upload two snapshots of one cohort.")
    return shared


def _columns_of(file: CohortFile) -> tuple[str, ...]:
    return _columns(file.path, file.path.stat().st_mtime_ns, file.name)


def load(source: Source, key: str) -> Loaded:
    """Reads the files and tells what changed; kept for as long as the files stay as they are.

    Raises `CohortFileError`.
    """
    if source.kind == "operations":
        return _operations(source.current.path, source.current.path.stat().st_mtime_ns, key, source.current.name)
    previous = source.previous
    return _snapshots(
        None if previous is None else previous.path,
        0 if previous is None else previous.path.stat().st_mtime_ns,
        source.current.path,
        source.current.path.stat().st_mtime_ns,
        key,
        "" if previous is None else previous.name,
        source.current.name,
    )


def coverage_of(loaded: Loaded, columns: tuple[str, ...]) -> tuple[ColumnCoverage, ...]:
    """How many users have a value for each of these columns."""
    return _coverage(loaded.token, columns, loaded)


@st.cache_resource(max_entries=20, ttl=3600, show_spinner=False)
def _coverage(token: str, columns: tuple[str, ...], _loaded: Loaded) -> tuple[ColumnCoverage, ...]:
    frame = _loaded.everybody.frame()
    return coverage(frame, [column for column in columns if column in frame.columns])


@st.cache_resource(max_entries=50, ttl=3600, show_spinner=False)
def _columns(path: Path, _changed: int, name: str) -> tuple[str, ...]:
    return read_columns(path, name=name)


@st.cache_resource(max_entries=8, ttl=3600, show_spinner="Reading the cohort")
def _operations(path: Path, changed: int, key: str, name: str) -> Loaded:
    found = read_operations(path, key, name=name, limits=UPLOAD)
    change = Change(found.added, found.removed, key, in_snapshot=False)
    return Loaded(
        f"{path}|{changed}|{key}",
        change=change,
        key=key,
        first=None,
        members=None,
        reports={name: found.report},
        constants=found.constants,
    )


@st.cache_resource(max_entries=8, ttl=3600, show_spinner="Reading the cohort")
def _snapshots(
    previous: Path | None, before: int, current: Path, now: int, key: str, previous_name: str, current_name: str
) -> Loaded:
    members = read_snapshot(current, key, name=current_name, limits=UPLOAD)
    reports = {current_name: members.report}
    token = f"{previous}|{before}|{current}|{now}|{key}"
    if previous is None:
        return Loaded(token, key, _everybody_joins(members), None, members.members, reports, {})
    old = read_snapshot(previous, key, name=previous_name, limits=UPLOAD)
    found = diff(old, members, key)
    change = Change(found.added, found.removed, key, found.counts.unchanged)
    both = {previous_name: old.report, **reports}
    return Loaded(token, key, change, _everybody_joins(old), members.members, both, {})


def _everybody_joins(snapshot: Snapshot) -> Change:
    return Change(snapshot.members, snapshot.members.first(0), snapshot.key)
