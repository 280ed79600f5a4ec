"""The files of snapshots: kept in the data folder, a folder a cohort, and never changed once they are there.

A file is written aside, read through once, and takes its name before its record is made, so that a record always has
its file; what a crash leaves behind in between is cleared away later.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from core.errors import CohortFileError
from core.portal.cohorts.cohorts import plain
from core.portal.cohorts.entities import FOLDER, CohortSnapshot
from core.portal.cohorts.rows import measure
from core.portal.database import new_id
from core.portal.store import Store
from core.settings import Settings

SNAPSHOTS_KEPT = 20
MOST_BYTES = 20 << 30
_CHUNK = 1 << 20
_LEFT_BEHIND_SECONDS = 24 * 3600
_ENDING = re.compile(r"\.(csv|tsv|txt|csv\.gz|tsv\.gz|txt\.gz|parquet)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Received:
    """A file of a cohort that is written aside: not a snapshot yet."""

    name: str
    path: Path
    digest: str
    bytes: int


def add_snapshot(
    store: Store,
    settings: Settings,
    org: str,
    cohort_id: str,
    name: str,
    content: BinaryIO,
    taken_at: datetime,
    *,
    most_bytes: int = MOST_BYTES,
) -> CohortSnapshot | None:
    """The next snapshot of a cohort; None when the cohort had this membership already.

    Raises NotFoundError, CohortFileError for a file that is no snapshot or too large; nothing is kept then.
    """
    store.get_cohort(org, cohort_id)
    with received(settings, cohort_id, name, content, most_bytes=most_bytes) as file:
        return keep(store, settings, org, cohort_id, file, taken_at)


@contextmanager
def received(
    settings: Settings, cohort_id: str, name: str, content: BinaryIO, *, most_bytes: int = MOST_BYTES
) -> Iterator[Received]:
    """Writes a file aside for as long as the context is open. `cohort_id` must be one of the store's.

    Raises CohortFileError when it is too large or cannot be written.
    """
    folder = settings.data_dir / FOLDER / cohort_id
    aside = folder / f"new-{secrets.token_hex(8)}"
    try:
        with _trouble_said(name):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            digest, size = _write(aside, name, content, most_bytes)
        yield Received(plain(name)[-200:], aside, digest, size)
    finally:
        aside.unlink(missing_ok=True)


def keep(
    store: Store, settings: Settings, org: str, cohort_id: str, file: Received, taken_at: datetime
) -> CohortSnapshot | None:
    """Makes a received file the next snapshot, if it is one, and drops the oldest of too many; see `add_snapshot`."""
    newest = store.newest_snapshot(org, cohort_id)
    if newest is not None and newest.digest == file.digest:
        measured = (newest.rows, newest.columns)
    else:
        found = measure(file.path, file.name)
        measured = (found.rows, found.columns)
    snapshot_id = new_id()
    ending = _ENDING.search(file.name)
    snapshot = CohortSnapshot(
        id=snapshot_id,
        cohort_id=cohort_id,
        name=file.name,
        file=snapshot_id + (ending[0].lower() if ending else ".csv"),
        digest=file.digest,
        bytes=file.bytes,
        rows=measured[0],
        columns=measured[1],
        taken_at=taken_at,
        received_at=taken_at,
    )
    path = snapshot.path(settings)
    with _trouble_said(file.name):
        os.replace(file.path, path)
    kept = None
    try:
        kept = store.record_snapshot(org, snapshot)
    finally:
        if kept is None:
            path.unlink(missing_ok=True)
    if kept is not None:
        for old in store.forget_snapshots(org, cohort_id, SNAPSHOTS_KEPT):
            old.path(settings).unlink(missing_ok=True)
        _clear(store, path.parent, org, cohort_id)
    return kept


def remove_cohort(store: Store, settings: Settings, org: str, cohort_id: str) -> None:
    """Deletes a cohort with its snapshots. Raises NotFoundError, ConflictError while syncs send it."""
    store.delete_cohort(org, cohort_id)
    shutil.rmtree(settings.data_dir / FOLDER / cohort_id, ignore_errors=True)


def _clear(store: Store, folder: Path, org: str, cohort_id: str) -> None:
    """Removes the files of snapshots that have no record, once nobody can be about to make one."""
    known = {snapshot.file for snapshot in store.list_snapshots(org, cohort_id)}
    for path in folder.iterdir():
        if path.name not in known and time.time() - path.stat().st_mtime > _LEFT_BEHIND_SECONDS:
            path.unlink(missing_ok=True)


def _write(path: Path, name: str, content: BinaryIO, most_bytes: int) -> tuple[str, int]:
    """Writes a file for its owner only; the digest of its content and its size."""
    digest, size = hashlib.sha256(), 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > most_bytes:
                what = f"The file has more than {most_bytes:,} bytes."
                raise CohortFileError(what, where=name, remedy="Gzip it, or write it as Parquet.")
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


@contextmanager
def _trouble_said(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"The file cannot be kept: {error.strerror or type(error).__name__}."
        raise CohortFileError(what, where=name, remedy="Tell whoever operates this portal.") from None
