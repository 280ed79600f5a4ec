"""What the operator's environment variables do."""

from pathlib import Path

import pytest

from core.errors import InputError
from core.settings import APP_FOLDER, Settings


def test_without_any_variable_everything_is_kept_beside_the_app():
    settings = Settings.from_environment({})
    assert settings.data_dir == APP_FOLDER / "data"
    assert (APP_FOLDER / "core" / "settings.py").is_file()
    assert settings.database_url == f"sqlite:///{APP_FOLDER.as_posix()}/data/portal.db"
    assert settings.secret_keys == ()
    assert settings.allow_private_hosts is None


def test_the_database_follows_the_data_folder(tmp_path: Path):
    settings = Settings.from_environment({"PORTAL_DATA_DIR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path.as_posix()}/portal.db"


def test_the_process_s_own_environment_is_read_when_no_other_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
    assert Settings.from_environment().data_dir == tmp_path


def test_several_keys_are_kept_in_order_and_never_printed():
    settings = Settings.from_environment({"PORTAL_SECRET_KEY": " new-key, old-key ,"})
    assert settings.secret_keys == ("new-key", "old-key")
    assert "new-key" not in repr(settings)


def test_the_database_s_password_is_never_printed():
    settings = Settings.from_environment({"PORTAL_DATABASE_URL": "postgresql://user:hunter2@db/portal"})
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(("said", "meant"), [("1", True), ("true", True), ("0", False), (" No ", False), ("", None)])
def test_yes_and_no_in_their_usual_forms(said: str, meant: bool | None):
    assert Settings.from_environment({"PORTAL_ALLOW_PRIVATE_HOSTS": said}).allow_private_hosts is meant


def test_a_word_that_is_neither_yes_nor_no_is_refused_by_the_variable_s_name():
    with pytest.raises(InputError, match="PORTAL_ALLOW_PRIVATE_HOSTS: 'maybe'"):
        Settings.from_environment({"PORTAL_ALLOW_PRIVATE_HOSTS": "maybe"})


@pytest.mark.parametrize(
    ("said", "listening_on", "allowed"),
    [
        ("", "127.0.0.1", True),
        ("", "localhost", True),
        ("", "::1", True),
        ("", "0.0.0.0", False),
        ("", "", False),
        ("", "portal.example", False),
        ("1", "0.0.0.0", True),
        ("0", "127.0.0.1", False),
    ],
)
def test_private_hosts_are_open_by_default_only_while_the_app_itself_is_private(
    said: str, listening_on: str, allowed: bool
):
    settings = Settings.from_environment({"PORTAL_ALLOW_PRIVATE_HOSTS": said})
    assert settings.private_hosts_allowed(listening_on) is allowed


@pytest.mark.parametrize(("said", "works"), [("", True), ("1", True), ("0", False)])
def test_a_server_works_on_what_is_due_unless_it_is_told_not_to(said: str, works: bool):
    assert Settings.from_environment({"PORTAL_SCHEDULER": said}).scheduler is works
