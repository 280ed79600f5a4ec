"""Test settings in the store: what a partner typed into the Connect form when testing, one set an integration.

The values of secret fields are sealed (sealing.py) before they come near the database.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, insert, select

from core.errors import DocumentError
from core.portal.integrations import Integrations, find
from core.portal.sealing import seal, unseal
from core.portal.tables import test_settings


class TestSettings(Integrations):
    def save_test_settings(
        self, org: str, integration_id: str, settings: dict[str, Any], secret_fields: Collection[str]
    ) -> None:
        """Replace the test settings. A value under a key in `secret_fields` is sealed, wherever it stands.

        Raises NotFoundError, DocumentError when `settings` is not JSON.
        """
        try:
            sealed = seal(settings, frozenset(secret_fields), self._vault)
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
        return None if saved is None else dict(unseal(saved, self._vault))
