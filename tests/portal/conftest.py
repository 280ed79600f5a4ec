"""A store in a folder of its own, on SQLite, or on the database that PORTAL_TEST_DATABASE_URL names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text

from core.portal import Store, Vault

KEY = Fernet.generate_key()


class Clock:
    """Goes on by a second each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an empty database."""
    external = os.environ.get("PORTAL_TEST_DATABASE_URL")
    if not external:
        return f"sqlite:///{(tmp_path / 'portal.db').as_posix()}"
    engine = create_engine(external)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return external


@pytest.fixture
def open_store(url: str, clock: Clock) -> Iterator[Callable[..., Store]]:
    """Opens the database again and again: each store is one process's view of it."""
    opened: list[Store] = []

    def open_one(**options: object) -> Store:
        opened.append(Store(url, Vault([KEY]), **{"clock": clock, **options}))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    return open_store()
