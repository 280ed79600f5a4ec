"""Many at once: threads and processes that save, a database somebody else has locked, starts at one moment."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, inspect, text

from core.errors import InputError
from core.portal import EditConflict, Store, StoreBusyError, Vault, tables
from core.portal.migrations import STEPS, migrate
from core.settings import Settings

SAVER = """
import sys
from core.portal import Store, Vault
url, key, integration, name, times = sys.argv[1:]
store = Store(url, Vault([key]), busy_seconds=30)
print("ready", flush=True)
sys.stdin.readline()
stored = store.get("acme", integration)
document, revision = stored.document, stored.revision
for number in range(int(times)):
    saved = store.save("acme", integration, revision, {**document, f"{name}-{number}": number})
    document, revision = saved.document, saved.revision
store.close()
"""


def save_many(store: Store, integration: str, name: str, times: int) -> None:
    """What an editor page does: each save starts from what the last one gave back."""
    stored = store.get("acme", integration)
    document, revision = stored.document, stored.revision
    for number in range(times):
        saved = store.save("acme", integration, revision, {**document, f"{name}-{number}": number})
        document, revision = saved.document, saved.revision


def test_two_threads_that_save_at_once_lose_nothing(store: Store):
    integration = store.create_integration("acme", {}).id
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: save_many(store, integration, name, 25), "ab"))
    stored = store.get("acme", integration)
    assert stored.document == {f"{name}-{number}": number for name in "ab" for number in range(25)}
    assert stored.revision == 51


def test_twenty_threads_that_save_read_and_list_at_once_lose_nothing(open_store: Callable[..., Store]):
    store = open_store(busy_seconds=60)
    integration = store.create_integration("acme", {}).id
    names = [f"thread{number}" for number in range(20)]

    def use(name: str) -> None:
        save_many(store, integration, name, 5)
        own = store.create_integration("acme", {"display_name": name}).id
        store.append_run_events(store.create_run("acme", own, "test", {}), [{"by": name}])
        assert own in {each.id for each in store.list_integrations("acme")}

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(use, names))
    stored = store.get("acme", integration)
    assert len(stored.document) == 100
    assert stored.revision == 101
    assert len(store.list_integrations("acme")) == 21
    assert len(store.list_runs("acme")) == 20


def test_of_two_that_change_the_same_place_at_once_exactly_one_is_told(store: Store):
    for _round in range(10):
        integration = store.create_integration("acme", {"summary": ""}).id
        together = threading.Barrier(2)

        def change(text: str, integration: str = integration, together: threading.Barrier = together) -> str:
            together.wait()
            try:
                store.save("acme", integration, 1, {"summary": text})
            except EditConflict as conflict:
                return str(conflict.latest.document["summary"])
            return ""

        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(change, ["one", "two"]))
        kept = store.get("acme", integration)
        assert sorted(told) == ["", kept.document["summary"]]
        assert kept.revision == 2


def test_two_processes_that_save_at_once_lose_nothing(store: Store, url: str):
    integration = store.create_integration("acme", {}).id
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SAVER, url, Fernet.generate_key().decode(), integration, name, "20"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    assert [process.communicate("go\n")[1] for process in processes] == ["", ""]
    stored = store.get("acme", integration)
    assert stored.document == {f"{name}-{number}": number for name in "ab" for number in range(20)}
    assert stored.revision == 41


def test_two_processes_that_start_at_once_on_nothing_both_come_up(tmp_path: Path):
    imports = "from core.portal import Store; from core.settings import Settings"
    script = f"{imports}; Store.open(Settings.from_environment()).close()"
    for number in range(3):
        env = {"PORTAL_DATA_DIR": str(tmp_path / str(number)), "PATH": ""}
        processes = [subprocess.Popen([sys.executable, "-c", script], env=env, stderr=subprocess.PIPE) for _ in "123"]
        assert [process.communicate()[1] for process in processes] == [b""] * 3


def test_a_save_waits_for_a_lock_and_says_so_when_it_lasts(tmp_path: Path):
    path = tmp_path / "portal.db"
    store = Store(f"sqlite:///{path}", Vault([Fernet.generate_key()]), busy_seconds=0.05)
    made = store.create_integration("acme", {"a": 1})
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError, match=r"database is busy\. Nothing was saved; try again"):
        store.save("acme", made.id, 1, {"a": 2})
    assert store.get("acme", made.id).document == {"a": 1}  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    assert store.save("acme", made.id, 1, {"a": 2}).revision == 2
    store.close()


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path):
    path = tmp_path / "portal.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreBusyError, match="not a database"):
        Store(f"sqlite:///{path}", Vault([Fernet.generate_key()]), busy_seconds=0.05)
    assert path.read_bytes().startswith(b"not a database")


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_serve_is_refused_by_the_variable_s_name(url: str):
    with pytest.raises(InputError, match="PORTAL_DATABASE_URL"):
        Store(url, Vault([Fernet.generate_key()]))


def test_an_installation_s_store_is_opened_from_its_settings(tmp_path: Path):
    settings = Settings.from_environment({"PORTAL_DATA_DIR": str(tmp_path / "data")})
    for _start in range(2):
        store = Store.open(settings)
        store.create_integration("acme", {})
        store.close()
    assert {file.name for file in settings.data_dir.iterdir()} == {"portal.db", "secret.key"}


def test_the_migrated_database_has_the_tables_the_code_uses(store: Store, url: str):
    engine = create_engine(url)
    found = inspect(engine)
    assert set(found.get_table_names()) == {*tables.metadata.tables, "migrations"}
    for name, table in tables.metadata.tables.items():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}
        assert set(found.get_pk_constraint(name)["constrained_columns"]) == {each.name for each in table.primary_key}
        assert len(found.get_foreign_keys(name)) == len(table.foreign_keys)
    engine.dispose()


def test_a_later_step_runs_once_and_keeps_what_is_there(store: Store, clock: Any):
    made = store.create_integration("acme", {"a": 1})

    def add_note(connection: Any) -> None:
        connection.execute(text("ALTER TABLE integrations ADD COLUMN note TEXT"))

    assert migrate(store._writer, clock(), (*STEPS, add_note)) == 1
    assert migrate(store._writer, clock(), (*STEPS, add_note)) == 0
    assert store.get("acme", made.id).document == {"a": 1}


def test_a_step_that_fails_leaves_nothing_behind(store: Store, clock: Any):
    def fails(connection: Any) -> None:
        connection.execute(text("ALTER TABLE integrations ADD COLUMN note TEXT"))
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        migrate(store._writer, clock(), (*STEPS, fails))
    assert "note" not in {column["name"] for column in inspect(store._writer).get_columns("integrations")}
    assert migrate(store._writer, clock(), STEPS) == 0


def test_a_database_of_a_later_version_is_refused(store: Store, open_store: Callable[..., Store]):
    with store._writer.begin() as connection:
        connection.execute(text("INSERT INTO migrations VALUES (99, 'from the future', '')"))
    with pytest.raises(InputError, match="later version"):
        open_store()
