"""Secret values at rest: text in, a Fernet token out, and back.

The keys come from the settings (PORTAL_SECRET_KEY) or from a key file in the data folder that only its owner may
read, written at first use. The first key encrypts, every key decrypts, so that a new key is put in front of the old.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.errors import InputError
from core.settings import Settings

KEY_FILE = "secret.key"


class VaultError(InputError):
    """A key that is no key, or a saved secret that none of the keys opens."""


class Vault:
    """Seals and opens texts. Holds no state but its keys; safe to use from many threads."""

    def __init__(self, keys: Sequence[str | bytes]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise VaultError(
                "An encryption key is not a Fernet key.",
                where="PORTAL_SECRET_KEY or the key file",
                remedy="A key is 32 random bytes in URL-safe base64: "
                'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())".',
            ) from error

    def __repr__(self) -> str:
        return "Vault(***)"

    @classmethod
    def open(cls, settings: Settings) -> Vault:
        """The vault of an installation. A key file is made only when the settings hold no key; one that exists stays
        in use for decryption when a key is set later, so that nothing saved before is lost.
        """
        path = settings.data_dir / KEY_FILE
        keys: list[str | bytes] = list(settings.secret_keys)
        if path.exists() or not keys:
            keys += _read_or_create(path)
        return cls(keys)

    def seal(self, text: str) -> str:
        """Encrypt; the same text gives another token each time."""
        return self._fernet.encrypt(text.encode("utf-8", "surrogatepass")).decode("ascii")

    def unseal(self, token: str) -> str:
        """Decrypt. Raises VaultError when no key fits or the token was altered."""
        try:
            return self._fernet.decrypt(token).decode("utf-8", "surrogatepass")
        except (InvalidToken, ValueError) as error:
            raise _cannot_open() from error

    def reseal(self, token: str) -> str:
        """The same secret under the first key: the step of a key rotation. Raises VaultError as `unseal` does."""
        try:
            return self._fernet.rotate(token).decode("ascii")
        except (InvalidToken, ValueError) as error:
            raise _cannot_open() from error


def _cannot_open() -> VaultError:
    return VaultError("A saved secret cannot be decrypted with the present key.", remedy="Enter it again.")


def _read_or_create(path: Path) -> list[bytes]:
    """The keys in a key file, one a line. Of several processes that start at once, all get the key of the first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)  # never replaces: whoever comes second reads what the first wrote
        finally:
            draft.unlink()
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return path.read_bytes().split()
