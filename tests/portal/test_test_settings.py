"""Test settings in the store: they come back as typed, and no secret is ever in a file of the database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from core.errors import DocumentError
from core.portal import Store, Vault
from tests.portal.conftest import on_sqlite

SECRET = "hunter2-correct-horse"


def settings(**fields: Any) -> dict[str, Any]:
    return {"name": "My test", "fields": fields, "mappings": {"user": "user_id"}, "list_id": None}


@pytest.fixture
def integration(store: Store) -> str:
    return store.create_integration("acme", {"display_name": "Acme"}).id


def test_settings_come_back_as_they_were_typed(store: Store, integration: str):
    assert store.get_test_settings("acme", integration) is None
    typed = settings(bearer_token=SECRET, platform="ios", account=7, empty="", none=None)
    store.save_test_settings("acme", integration, typed, ["bearer_token", "account", "empty", "none"])
    assert store.get_test_settings("acme", integration) == typed
    store.save_test_settings("acme", integration, settings(), [])
    assert store.get_test_settings("acme", integration) == settings()


def test_secrets_survive_a_restart(store: Store, integration: str, open_store: Callable[..., Store]):
    store.save_test_settings("acme", integration, settings(token=SECRET), {"token"})
    store.close()
    assert open_store().get_test_settings("acme", integration) == settings(token=SECRET)


@on_sqlite
def test_no_file_of_the_database_ever_holds_a_secret(store: Store, integration: str, tmp_path: Path):
    def found_in_files(text: str) -> bool:
        return any(text.encode() in file.read_bytes() for file in tmp_path.iterdir())

    store.save_test_settings("acme", integration, settings(token=SECRET, platform="canary-platform"), ["token"])
    nested = {**settings(), "deep": [{"token": SECRET}]}
    assert not found_in_files(SECRET)
    store.save_test_settings("acme", integration, nested, ["token"])
    assert not found_in_files(SECRET)
    if any(tmp_path.iterdir()):
        assert found_in_files("canary-platform")  # in the write-ahead log: the search does see the file's texts
    store.close()
    assert not found_in_files(SECRET)


def test_the_files_of_the_database_are_for_their_owner_only(store: Store, integration: str, tmp_path: Path):
    assert all(file.stat().st_mode & 0o077 == 0 for file in tmp_path.iterdir())


def test_a_secret_under_a_lost_key_is_asked_for_again_and_the_rest_is_there(
    store: Store, integration: str, url: str, clock: Any
):
    store.save_test_settings("acme", integration, settings(token=SECRET, platform="ios"), ["token"])
    other = Store(url, Vault([Fernet.generate_key()]), clock=clock)
    assert other.get_test_settings("acme", integration) == settings(platform="ios")
    other.close()


def test_what_json_cannot_hold_is_refused(store: Store, integration: str):
    for secret_fields in ([], ["a"]):
        with pytest.raises(DocumentError, match="JSON"):
            store.save_test_settings("acme", integration, settings(a=object()), secret_fields)
