"""The store: everything that outlives a browser session, behind one object that any thread may use.

Its parts are in modules of their own: integrations.py, logos.py, test_settings.py, runs.py and
milestones.py, over database.py.
"""

from __future__ import annotations

from core.portal.database import Clock, utc_now
from core.portal.logos import Logos
from core.portal.milestones import Milestones
from core.portal.runs import Runs
from core.portal.test_settings import TestSettings
from core.portal.vault import Vault
from core.settings import Settings


class Store(Logos, TestSettings, Runs, Milestones):
    """`Store(url, vault)` opens any database; `Store.open(settings)` that of this installation.

    Opening brings the tables up to date. Raises InputError for an unusable URL, StoreBusyError for a database that
    does not answer.
    """

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock = utc_now) -> Store:
        return cls(settings.database_url, Vault.open(settings), clock=clock)
