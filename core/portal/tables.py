"""The store's tables as the code uses them now. They are made and changed by migrations.py, never from here.

Two column types make SQLite and PostgreSQL behave alike: JSON as ASCII text (any string survives, NUL and lone
surrogates included) and times that always carry UTC.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)


class JsonText(TypeDecorator[Any]):
    """A JSON value kept as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class UtcTime(TypeDecorator[datetime]):
    """A timezone-aware moment; comes back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()


def _integration_id(*, primary_key: bool = True) -> Column[str]:
    owner = ForeignKey("integrations.id", ondelete="CASCADE")
    return Column("integration_id", Text, owner, primary_key=primary_key, nullable=False)


integrations = Table(
    "integrations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("org_id", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("document", JsonText, nullable=False),
    Column("logo_digest", Text),
    Column("internal_release", Integer),
    Column("deployed_release", Integer),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    _integration_id(),
    Column("revision", Integer, primary_key=True),
    Column("document", JsonText, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
)

logos = Table(
    "logos",
    metadata,
    _integration_id(),
    Column("png", LargeBinary, nullable=False),
)

test_settings = Table(
    "test_settings",
    metadata,
    _integration_id(),
    Column("settings", JsonText, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    _integration_id(primary_key=False),
    Column("org_id", Text, nullable=False),
    Column("sync_id", Text, ForeignKey("syncs.id", ondelete="CASCADE")),
    Column("stop_wanted", Boolean, nullable=False, default=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("summary", JsonText, nullable=False),
    Column("event_count", Integer, nullable=False),
    Column("owner", JsonText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

run_events = Table(
    "run_events",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("event", JsonText, nullable=False),
)

milestones = Table(
    "milestones",
    metadata,
    Column("name", Text, primary_key=True),
    Column("reached_at", UtcTime, nullable=False),
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("access", Text, nullable=False),
    Column("checklist", JsonText, nullable=False),
    Column("requested_at", UtcTime),
    Column("requested_by", Text, nullable=False),
    Column("decided_at", UtcTime),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("org_id", Text, ForeignKey("organisations.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

projects = Table(
    "projects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("org_id", Text, ForeignKey("organisations.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("api_key", Text, nullable=False),
    Column("secret", Text),
    Column("api_url", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    _integration_id(),
    Column("number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("document", JsonText, nullable=False),
    Column("logo", LargeBinary),
    Column("state", Text, nullable=False),
    Column("evidence", JsonText, nullable=False),
    Column("test_account", JsonText, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("submitted_at", UtcTime, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", UtcTime),
    Column("reason", Text, nullable=False),
)

transitions = Table(
    "transitions",
    metadata,
    _integration_id(),
    Column("ordinal", Integer, primary_key=True),
    Column("action", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("release", Integer),
    Column("person_id", Text, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

comments = Table(
    "comments",
    metadata,
    Column("id", Text, primary_key=True),
    _integration_id(primary_key=False),
    Column("parent_id", Text),
    Column("release", Integer),
    Column("place", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("resolved_at", UtcTime),
    Column("resolved_by", Text, nullable=False),
)

mails = Table(
    "mails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("org_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fault", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
)

connections = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("org_id", Text, ForeignKey("organisations.id"), nullable=False),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False),
    Column("integration_id", Text, ForeignKey("integrations.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("settings", JsonText, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

cohorts = Table(
    "cohorts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("org_id", Text, ForeignKey("organisations.id"), nullable=False),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False),
    Column("amp_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("source", JsonText, nullable=False),
    Column("fault", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Text, primary_key=True),
    Column("cohort_id", Text, ForeignKey("cohorts.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("columns", JsonText, nullable=False),
    Column("taken_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
)

syncs = Table(
    "syncs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("org_id", Text, ForeignKey("organisations.id"), nullable=False),
    Column("cohort_id", Text, ForeignKey("cohorts.id"), nullable=False),
    Column("connection_id", Text, ForeignKey("connections.id"), nullable=False),
    Column("cadence", Text, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("allow_removals", Boolean, nullable=False),
    Column("next_at", UtcTime),
    Column("trigger", Text, nullable=False),
    Column("last_outcome", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)
