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


def _life_cycle(connection: Connection) -> None:
    """Organisations, people and projects; what a draft becomes; what customers do with it."""
    integration = "integration_id TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE"
    org = "org_id TEXT NOT NULL REFERENCES organisations (id)"
    project = "project_id TEXT NOT NULL REFERENCES projects (id)"
    who = "person_id TEXT NOT NULL, person_name TEXT NOT NULL, role TEXT NOT NULL"
    _execute(
        connection,
        """CREATE TABLE organisations (
            id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, plan TEXT NOT NULL, access TEXT NOT NULL,
            checklist TEXT NOT NULL, requested_at {time}, requested_by TEXT NOT NULL, decided_at {time},
            decided_by TEXT NOT NULL, reason TEXT NOT NULL, created_at {time} NOT NULL)""",
        f"""CREATE TABLE people (
            id TEXT NOT NULL PRIMARY KEY, {org}, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
            created_at {{time}} NOT NULL)""",
        "CREATE INDEX people_by_org ON people (org_id)",
        f"""CREATE TABLE projects (
            id TEXT NOT NULL PRIMARY KEY, {org}, name TEXT NOT NULL, api_key TEXT NOT NULL, secret TEXT,
            api_url TEXT NOT NULL, created_at {{time}} NOT NULL)""",
        "CREATE INDEX projects_by_org ON projects (org_id)",
        "ALTER TABLE integrations ADD COLUMN internal_release INTEGER",
        "ALTER TABLE integrations ADD COLUMN deployed_release INTEGER",
        f"""CREATE TABLE releases (
            {integration}, number INTEGER NOT NULL, kind TEXT NOT NULL, revision INTEGER NOT NULL,
            document TEXT NOT NULL, logo {{bytes}}, state TEXT NOT NULL, evidence TEXT NOT NULL,
            test_account TEXT NOT NULL, submitted_by TEXT NOT NULL, submitted_at {{time}} NOT NULL,
            decided_by TEXT NOT NULL, decided_at {{time}}, reason TEXT NOT NULL,
            PRIMARY KEY (integration_id, number))""",
        f"""CREATE TABLE transitions (
            {integration}, ordinal INTEGER NOT NULL, action TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
            release INTEGER, {who}, reason TEXT NOT NULL, at {{time}} NOT NULL,
            PRIMARY KEY (integration_id, ordinal))""",
        f"""CREATE TABLE comments (
            id TEXT NOT NULL PRIMARY KEY, {integration}, parent_id TEXT, release INTEGER, place TEXT NOT NULL, {who},
            text TEXT NOT NULL, at {{time}} NOT NULL, resolved_at {{time}}, resolved_by TEXT NOT NULL)""",
        "CREATE INDEX comments_by_integration ON comments (integration_id, at)",
        """CREATE TABLE mails (
            id TEXT NOT NULL PRIMARY KEY, channel TEXT NOT NULL, recipient TEXT NOT NULL, org_id TEXT NOT NULL,
            kind TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
            attempts INTEGER NOT NULL, fault TEXT NOT NULL, created_at {time} NOT NULL, due_at {time} NOT NULL,
            sent_at {time})""",
        "CREATE INDEX mails_by_state ON mails (state, due_at)",
        "CREATE INDEX mails_by_recipient ON mails (recipient, created_at)",
        f"""CREATE TABLE connections (
            id TEXT NOT NULL PRIMARY KEY, {org}, {project},
            integration_id TEXT NOT NULL REFERENCES integrations (id), name TEXT NOT NULL, target TEXT NOT NULL,
            settings TEXT NOT NULL, created_by TEXT NOT NULL, created_at {{time}} NOT NULL,
            updated_at {{time}} NOT NULL)""",
        "CREATE INDEX connections_by_org ON connections (org_id, created_at)",
        "CREATE INDEX connections_by_integration ON connections (integration_id)",
        f"""CREATE TABLE cohorts (
            id TEXT NOT NULL PRIMARY KEY, {org}, {project}, amp_id TEXT NOT NULL, name TEXT NOT NULL,
            url TEXT NOT NULL, source TEXT NOT NULL, fault TEXT NOT NULL, created_at {{time}} NOT NULL)""",
        "CREATE INDEX cohorts_by_org ON cohorts (org_id, created_at)",
        """CREATE TABLE snapshots (
            id TEXT NOT NULL PRIMARY KEY, cohort_id TEXT NOT NULL REFERENCES cohorts (id) ON DELETE CASCADE,
            name TEXT NOT NULL, file TEXT NOT NULL, digest TEXT NOT NULL, bytes BIGINT NOT NULL, rows BIGINT NOT NULL,
            columns TEXT NOT NULL, taken_at {time} NOT NULL, received_at {time} NOT NULL)""",
        "CREATE INDEX snapshots_by_cohort ON snapshots (cohort_id, taken_at)",
        f"""CREATE TABLE syncs (
            id TEXT NOT NULL PRIMARY KEY, {org}, cohort_id TEXT NOT NULL REFERENCES cohorts (id),
            connection_id TEXT NOT NULL REFERENCES connections (id), cadence TEXT NOT NULL, paused BOOLEAN NOT NULL,
            allow_removals BOOLEAN NOT NULL, next_at {{time}}, trigger TEXT NOT NULL, last_outcome TEXT NOT NULL,
            created_by TEXT NOT NULL, created_at {{time}} NOT NULL)""",
        "CREATE INDEX syncs_by_org ON syncs (org_id, created_at)",
        "CREATE INDEX syncs_due ON syncs (next_at)",
        """CREATE TABLE leases (
            name TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, expires_at {time} NOT NULL)""",
        "ALTER TABLE runs ADD COLUMN org_id TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN sync_id TEXT REFERENCES syncs (id) ON DELETE CASCADE",
        "ALTER TABLE runs ADD COLUMN stop_wanted BOOLEAN NOT NULL DEFAULT FALSE",
        "UPDATE integrations SET org_id = '214507' WHERE org_id = 'demo'",  # the demo organisation's id is as others'
        "UPDATE runs SET org_id = (SELECT org_id FROM integrations WHERE integrations.id = runs.integration_id)",
        "CREATE INDEX runs_by_sync ON runs (sync_id, created_at)",
        "CREATE INDEX runs_by_org ON runs (org_id, created_at)",
    )


STEPS: tuple[Callable[[Connection], None], ...] = (_first_tables, _milestones, _life_cycle)


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
