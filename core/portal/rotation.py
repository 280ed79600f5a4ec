"""A new key for the vault: every secret of the store put under it, wherever the secret stands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, and_, select, update

from core.portal.database import Database
from core.portal.sealing import Resealed, reseal
from core.portal.tables import connections, projects, releases, test_settings
from core.portal.vault import VaultError

_DOCUMENTS: tuple[Column[Any], ...] = (test_settings.c.settings, connections.c.settings, releases.c.test_account)
"""JSON with sealed values in it (sealing.py)."""
_TOKENS: tuple[Column[Any], ...] = (projects.c.secret,)
"""Tokens of the vault as they are."""


class Rotation(Database):
    def reseal_secrets(self) -> Resealed:
        """Put every secret of all organisations under the first key, so that the others can be retired.

        One short transaction for each row: what others save meanwhile is not held up, and a run that was interrupted
        is repeated as a whole. At the end nothing under an older key is left in SQLite's log either.
        """
        total = Resealed(0, 0)
        kinds = [(column, False) for column in _DOCUMENTS] + [(column, True) for column in _TOKENS]
        for column, whole in kinds:
            table: Table = column.table
            keys = list(table.primary_key.columns)
            with self._read() as connection:
                rows = connection.execute(select(*keys).where(column.is_not(None))).all()
            for row in rows:
                this = and_(*(key == value for key, value in zip(keys, row, strict=True)))
                with self._write() as connection:
                    saved = connection.scalar(select(column).where(this).with_for_update())
                    if saved is None:
                        continue
                    done, counts = self._resealed(saved, whole=whole)
                    if counts.secrets:
                        connection.execute(update(table).where(this).values({column.name: done}))
                total += counts
        self._forget_old_pages()
        return total

    def _resealed(self, saved: Any, *, whole: bool) -> tuple[Any, Resealed]:
        if not whole:
            return reseal(saved, self._vault)
        try:
            return self._vault.reseal(saved), Resealed(1, 0)
        except VaultError:
            return saved, Resealed(0, 1)
