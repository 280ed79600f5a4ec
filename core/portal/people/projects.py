"""What an organisation's people may change of its projects, checked and said in their words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import InputError
from core.portal.people.directory import API_URL
from core.portal.people.entities import Person, Project

if TYPE_CHECKING:
    from core.portal.store import Store

_ID = re.compile(r"[0-9]{1,12}")
_KEY = re.compile(r"[A-Za-z0-9_-]{8,128}")
_NAME_LENGTH = 100


def new_project(
    store: Store, person: Person, project_id: str, name: str, api_key: str, secret: str = "", api_url: str = API_URL
) -> Project:
    """Adds a project to the person's organisation. Raises ForbiddenError, InputError."""
    organisation = store.demand(person, "connect")
    project_id, secret = project_id.strip(), secret.strip()
    if _ID.fullmatch(project_id) is None:
        raise InputError("This is not a project id.", where="Project ID", remedy="It is a number, such as 378831.")
    known = (_checked_name(name), _checked_key(api_key))
    return store.add_project(project_id, organisation.id, *known, secret=secret, api_url=_checked_url(api_url))


def change_project(
    store: Store, person: Person, project_id: str, name: str, api_key: str, api_url: str, secret: str | None
) -> Project:
    """Changes a project of the person's organisation. `secret` None leaves it as it is, "" forgets it.

    A secret goes only where it was entered for: with another API URL or API key and no new secret, it is forgotten.
    Raises ForbiddenError, NotFoundError, InputError.
    """
    organisation = store.demand(person, "connect")
    before = store.get_project(organisation.id, project_id)
    changes = {"name": _checked_name(name), "api_key": _checked_key(api_key), "api_url": _checked_url(api_url)}
    elsewhere = (before.api_key, before.api_url) != (changes["api_key"], changes["api_url"])
    if secret is not None or elsewhere:
        changes["secret"] = (secret or "").strip()
    return store.update_project(organisation.id, project_id, changes)


def _checked_name(name: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not line or len(line) > _NAME_LENGTH:
        raise InputError(f"A name has 1 to {_NAME_LENGTH} characters.", where="Project name")
    return line


def _checked_key(api_key: str) -> str:
    if _KEY.fullmatch(api_key.strip()) is None:
        remedy = "Copy it from the project's settings: letters and digits, no spaces."
        raise InputError("This is not an API key.", where="API key", remedy=remedy)
    return api_key.strip()


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username or parts.query or parts.fragment or not url.strip().isprintable():
        remedy = "Examples: https://amplitude.com, https://analytics.eu.amplitude.com"
        raise InputError("This is not the URL of the platform's API.", where="API URL", remedy=remedy)
    return url.strip().rstrip("/")
