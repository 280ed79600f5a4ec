"""Uploaded cohort files on disk: whole under a name of their own, or not at all."""

from __future__ import annotations

import errno
import gzip
import io
import os
from pathlib import Path

import pytest

from core.cohort import read_snapshot
from core.cohort.limits import UPLOAD
from core.errors import CohortFileError
from core.portal.uploads import clear_old_uploads, keep_upload


def test_an_upload_is_kept_for_its_owner_only_and_once(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    first = keep_upload(folder, "../../etc/day 1.csv", io.BytesIO(b"id\n1\n"))
    again = keep_upload(folder, "../../etc/day 1.csv", io.BytesIO(b"id\n1\n"))
    assert first == again
    assert first.parent == folder
    assert first.read_bytes() == b"id\n1\n"
    assert first.stat().st_mode & 0o077 == 0
    assert list(folder.iterdir()) == [first]


def test_an_upload_that_is_too_large_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(CohortFileError, match=r"^day-1.csv: The file has more than 10 bytes"):
        keep_upload(tmp_path, "day-1.csv", io.BytesIO(b"x" * 11), max_bytes=10)
    assert not list(tmp_path.iterdir())


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            found = super().read(size)
            if not found:
                raise ConnectionError("gone")
            return found

    with pytest.raises(CohortFileError, match="cannot be kept"):
        keep_upload(tmp_path, "a.csv", Broken(b"id\n"))
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said_in_a_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_old: object, _new: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("core.portal.uploads.os.replace", full)
    with pytest.raises(CohortFileError, match="No space left on device"):
        keep_upload(tmp_path, "a.csv", io.BytesIO(b"id\n"))
    assert not list(tmp_path.iterdir())


def test_a_small_upload_that_unpacks_to_a_gigabyte_is_refused(tmp_path: Path) -> None:
    piece = gzip.compress(b"id\n" + b"0123456789abcde\n" * (1 << 22), 9)
    path = keep_upload(tmp_path, "bomb.csv.gz", io.BytesIO(piece * 17))
    assert path.stat().st_size < 10 << 20
    with pytest.raises(CohortFileError, match="The file unpacks to more than 536,870,912 bytes"):
        read_snapshot(path, "id", limits=UPLOAD)


def test_old_uploads_go_and_new_ones_stay(tmp_path: Path) -> None:
    old, new = (keep_upload(tmp_path, name, io.BytesIO(name.encode())) for name in ("a.csv", "b.csv"))
    os.utime(old, (0, 0))
    assert clear_old_uploads(tmp_path) == 1
    assert list(tmp_path.iterdir()) == [new]
