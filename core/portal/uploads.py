"""Cohort files that a session works with: kept on disk, not in memory, under a name made from their content."""

from __future__ import annotations

import hashlib
import os
import re
import time
from pathlib import Path
from typing import BinaryIO

KEPT_SECONDS = 24 * 3600
_CHUNK = 1 << 20


def keep_upload(folder: Path, name: str, content: BinaryIO) -> Path:
    """Writes an upload to the folder and returns its path; the same content is written once.

    Of the name only what tells the file's kind survives, so that no name leads out of the folder.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f"new-{os.getpid()}-{time.monotonic_ns()}"
    digest = hashlib.sha256()
    with fresh.open("wb") as file:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).name)[-60:].lstrip(".-") or "cohort"
    path = folder / f"{digest.hexdigest()[:32]}-{stem}"
    os.replace(fresh, path)
    return path


def clear_old_uploads(folder: Path, *, now: float | None = None) -> int:
    """Removes uploads that nobody has written for a day; returns how many."""
    now = time.time() if now is None else now
    removed = 0
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.is_file() and now - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
