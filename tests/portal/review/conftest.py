"""The people and the integration of the life-cycle tests, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from core.portal import Store
from tests.portal.review.world import World, build_world


@pytest.fixture
def world(store: Store) -> World:
    return build_world(store)
