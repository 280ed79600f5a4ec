"""A new key in front of the old one, all secrets resealed, the old key retired."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from core.portal import Store, Vault
from tests.portal.conftest import on_sqlite

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
OpenWith = Callable[..., Store]


@pytest.fixture
def open_with(url: str) -> Any:
    opened: list[Store] = []

    def open_one(*keys: str) -> Store:
        opened.append(Store(url, Vault(keys)))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


def settings(number: int) -> dict[str, Any]:
    return {"name": "T", "fields": {"token": f"secret-{number}", "plan": "free"}, "deep": [{"token": "x"}]}


def fill(store: Store, count: int = 4) -> list[str]:
    made = [store.create_integration(f"org{number}", {}).id for number in range(count)]
    for number, integration in enumerate(made):
        store.save_test_settings(f"org{number}", integration, settings(number), ["token"])
    return made


def all_there(store: Store, made: list[str]) -> bool:
    found = [store.get_test_settings(f"org{number}", integration) for number, integration in enumerate(made)]
    return found == [settings(number) for number in range(len(made))]


def test_after_a_rotation_the_old_key_is_not_needed(open_with: OpenWith) -> None:
    made = fill(open_with(OLD))
    done = open_with(NEW, OLD).reseal_secrets()
    assert (done.secrets, done.unreadable) == (8, 0)
    assert all_there(open_with(NEW), made)
    assert not all_there(open_with(OLD), made)


def test_a_rotation_that_breaks_off_half_way_loses_nothing_and_is_repeated(
    open_with: OpenWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fill(open_with(OLD))
    both = open_with(NEW, OLD)
    resealed = 0
    reseal = Vault.reseal

    def dies(vault: Vault, token: str) -> str:
        nonlocal resealed
        resealed += 1
        if resealed == 6:
            raise KeyboardInterrupt
        return reseal(vault, token)

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "reseal", dies)
        with pytest.raises(KeyboardInterrupt):
            both.reseal_secrets()
    assert all_there(both, made)
    assert not all_there(open_with(NEW), made)
    assert both.reseal_secrets().secrets == 8
    assert both.reseal_secrets().secrets == 8
    assert all_there(open_with(NEW), made)


def test_what_no_key_opens_is_counted_and_left_as_it_is(open_with: OpenWith) -> None:
    made = fill(open_with(OLD), 1)
    done = open_with(NEW).reseal_secrets()
    assert (done.secrets, done.unreadable) == (0, 2)
    assert all_there(open_with(OLD), made)


@on_sqlite
def test_nothing_under_the_old_key_stays_in_a_file(open_with: OpenWith, tmp_path: Path) -> None:
    store = open_with(OLD)
    fill(store, 1)
    store.close()
    files = [file.read_bytes() for file in tmp_path.iterdir()]
    start = b"gAAAA"  # what every Fernet token begins with
    old = {content[at : at + 60] for content in files for at in _places(content, start)}
    assert old
    both = open_with(NEW, OLD)
    both.reseal_secrets()
    for file in tmp_path.iterdir():
        assert not [token for token in old if token in file.read_bytes()], file.name


def _places(content: bytes, start: bytes) -> list[int]:
    return [at for at in range(len(content)) if content.startswith(start, at)]


def test_the_command_tells_what_it_did(tmp_path: Path) -> None:
    url = f"sqlite:///{(tmp_path / 'portal.db').as_posix()}"
    store = Store(url, Vault([OLD]))
    made = fill(store, 1)
    store.close()

    def rotate(keys: str) -> subprocess.CompletedProcess[str]:
        environment = {"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_SECRET_KEY": keys, "PYTHONPATH": "."}
        command = [sys.executable, "-W", "error", "-m", "core", "rotate-keys"]
        root = Path(__file__).resolve().parents[2]
        return subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    done = rotate(f"{NEW},{OLD}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 secrets are under the first key" in done.stdout
    store = Store(url, Vault([NEW]))
    assert all_there(store, made)
    store.close()
    lost = rotate(OLD)
    assert lost.returncode == 1
    assert "2 secrets cannot be opened" in lost.stderr
    broken = rotate("no key")
    assert broken.returncode == 2
    assert "not a Fernet key" in broken.stderr
    assert "Traceback" not in broken.stderr
