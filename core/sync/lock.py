"""One sync at a time on a state folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ConflictError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder, which is created if it is missing, while the context is open.

    The lock is on the folder itself and ends with the process, however that ends: nothing is left that would have to
    be cleared away. Raises `ConflictError` when another sync holds it, `OSError` when it cannot be opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = "Another sync is using this state folder."
            remedy = "Wait until it has ended, or use another folder."
            raise ConflictError(what, where=str(folder), remedy=remedy) from None
        yield
    finally:
        os.close(descriptor)
