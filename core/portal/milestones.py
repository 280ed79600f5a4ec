"""What is done once in the life of a database, by whichever process comes first."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from core.portal.database import Database
from core.portal.tables import milestones


class Milestones(Database):
    def reach(self, name: str) -> bool:
        """Whether this call is the first ever to reach the milestone `name`: of any number of callers, one is told so.

        The milestone counts as reached from then on, also when the caller fails at what it wanted to do.
        """
        try:
            with self._write() as connection:
                connection.execute(insert(milestones).values(name=name, reached_at=self._clock()))
        except IntegrityError:
            return False
        return True
