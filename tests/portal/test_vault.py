"""Secrets at rest: sealed with the right key, opened with any of the keys, and a key file nobody else reads."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from core.portal.vault import KEY_FILE, Vault, VaultError
from core.settings import Settings

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def settings_in(folder: Path, *keys: str) -> Settings:
    return Settings.from_environment({"PORTAL_DATA_DIR": str(folder), "PORTAL_SECRET_KEY": ",".join(keys)})


@given(st.text(st.characters()))
def test_every_text_comes_back(text: str):
    vault = Vault([NEW])
    assert vault.unseal(vault.seal(text)) == text


def test_a_lone_surrogate_comes_back():
    vault = Vault([NEW])
    assert vault.unseal(vault.seal("a\ud800b")) == "a\ud800b"


def test_the_same_secret_looks_different_each_time_and_never_like_itself():
    vault = Vault([NEW])
    assert vault.seal("hunter2") != vault.seal("hunter2")
    assert "hunter2" not in vault.seal("hunter2")


def test_after_a_rotation_old_secrets_open_and_new_ones_need_the_new_key():
    token = Vault([OLD]).seal("s")
    rotated = Vault([NEW, OLD])
    assert rotated.unseal(token) == "s"
    with pytest.raises(VaultError):
        Vault([OLD]).unseal(rotated.seal("s"))
    assert Vault([NEW]).unseal(rotated.reseal(token)) == "s"


def test_a_token_that_was_altered_or_is_none_does_not_open():
    vault = Vault([NEW])
    token = vault.seal("secret")
    for broken in (token[:-4] + "AAA=", "", "no token", "ü"):
        with pytest.raises(VaultError, match="cannot be decrypted"):
            vault.unseal(broken)
        with pytest.raises(VaultError, match="cannot be decrypted"):
            vault.reseal(broken)


@pytest.mark.parametrize("key", ["short", "ü" * 44, "!" * 44])
def test_a_key_that_is_no_key_is_refused_without_being_shown(key: str):
    with pytest.raises(VaultError) as caught:
        Vault([key])
    assert key not in str(caught.value)


def test_a_vault_does_not_print_its_keys():
    assert OLD not in repr(Vault([OLD]))


def test_the_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path):
    settings = settings_in(tmp_path / "new" / "data")
    token = Vault.open(settings).seal("s")
    path = settings.data_dir / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    assert Vault.open(settings).unseal(token) == "s"
    assert [file.name for file in settings.data_dir.iterdir()] == [KEY_FILE]


def test_a_key_file_that_others_may_read_is_closed_to_them(tmp_path: Path):
    path = tmp_path / KEY_FILE
    path.write_text(OLD + "\n")
    path.chmod(0o644)
    token = Vault.open(settings_in(tmp_path)).seal("s")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault([OLD]).unseal(token) == "s"


def test_with_a_key_in_the_environment_no_file_is_made(tmp_path: Path):
    assert Vault([NEW]).unseal(Vault.open(settings_in(tmp_path, NEW)).seal("s")) == "s"
    assert list(tmp_path.iterdir()) == []


def test_what_was_saved_under_the_key_file_opens_after_a_key_is_set(tmp_path: Path):
    token = Vault.open(settings_in(tmp_path)).seal("s")
    later = Vault.open(settings_in(tmp_path, NEW))
    assert later.unseal(token) == "s"
    assert Vault([NEW]).unseal(later.seal("t")) == "t"


def test_many_that_start_at_once_get_one_key(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(lambda _: Vault.open(settings_in(tmp_path)), range(8)))
    token = vaults[0].seal("s")
    assert [vault.unseal(token) for vault in vaults] == ["s"] * 8
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]
