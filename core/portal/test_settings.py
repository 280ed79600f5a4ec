"""Test settings in the store: what a partner typed into the Connect form when testing, one set an integration.

The values of secret fields are sealed (vault.py) before they come near the database.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, insert, select

from core.errors import DocumentError
from core.portal.integrations import Integrations, find
from core.portal.tables import test_settings
from core.portal.vault import Vault, VaultError

_SEALED = "$sealed"


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
