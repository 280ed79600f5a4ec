"""How the database came to be as it is: numbered steps, each run once, in one transaction with the record of it.

A step is never edited after a release; a change of tables.py comes with a new step at the end of `STEPS`. Steps are
written in SQL that SQLite and PostgreSQL share, but for the types that `_types` names.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.errors import InputError

_LOCK = 0x706F7274616C  # any number, the same in every process: PostgreSQL's advisory lock


def _first_tables(connection: Connection) -> None:
    owned = "TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE"
    _execute(
        connection,
        """CREATE TABLE integrations (
            id TEXT NOT NULL PRIMARY KEY, org_id TEXT NOT NULL, name_key TEXT NOT NULL, state TEXT NOT NULL,
            revision INTEGER NOT NULL, document TEXT NOT NULL, logo_digest TEXT,
            created_at {time} NOT NULL, updated_at {time} NOT NULL)""",
        "CREATE INDEX integrations_by_org ON integrations (org_id, updated_at)",
        "CREATE INDEX integrations_by_name ON integrations (name_key)",
        f"""CREATE TABLE revisions (
            integration_id {owned}, revision INTEGER NOT NULL, document TEXT NOT NULL, saved_at {{time}} NOT NULL,
            PRIMARY KEY (integration_id, revision))""",
        f"CREATE TABLE logos (integration_id {owned} PRIMARY KEY, png {{bytes}} NOT NULL)",
        f"""CREATE TABLE test_settings (
            integration_id {owned} PRIMARY KEY, settings TEXT NOT NULL, saved_at {{time}} NOT NULL)""",
        f"""CREATE TABLE runs (
            id TEXT NOT NULL PRIMARY KEY, integration_id {owned}, kind TEXT NOT NULL, state TEXT NOT NULL,
            summary TEXT NOT NULL, event_count INTEGER NOT NULL, owner TEXT NOT NULL,
            created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL)""",
        "CREATE INDEX runs_by_integration ON runs (integration_id, created_at)",
        "CREATE INDEX runs_by_state ON runs (state)",
        """CREATE TABLE run_events (
            run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, ordinal INTEGER NOT NULL,
            event TEXT NOT NULL, PRIMARY KEY (run_id, ordinal))""",
    )


def _milestones(connection: Connection) -> None:
    _execute(connection, "CREATE TABLE milestones (name TEXT NOT NULL PRIMARY KEY, reached_at {time} NOT NULL)")


STEPS: tuple[Callable[[Connection], None], ...] = (_first_tables, _milestones)


def migrate(writer: Engine, now: datetime, steps: tuple[Callable[[Connection], None], ...] = STEPS) -> int:
    """Run the steps that this database has not seen; the number of steps run.

    `writer`'s transactions take SQLite's write lock when they begin, so that of two processes starting at once one
    waits and finds the work done. Raises InputError when the database was made by a later version of the app.
    """
    ran = 0
    while True:
        with writer.begin() as connection:
            number = _steps_seen(connection)
            if number > len(steps):
                raise InputError(
                    "The database was made by a later version of the portal.",
                    where="PORTAL_DATABASE_URL",
                    remedy="Start that version, or name another database.",
                )
            if number == len(steps):
                return ran
            steps[number](connection)
            connection.execute(
                text("INSERT INTO migrations (number, name, applied_at) VALUES (:number, :name, :at)"),
                {"number": number + 1, "name": steps[number].__name__.strip("_"), "at": now.isoformat()},
            )
            ran += 1


def _steps_seen(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    _execute(
        connection,
        """CREATE TABLE IF NOT EXISTS migrations (
            number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)""",
    )
    return int(connection.scalar(text("SELECT COALESCE(MAX(number), 0) FROM migrations")) or 0)


def _execute(connection: Connection, *statements: str) -> None:
    postgresql = connection.dialect.name == "postgresql"
    types = {"time": "TIMESTAMPTZ", "bytes": "BYTEA"} if postgresql else {"time": "DATETIME", "bytes": "BLOB"}
    for statement in statements:
        connection.execute(text(statement.format(**types)))
