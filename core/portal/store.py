"""The store: everything that outlives a browser session, behind one object that any thread may use.

Its parts are in modules of their own (integrations.py, logos.py, test_settings.py, runs.py, milestones.py, and the
packages people/, review/, mail/, customers/, cohorts/, syncs/), all over database.py.
"""

from __future__ import annotations

from core.portal.cohorts.cohorts import Cohorts
from core.portal.customers.connections import Connections
from core.portal.database import Clock, utc_now
from core.portal.logos import Logos
from core.portal.mail.outbox import Correspondence, Outbox
from core.portal.mail.postman import check_ways_out
from core.portal.milestones import Milestones
from core.portal.people.directory import Directory
from core.portal.review.comments import Comments
from core.portal.rotation import Rotation
from core.portal.syncs.leases import Leases
from core.portal.syncs.syncs import Syncs
from core.portal.test_settings import TestSettings
from core.portal.trials import Trials
from core.portal.vault import Vault
from core.settings import Settings


class Store(
    Logos, TestSettings, Trials, Milestones, Comments, Directory, Rotation, Connections, Cohorts, Outbox, Syncs, Leases
):
    """`Store(url, vault)` opens any database; `Store.open(settings)` that of this installation.

    Opening brings the tables up to date. Raises InputError for an unusable URL (of the database or
    of the mail server), StoreBusyError for a database that does not answer.
    """

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock = utc_now) -> Store:
        check_ways_out(settings)
        store = cls(settings.database_url, Vault.open(settings), clock=clock)
        store.correspondence = Correspondence.of(settings)
        return store
