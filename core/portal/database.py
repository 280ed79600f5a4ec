"""The connection to SQLite or PostgreSQL that the parts of the store share: short transactions, many threads.

Two doors: `_read()` for looking, `_write()` for changing. On SQLite a write transaction takes the write lock when it
begins (BEGIN IMMEDIATE), so that it waits its turn instead of failing half-way; readers are never held up (WAL).
"""

from __future__ import annotations

import re
import secrets
import string
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import DatabaseError as SqliteDatabaseError
from sqlite3 import OperationalError as SqliteError
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import InputError, PortalError
from core.portal.migrations import migrate
from core.portal.vault import Vault

_ID_LETTERS = string.ascii_letters + string.digits

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """An id that nobody can guess: 16 letters and digits, 95 random bits, so that it needs no quoting anywhere."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(16))


def is_id(text: str) -> bool:
    """Whether `text` could be an id, those of earlier versions included; what cannot must not trouble the database."""
    return re.fullmatch(r"[A-Za-z0-9_-]{16}", text) is not None


class StoreBusyError(PortalError):
    """The database did not answer in time, or not at all: nothing was changed, the same call may be tried again."""


class Database:
    """What every part of the store stands on. The folder of an SQLite file is made when missing."""

    def __init__(self, url: str, vault: Vault, *, clock: Clock = utc_now, busy_seconds: float = 20.0) -> None:
        self._vault = vault
        self._clock = clock
        self._reader = _engine(url, busy_seconds)
        self._writer = self._reader.execution_options(portal_writes=True)
        try:
            migrate(self._writer, clock())
        except BaseException as error:
            self.close()
            if isinstance(error, DatabaseError):
                raise _unreachable(error) from error
            raise

    def now(self) -> datetime:
        """The time by the store's clock, in UTC."""
        return self._clock()

    def close(self) -> None:
        """Give the connections back; the store cannot be used afterwards."""
        self._reader.dispose()

    def _forget_old_pages(self) -> None:
        """Empty SQLite's write-ahead log, where what was overwritten would stand until the log is used anew."""
        if self._reader.dialect.name != "sqlite":
            return
        with _said_plainly():
            raw = self._reader.raw_connection()
            try:
                cursor = raw.cursor()
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                raw.close()
        if busy:
            raise StoreBusyError(
                "Everything was saved, but somebody reads the database, so its log still holds what was there before.",
                remedy="Do the same again in a quiet moment.",
            )

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with _said_plainly(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """All that is done inside is committed together at the end, or not at all when an exception leaves."""
        with _said_plainly(), self._writer.begin() as connection:
            yield connection


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise _unreachable(error) from error
    except DatabaseError as error:
        if isinstance(error.orig, SqliteDatabaseError) and type(error.orig) is SqliteDatabaseError:
            raise _unreachable(error) from error  # a damaged file: no fault of what was asked
        raise


def _unreachable(error: Exception) -> StoreBusyError:
    reason = str(getattr(error, "orig", None) or "no free connection")
    busy = "locked" in reason or "no free" in reason
    return StoreBusyError(
        "The database is busy." if busy else f"The database cannot be used: {reason.strip()}.",
        remedy="Nothing was saved; try again." if busy else "Nothing was saved; tell whoever operates this portal.",
    )


def _engine(url: str, busy_seconds: float) -> Engine:
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if kind not in ("sqlite", "postgresql"):
            raise ArgumentError(kind)
    except ArgumentError as error:
        raise InputError(
            "This is not the URL of an SQLite or PostgreSQL database.",
            where="PORTAL_DATABASE_URL",
            remedy="Examples: sqlite:///data/portal.db, postgresql://user:password@host/portal.",
        ) from error
    if kind == "postgresql":
        try:
            return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
        except ModuleNotFoundError as error:
            raise InputError(
                f"the PostgreSQL driver {error.name} is not installed.",
                where="PORTAL_DATABASE_URL",
                remedy='Install it: pip install "psycopg[binary]".',
            ) from error
    if not parsed.database or parsed.database == ":memory:":
        raise InputError("SQLite needs a file here, not memory.", where="PORTAL_DATABASE_URL", remedy="Name a file.")
    path = Path(parsed.database)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": busy_seconds})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says, not where the driver guesses
        _use_wal(connection, busy_seconds)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("portal_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _use_wal(connection: Any, busy_seconds: float) -> None:
    """Switch to write-ahead logging, which SQLite refuses without waiting while another process does the same."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except SqliteError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
