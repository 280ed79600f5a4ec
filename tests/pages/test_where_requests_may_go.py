"""The operator's word on private hosts holds for every request that the pages send; the sandbox works all the same."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit import config

from core.integration import Integration
from core.portal import Store
from core.portal.demo import DEMO_ORG
from core.sync import NetworkPolicy
from pages.parts import sandbox
from tests.pages.conftest import OpenPage


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app listens on every address, on port 8601; nothing was said about private hosts."""
    monkeypatch.delenv("PORTAL_ALLOW_PRIVATE_HOSTS", raising=False)
    before = {name: st.get_option(name) for name in ("server.address", "server.port")}
    config.set_option("server.address", "0.0.0.0")
    config.set_option("server.port", 8601)
    st.cache_resource.clear()
    yield
    for name, value in before.items():
        config.set_option(name, value)
    st.cache_resource.clear()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port of this machine on which nobody should knock."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening


def untouched(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return True
    return False


def integration(store: Store, listener: socket.socket) -> str:
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    members: dict[str, Any] = {"payload": '{"ids": $items}', "item": '"$user_id"'}
    document: dict[str, Any] = {
        "display_name": "Inside",
        "mapping_fields": [{"variable": "user_id", "display_name": "User ID"}],
        "endpoints": {
            "create_list": {"url": f"{base}/lists", "payload": '{"name": "$amp_cohort_name"}'},
            "add_users": {"url": f"{base}/$list_id/add", **members},
            "remove_users": {"url": f"{base}/$list_id/remove", **members},
        },
    }
    return store.create_integration(DEMO_ORG, Integration.model_validate(document).model_dump(mode="json")).id


@pytest.mark.usefixtures("bound")
def test_an_app_that_strangers_reach_sends_nothing_inside_but_to_its_own_sandbox() -> None:
    assert sandbox.policy(sandbox.OWN) == NetworkPolicy(allow_private=False)
    assert sandbox.policy(sandbox.SANDBOX) == NetworkPolicy(allow_private=False, also=("127.0.0.1", 8601))


@pytest.mark.usefixtures("bound")
def test_an_app_that_listens_on_an_ipv6_address_reaches_its_sandbox_there() -> None:
    config.set_option("server.address", "fd00::1")
    assert sandbox.policy(sandbox.SANDBOX).also == ("fd00::1", 8601)


@pytest.mark.usefixtures("bound")
def test_a_test_request_does_not_go_inside(store: Store, open_page: OpenPage, listener: socket.socket) -> None:
    page = open_page("configure", integration(store, listener))
    next(one for one in page.segmented_control if one.label == "Send to").set_value(sandbox.OWN).run()
    next(one for one in page.button if one.label == "Send test request").click().run()
    assert not page.exception
    assert "is a loopback address" in "\n".join(one.value for one in (*page.markdown, *page.caption, *page.error))
    assert untouched(listener)


@pytest.mark.usefixtures("bound")
def test_a_test_run_does_not_go_inside(store: Store, open_page: OpenPage, listener: socket.socket) -> None:
    made = integration(store, listener)
    page = open_page("test", made)
    next(one for one in page.segmented_control if one.label == "Where to").set_value(sandbox.OWN).run()
    page.button(key="run_start").click().run()
    assert not page.exception
    end = time.monotonic() + 20
    while (run := store.latest_run(DEMO_ORG, made)) is None or run.state == "running":
        assert time.monotonic() < end, "the run did not end"
        time.sleep(0.02)
    assert run.state == "failed"
    assert "is a loopback address" in str(run.summary)
    assert untouched(listener)
