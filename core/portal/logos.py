"""Logos in the store: one PNG an integration, as core/integration/logo.py re-encoded it."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete, insert, select, update

from core.portal.integrations import Integrations, find, note_edit
from core.portal.people.entities import Person
from core.portal.tables import integrations, logos


class Logos(Integrations):
    def set_logo(self, org: str, integration_id: str, png: bytes | None, *, by: Person | None = None) -> str | None:
        """Replace the logo, or remove it with None; its digest (SHA-256, hex), which `Stored.logo` shows from now on.

        `png` must come from `read_logo`. As `save` does, a change makes an approved integration a draft again. Raises
        NotFoundError.
        """
        digest = None if png is None else hashlib.sha256(png).hexdigest()
        with self._write() as connection:
            row = find(connection, org, integration_id, lock=True)
            if row.logo_digest == digest:
                return digest
            connection.execute(delete(logos).where(logos.c.integration_id == integration_id))
            if png is not None:
                connection.execute(insert(logos).values(integration_id=integration_id, png=png))
            now = self._clock()
            changed = {"logo_digest": digest, "updated_at": now}
            connection.execute(update(integrations).where(integrations.c.id == integration_id).values(changed))
            note_edit(connection, row, by, now)
        return digest

    def get_logo(self, org: str, integration_id: str) -> bytes | None:
        """The PNG, or None when the integration has no logo. Raises NotFoundError."""
        with self._read() as connection:
            find(connection, org, integration_id)
            png: bytes | None = connection.scalar(select(logos.c.png).where(logos.c.integration_id == integration_id))
        return png
