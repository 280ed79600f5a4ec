"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on a free loopback port, gone at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


@contextmanager
def cluster() -> Iterator[str]:
    """The SQLAlchemy URL of an empty database. The server refuses to run as root; Debian's own user runs it then."""
    programs = _programs()
    user = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="portal-postgresql-"))
    try:
        if user:
            shutil.chown(folder, user)
        port = _free_port()
        data = folder / "data"
        _run([programs / "initdb", "-D", data, "-U", "portal", "-A", "trust", "-E", "UTF8", "--no-sync"], user, folder)
        options = " ".join([f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}", *(f"-c {one}" for one in _FAST)])
        log = folder / "log"
        _run([programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start"], user, folder)
        try:
            _run([programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "portal", "portal"], user, folder)
            yield f"postgresql+psycopg://portal@127.0.0.1:{port}/portal"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """The folder of initdb: on the PATH, or where Debian puts it."""
    found = shutil.which("initdb")
    folders = (
        [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    )
    if not folders:
        raise FileNotFoundError("The store's tests need PostgreSQL: `initdb` is neither on the PATH nor in /usr/lib.")
    return folders[0]


def _run(command: list[str | Path], user: str | None, folder: Path) -> None:
    subprocess.run(command, check=True, user=user, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
