"""Leases: what only one of many servers may do at a time, for as long as it says again and again that it does it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.portal.database import Database
from core.portal.tables import leases


class Leases(Database):
    def acquire_lease(self, name: str, owner: str, seconds: float) -> bool:
        """Whether `owner` has the lease from now on for so long: it was free, it had run out, or was its own.

        Servers whose clocks differ by more than `seconds` may both have it.
        """
        now = self._clock()
        values = {"owner": owner, "expires_at": now + timedelta(seconds=seconds)}
        free = or_(leases.c.owner == owner, leases.c.expires_at <= now)
        with self._read() as connection:
            if connection.scalar(select(leases.c.name).where(leases.c.name == name, ~free)):
                return False
        with self._write() as connection:
            if connection.execute(update(leases).where(leases.c.name == name, free).values(values)).rowcount:
                return True
        try:
            with self._write() as connection:
                connection.execute(insert(leases).values(name=name, **values))
        except IntegrityError:
            return False
        return True

    def lease_owner(self, name: str) -> str | None:
        """Who has the lease, or had it last; None when it was given back."""
        with self._read() as connection:
            owner: str | None = connection.scalar(select(leases.c.owner).where(leases.c.name == name))
        return owner

    def release_lease(self, name: str, owner: str) -> None:
        """Gives the lease back, so that another need not wait until it runs out; nothing if it is another's."""
        with self._write() as connection:
            connection.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))
