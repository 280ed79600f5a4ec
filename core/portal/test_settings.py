"""Test settings in the store: what a partner typed into the Connect form when testing, one set an integration.

The values of secret fields are sealed (vault.py) before they come near the database.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from core.errors import DocumentError
from core.portal.integrations import Integrations, find
from core.portal.tables import test_settings
from core.portal.vault import Vault, VaultError

_SEALED = "$sealed"


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many secrets now stand under the first key, and how many none of the keys opens (left as they were)."""

    secrets: int
    unreadable: int


class TestSettings(Integrations):
    def save_test_settings(
        self, org: str, integration_id: str, settings: dict[str, Any], secret_fields: Collection[str]
    ) -> None:
        """Replace the test settings. A value under a key in `secret_fields` is sealed, wherever it stands.

        Raises NotFoundError, DocumentError when `settings` is not JSON.
        """
        try:
            sealed = _seal(settings, frozenset(secret_fields), self._vault)
            json.dumps(sealed, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise DocumentError("The test settings cannot be saved as JSON.") from error
        with self._write() as connection:
            find(connection, org, integration_id)
            connection.execute(delete(test_settings).where(test_settings.c.integration_id == integration_id))
            row = {"integration_id": integration_id, "settings": sealed, "saved_at": self._clock()}
            connection.execute(insert(test_settings).values(row))

    def get_test_settings(self, org: str, integration_id: str) -> dict[str, Any] | None:
        """The test settings in plain text, or None when none were saved. Raises NotFoundError.

        A secret that the present key does not open is left out, so that the form asks for it again.
        """
        with self._read() as connection:
            find(connection, org, integration_id)
            saved = connection.scalar(
                select(test_settings.c.settings).where(test_settings.c.integration_id == integration_id)
            )
        return None if saved is None else dict(_unseal(saved, self._vault))

    def reseal_secrets(self) -> Resealed:
        """Put every secret of all organisations under the first key, so that the others can be retired.

        One short transaction for each integration: what others save meanwhile is not held up, and a run that was
        interrupted is repeated as a whole. At the end nothing under an older key is left in SQLite's log either.
        """
        with self._read() as connection:
            owners = connection.scalars(select(test_settings.c.integration_id)).all()
        total = Resealed(0, 0)
        for owner in owners:
            theirs = test_settings.c.integration_id == owner
            with self._write() as connection:
                saved = connection.scalar(select(test_settings.c.settings).where(theirs).with_for_update())
                if saved is None:
                    continue
                settings, counts = _reseal(saved, self._vault)
                connection.execute(update(test_settings).where(theirs).values(settings=settings))
            total = Resealed(total.secrets + counts.secrets, total.unreadable + counts.unreadable)
        self._forget_old_pages()
        return total


def _reseal(value: Any, vault: Vault) -> tuple[Any, Resealed]:
    """The value with its sealed parts under the vault's first key."""
    if isinstance(value, dict) and value.keys() == {_SEALED}:
        try:
            return {_SEALED: vault.reseal(value[_SEALED])}, Resealed(1, 0)
        except VaultError:
            return value, Resealed(0, 1)
    if not isinstance(value, dict | list):
        return value, Resealed(0, 0)
    keys = list(value) if isinstance(value, dict) else range(len(value))
    done = [_reseal(value[key], vault) for key in keys]
    parts = [part for part, _ in done]
    counts = Resealed(sum(one.secrets for _, one in done), sum(one.unreadable for _, one in done))
    return (dict(zip(keys, parts, strict=True)) if isinstance(value, dict) else parts), counts


def _seal(value: Any, secret_fields: frozenset[str], vault: Vault) -> Any:
    if isinstance(value, dict):
        return {
            key: {_SEALED: vault.seal(json.dumps(part, allow_nan=False))}
            if key in secret_fields
            else _seal(part, secret_fields, vault)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_seal(part, secret_fields, vault) for part in value]
    return value


def _unseal(value: Any, vault: Vault) -> Any:
    if isinstance(value, list):
        return [_unseal(part, vault) for part in value]
    if not isinstance(value, dict):
        return value
    opened = {}
    for key, part in value.items():
        if not (isinstance(part, dict) and part.keys() == {_SEALED}):
            opened[key] = _unseal(part, vault)
            continue
        try:
            opened[key] = json.loads(vault.unseal(part[_SEALED]))
        except VaultError:
            continue
    return opened
