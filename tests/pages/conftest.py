"""The portal's pages without a browser: the router under AppTest, on a store in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.portal import Store
from core.portal.demo import load_people
from core.settings import Settings

ROUTER = Path(__file__).resolve().parents[2] / "pages" / "_router.py"
OpenPage = Callable[..., AppTest]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store that the pages of this test work in, seen from outside of them."""
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("PORTAL_DATABASE_URL", raising=False)
    st.cache_resource.clear()
    st.cache_data.clear()
    outside = Store.open(Settings.from_environment())
    load_people(outside)
    yield outside
    outside.close()
    st.cache_resource.clear()


@pytest.fixture
def open_page(store: Store) -> OpenPage:
    """Opens a page in a session of its own: `open_page("setup", integration_id)`; `acting` is the id of a person."""

    def open_one(page: str = "integrations", integration_id: str = "", *, acting: str = "", **address: str) -> AppTest:
        session = AppTest.from_file(str(ROUTER), default_timeout=30)
        named = {"id": integration_id, "as": acting, **address}
        for name, value in named.items():
            if value:
                session.query_params[name] = value
        session.run()
        if page != "integrations":
            session.switch_page(f"{page}.py").run()
        assert not session.exception
        return session

    return open_one
