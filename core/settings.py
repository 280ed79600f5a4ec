"""What the operator decides outside the app: environment variables read once, at start-up, into one frozen value.

The only module of the core that looks at the environment; everything else is handed a `Settings`.

    PORTAL_DATA_DIR             folder for the database and the key file (default: `data` beside app.py)
    PORTAL_DATABASE_URL         an SQLAlchemy URL, sqlite or postgresql (default: portal.db in the data folder)
    PORTAL_ALLOW_PRIVATE_HOSTS  1 or 0: may requests go to private addresses (default: only while the app itself
                                listens on a loopback address)
    PORTAL_SECRET_KEY           Fernet keys, comma-separated: the first encrypts, all decrypt (default: a key file)
    PORTAL_PUBLIC_URL           where people reach the portal, for the links in its mail (default: links are left out)
    PORTAL_SMTP_URL             smtp://user:password@host:587 (STARTTLS where offered), smtps://host (default: mail is
                                kept in the outbox and not sent)
    PORTAL_MAIL_FROM            the address that mail comes from (default: developer-portal@localhost)
    PORTAL_REVIEWERS            e-mail addresses of reviewers, comma-separated: who logs in with one becomes a reviewer
    PORTAL_SLACK_WEBHOOK        URL of a Slack incoming webhook that is told of submissions (default: none)
    PORTAL_COHORT_FOLDER        folder watched for cohort files: PROJECT_ID/COHORT/2026-11-23.csv (default: none)
    PORTAL_HISTORY_DAYS         for how many days runs of syncs are kept (default: 14)
    PORTAL_SCHEDULER            0 leaves syncs, mail and the watched folder to other servers (default: 1)
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
    public_url: str = ""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "developer-portal@localhost"
    reviewers: tuple[str, ...] = ()
    slack_webhook: str = field(default="", repr=False)
    cohort_folder: Path | None = None
    history_days: int = 14
    scheduler: bool = True

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from `env` (the process's own environment unless another is given).

        An empty variable counts as unset. Raises InputError naming the variable that cannot be used.
        """
        env = os.environ if env is None else env
        data_dir = Path(env.get("PORTAL_DATA_DIR") or APP_FOLDER / "data").expanduser().resolve()
        folder = env.get("PORTAL_COHORT_FOLDER", "")
        return cls(
            data_dir=data_dir,
            database_url=env.get("PORTAL_DATABASE_URL") or f"sqlite:///{(data_dir / 'portal.db').as_posix()}",
            allow_private_hosts=_yes_or_no("PORTAL_ALLOW_PRIVATE_HOSTS", env.get("PORTAL_ALLOW_PRIVATE_HOSTS", "")),
            secret_keys=_listed(env.get("PORTAL_SECRET_KEY", "")),
            public_url=env.get("PORTAL_PUBLIC_URL", "").rstrip("/"),
            smtp_url=env.get("PORTAL_SMTP_URL", ""),
            mail_from=env.get("PORTAL_MAIL_FROM") or "developer-portal@localhost",
            reviewers=tuple(address.lower() for address in _listed(env.get("PORTAL_REVIEWERS", ""))),
            slack_webhook=env.get("PORTAL_SLACK_WEBHOOK", ""),
            cohort_folder=Path(folder).expanduser().resolve() if folder else None,
            history_days=_days("PORTAL_HISTORY_DAYS", env.get("PORTAL_HISTORY_DAYS") or "14"),
            scheduler=_yes_or_no("PORTAL_SCHEDULER", env.get("PORTAL_SCHEDULER", "")) is not False,
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


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _days(name: str, value: str) -> int:
    if value.strip().isdecimal() and 1 <= int(value) <= 3650:
        return int(value)
    raise InputError(f"{value!r} is not a number of days.", where=name, remedy="Set it to 1 or more.")


def _yes_or_no(name: str, value: str) -> bool | None:
    word = value.strip().lower()
    if not word:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    raise InputError(f"{value!r} is neither yes nor no.", where=name, remedy="Set it to 1 or 0, or leave it unset.")
