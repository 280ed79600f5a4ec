"""A destination quotes the secrets it was sent, in every spelling; none of them may be found anywhere afterwards."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from cryptography.fernet import Fernet
from streamlit.testing.v1 import AppTest

from core.integration import Integration
from core.portal import Store, Vault
from core.portal.demo import DEMO_ORG, load_people
from core.portal.test_runs import Runner, RunOrder, Step
from core.request import Cohort, Connection, RequestBuilder, curl, har, json_line, postman
from core.settings import Settings
from core.sync import Change, RetrySchedule, render_all
from core.sync.batches import Skipped
from tests.commands import terminal
from tests.security import echo
from tests.security.echo import FIELDS, document, leaks, leaks_in_folder, telling

QUICK = RetrySchedule((0.0,), jitter=0)
STATUSES: list[dict[str, int]] = [
    {},
    {"add": 422, "remove": 302},
    {"add": 503},
    {"lists": 401},
    {"lists": 500},
]


def change() -> Change:
    def frame(*users: str) -> pd.DataFrame:
        return pd.DataFrame({"user_id": pd.Series(list(users), dtype="str")})

    return Change(frame("u1", "u2", "u3", "u4"), frame("u9"), "user_id", unchanged=5)


def builder(base: str) -> RequestBuilder:
    connection = Connection(fields=dict(FIELDS), cohort=Cohort(id="c1", name="Power users", url="https://a.example/c"))
    return RequestBuilder(Integration.model_validate(document(base)), connection, columns=["user_id"])


def test_the_search_itself_finds_every_spelling() -> None:
    for secret in echo.SECRETS:
        for text in echo.spellings(secret):
            assert leaks(text), text
            assert leaks(json.dumps(json.dumps(text))), text
    assert not leaks("nothing to hide, but 0123456789abcdef and YWJjZGVmZ2hpamts")


@pytest.mark.parametrize("statuses", STATUSES)
def test_a_test_run_leaves_no_secret_in_the_store_or_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, statuses: dict[str, int]
) -> None:
    caplog.set_level(logging.DEBUG)
    store = Store(f"sqlite:///{tmp_path / 'portal.db'}", Vault([Fernet.generate_key()]))
    with telling(statuses) as server:
        made = store.create_integration("acme", document(server.url)).id
        store.save_test_settings("acme", made, {"fields": FIELDS}, list(FIELDS))
        order = RunOrder(builder(server.url), [Step("only", change(), 3, 5)], schedule=QUICK)
        run_id = Runner(store).start("acme", made, order)
        run = ended(store, "acme", run_id)
        assert server.heard, "the destination was asked"
    assert not leaks(str(run.summary))
    assert not leaks(str(store.run_events("acme", run_id)))
    assert "***" in str(store.run_events("acme", run_id))
    assert not leaks_in_folder(tmp_path), "the database and its write-ahead log, while it is open"
    assert store.get_test_settings("acme", made) == {"fields": FIELDS}
    store.close()
    assert not leaks_in_folder(tmp_path)
    assert not leaks(caplog.text)


def ended(store: Store, org: str, run_id: str) -> Any:
    end = time.monotonic() + 30
    while (run := store.get_run(org, run_id)).state == "running":
        assert time.monotonic() < end, "the run did not end"
        time.sleep(0.02)
    return run


def test_an_error_that_quotes_a_secret_is_masked_in_the_log_and_in_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'portal.db'}", Vault([Fernet.generate_key()]))

    def fail() -> None:
        raise RuntimeError(f"could not use {echo.TOKEN}")

    with telling() as server:
        made = store.create_integration("acme", document(server.url)).id
        run_id = Runner(store).start("acme", made, RunOrder(builder(server.url), [], prepare=fail))
        run = ended(store, "acme", run_id)
    store.close()
    assert run.state == "failed"
    assert "the log has the details" in run.summary["fault"]
    assert "could not use ***" in caplog.text
    assert not leaks(caplog.text + str(run.summary))


def test_no_export_holds_a_secret() -> None:
    built = builder("https://api.example.test")
    requests = [one for one in render_all(built, change()) if not isinstance(one, Skipped)]
    assert {request.endpoint for request in requests} == {"create_list", "add_users", "remove_users"}
    exports = [json_line(request) for request in requests]
    exports += [curl(request.marked).command for request in requests]
    exports += [json.dumps(har(requests)), json.dumps(postman(requests, "Echo"))]
    exports += [repr(request.masked) for request in requests]
    for text in exports:
        assert not leaks(text)


@pytest.mark.parametrize("statuses", STATUSES)
def test_the_command_line_and_its_state_folder_hold_no_secret(tmp_path: Path, statuses: dict[str, int]) -> None:
    desk = terminal.Desk(tmp_path)
    cohort = desk.cohort("user_id\nu1\nu2\nu3\nu4\n")
    environment = {"ECHO_TOKEN": echo.TOKEN, "ECHO_PHRASE": echo.PHRASE}
    fields = {"bearer_token": "env:ECHO_TOKEN", "phrase": "env:ECHO_PHRASE"}
    settings = desk.settings(fields=fields, mappings={"user": "user_id"})
    with telling(statuses) as server:
        integration = desk.write("integration.json", document(server.url))
        common = (integration, "--cohort", cohort, "--settings", settings)
        state = tmp_path / "state"
        ran = [
            terminal.run("sync", *common, "--state", state, "--retry-delays", "0", *more, **environment)
            for more in (["--json"], [])
        ]
        forms = () if statuses else ("jsonl", "curl", "har", "postman")  # nothing is sent, so no answer matters
        ran += [terminal.run("render", *common, "--as", form, **environment) for form in forms]
        ran += [terminal.run("check", integration, **environment)]
    for one in ran:
        assert one.code in (0, 1), one.err
        assert not leaks(one.out)
        assert not leaks(one.err)
    assert not leaks_in_folder(tmp_path)


# The pages


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("PORTAL_DATABASE_URL", raising=False)
    st.cache_resource.clear()
    st.cache_data.clear()
    outside = Store.open(Settings.from_environment())
    load_people(outside)
    yield outside
    outside.close()
    st.cache_resource.clear()


OpenPage = Callable[[str, str], AppTest]


@pytest.fixture
def open_page(store: Store) -> OpenPage:
    router = Path(__file__).resolve().parents[2] / "pages" / "_router.py"

    def open_one(page: str, integration_id: str) -> AppTest:
        session = AppTest.from_file(str(router), default_timeout=60)
        session.query_params["id"] = integration_id
        session.run()
        session.switch_page(f"{page}.py").run()
        assert not session.exception
        return session

    return open_one


def everything(page: AppTest) -> bytes:
    """All that the server sent to the browser for this page."""
    return b"\n".join(node.proto.SerializeToString() for node in page._tree if getattr(node, "proto", None))


@pytest.mark.parametrize("statuses", STATUSES)
def test_configure_shows_no_secret_before_or_after_a_test_request(
    store: Store, open_page: OpenPage, tmp_path: Path, statuses: dict[str, int]
) -> None:
    with telling(statuses) as server:
        made = store.create_integration(DEMO_ORG, document(server.url)).id
        known = {"list_id": "L1", "list_id_from": "My endpoint"}
        store.save_test_settings(DEMO_ORG, made, {"name": "T", "fields": FIELDS, **known}, list(FIELDS))
        page = open_page("configure", made)
        assert not leaks(everything(page))
        for name in ("create_list", "add_users", "remove_users"):
            next(one for one in page.segmented_control if one.label == "Endpoint").set_value(name).run()
            next(one for one in page.segmented_control if one.label == "Send to").set_value("My endpoint").run()
            heard = len(server.heard)
            next(one for one in page.button if one.label == "Send test request").click().run()
            assert not page.exception
            assert len(server.heard) == heard + 1
            assert not leaks(everything(page)), name
            assert b"***" in everything(page)
        next(one for one in page.toggle if one.label == "With my secrets").set_value(True).run()
        assert leaks(everything(page)), "the deliberate way to see them; it shows that the search sees the page"
    assert not leaks_in_folder(tmp_path)


@pytest.mark.parametrize("statuses", STATUSES)
def test_the_test_page_shows_no_secret_of_a_run(
    store: Store, open_page: OpenPage, tmp_path: Path, statuses: dict[str, int]
) -> None:
    with telling(statuses) as server:
        made = store.create_integration(DEMO_ORG, document(server.url)).id
        store.save_test_settings(DEMO_ORG, made, {"name": "T", "fields": FIELDS}, list(FIELDS))
        page = open_page("test", made)
        page.session_state["run_destination"] = "My endpoint"
        page.run()
        assert not leaks(everything(page)), "the plan with its first requests in full"
        run_id = Runner(store).start(
            DEMO_ORG, made, RunOrder(builder(server.url), [Step("only", change(), 3, 5)], schedule=QUICK)
        )
        ended(store, DEMO_ORG, run_id)
    page = open_page("test", made)
    assert "Last run" in [found.value for found in page.subheader]
    assert not leaks(everything(page))
    for event in store.run_events(DEMO_ORG, run_id):
        detail = AppTest.from_function(_show_delivery, args=(event.event,), default_timeout=60).run()
        assert not detail.exception
        assert not leaks(everything(detail))
    assert not leaks_in_folder(tmp_path)


def _show_delivery(event):  # its source alone is run, so it cannot use what is imported above
    from pages.parts.run_parts import show_delivery

    show_delivery(event)
