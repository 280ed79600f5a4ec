"""The store's tables as the code uses them now. They are made and changed by migrations.py, never from here.

Two column types make SQLite and PostgreSQL behave alike: JSON as ASCII text (any string survives, NUL and lone
surrogates included) and times that always carry UTC.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
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
