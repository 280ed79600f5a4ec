"""What the operator decides outside the app: environment variables read once, at start-up, into one frozen value.

The only module of the core that looks at the environment; everything else is handed a `Settings`.

    PORTAL_DATA_DIR             folder for the database and the key file (default: `data` beside app.py)
    PORTAL_DATABASE_URL         an SQLAlchemy URL, sqlite or postgresql (default: portal.db in the data folder)
    PORTAL_ALLOW_PRIVATE_HOSTS  1 or 0: may requests go to private addresses (default: only while the app itself
                                listens on a loopback address)
    PORTAL_SECRET_KEY           Fernet keys, comma-separated: the first encrypts, all decrypt (default: a key file)
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import InputError

APP_FOLDER = Path(__file__).resolve().parent.parent
_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The operator's choices. `allow_private_hosts` is None when nothing was said."""

    data_dir: Path
    database_url: str = field(repr=False)
    allow_private_hosts: bool | None = None
    secret_keys: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from `env` (the process's own environment unless another is given).

        An empty variable counts as unset. Raises InputError naming the variable that cannot be used.
        """
        env = os.environ if env is None else env
        data_dir = Path(env.get("PORTAL_DATA_DIR") or APP_FOLDER / "data").expanduser().resolve()
        keys = env.get("PORTAL_SECRET_KEY", "").split(",")
        return cls(
            data_dir=data_dir,
            database_url=env.get("PORTAL_DATABASE_URL") or f"sqlite:///{(data_dir / 'portal.db').as_posix()}",
            allow_private_hosts=_yes_or_no("PORTAL_ALLOW_PRIVATE_HOSTS", env.get("PORTAL_ALLOW_PRIVATE_HOSTS", "")),
            secret_keys=tuple(key.strip() for key in keys if key.strip()),
        )

    def private_hosts_allowed(self, listening_on: str) -> bool:
        """Whether requests may go to private addresses while the app listens on the address `listening_on`."""
        if self.allow_private_hosts is not None:
            return self.allow_private_hosts
        if listening_on == "localhost":
            return True
        try:
            return ipaddress.ip_address(listening_on.strip("[]")).is_loopback
        except ValueError:
            return False


def _yes_or_no(name: str, value: str) -> bool | None:
    word = value.strip().lower()
    if not word:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    raise InputError(f"{value!r} is neither yes nor no.", where=name, remedy="Set it to 1 or 0, or leave it unset.")
