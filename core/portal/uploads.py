"""Cohort files that a session works with: kept on disk, not in memory, under a name made from their content."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import BinaryIO

from core.errors import CohortFileError

KEPT_SECONDS = 24 * 3600
MAX_BYTES = 200 << 20
_CHUNK = 1 << 20


def keep_upload(folder: Path, name: str, content: BinaryIO, *, max_bytes: int = MAX_BYTES) -> Path:
    """Writes an upload to the folder and returns its path; the same content is written once.

    Of the name only what tells the file's kind survives, so that no name leads out of the folder. Raises
    CohortFileError for a file that is too large or cannot be written; nothing of it stays then.
    """
    fresh = folder / f"new-{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = _write(fresh, name, content, max_bytes)
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).name)[-60:].lstrip(".-") or "cohort"
        path = folder / f"{digest[:32]}-{stem}"
        os.replace(fresh, path)
    except OSError as error:
        what = f"The file cannot be kept: {error.strerror or type(error).__name__}."
        raise CohortFileError(what, where=name, remedy="Tell whoever operates this portal.") from None
    finally:
        fresh.unlink(missing_ok=True)
    return path


def _write(path: Path, name: str, content: BinaryIO, max_bytes: int) -> str:
    """Writes a file for its owner only; the digest of its content."""
    digest = hashlib.sha256()
    size = 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > max_bytes:
                what = f"The file has more than {max_bytes:,} bytes."
                raise CohortFileError(what, where=name, remedy="Upload it gzipped or as Parquet, or split it.")
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def clear_old_uploads(folder: Path, *, now: float | None = None) -> int:
    """Removes uploads that nobody has written for a day; returns how many."""
    now = time.time() if now is None else now
    removed = 0
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.is_file() and now - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
