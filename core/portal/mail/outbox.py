"""The outbox: every letter that the portal wrote, kept with what became of it.

A letter is *waiting* until it is *sent*, or has *failed* for good; without a mail server it is *kept*, to be read in
the portal. Several processes may send from one outbox: `claim_mail` gives a letter to one of them for a while, after
which it is free again, so that nothing is lost with a process that dies. (What dies between the server's "accepted" and
`mark_sent` is sent twice, with the same Message-ID.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from core.portal.database import Database, new_id
from core.portal.mail.letters import Channel, Letter
from core.portal.people import Person
from core.portal.people.rights import RIGHTS
from core.portal.tables import connections, mails
from core.settings import Settings

MailState = Literal["waiting", "sent", "failed", "kept"]
CLAIM = timedelta(minutes=5)
"""Longer than any attempt to send one letter takes."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter in the outbox. `due_at` is when it is tried next, while it waits; `fault` why it was not sent the last
    time, "" if nothing was wrong; `attempts` counts the tries.
    """

    id: str
    channel: Channel
    recipient: str
    org_id: str
    kind: str
    subject: str
    body: str
    state: MailState
    attempts: int
    fault: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What the store needs to know to write letters: the address for links, and which ways out there are."""

    public_url: str = ""
    email: bool = False
    slack: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Correspondence:
        return cls(settings.public_url, bool(settings.smtp_url), bool(settings.slack_webhook))


class Outbox(Database):
    correspondence = Correspondence()

    def post(self, letters: Iterable[Letter], *, within: Connection | None = None) -> None:
        """Put letters into the outbox, in the transaction `within` if one is given."""
        now = self._clock()
        fresh = {"attempts": 0, "fault": "", "created_at": now, "due_at": now}
        rows = [
            {
                "id": new_id(),
                "channel": letter.channel,
                "recipient": letter.recipient,
                "org_id": letter.org_id,
                "kind": letter.kind,
                "subject": letter.subject,
                "body": letter.body,
                "state": "waiting" if letter.channel == "slack" or self.correspondence.email else "kept",
                **fresh,
            }
            for letter in letters
        ]
        if not rows:
            return
        if within is not None:
            within.execute(insert(mails), rows)
            return
        with self._write() as connection:
            connection.execute(insert(mails), rows)

    def list_mails(self, person: Person, *, limit: int = 50, skip: int = 0) -> list[Mail]:
        """The newest letters first: all of them for who may read the outbox, else those to the person."""
        wanted = _theirs(select(mails), person).order_by(mails.c.created_at.desc(), mails.c.id)
        with self._read() as connection:
            return [_mail(row) for row in connection.execute(wanted.limit(limit).offset(skip))]

    def count_mails(self, person: Person) -> int:
        """How many letters `list_mails` can show."""
        with self._read() as connection:
            return connection.scalar(_theirs(select(func.count()).select_from(mails), person)) or 0

    def claim_mail(self, now: datetime) -> Mail | None:
        """The letter that has been due longest, for this process alone until `CLAIM` has passed; None when none is."""
        due = select(mails).where(mails.c.state == "waiting", mails.c.due_at <= now)
        with self._read() as connection:
            if connection.execute(due.limit(1)).first() is None:
                return None  # nothing to do is the rule, and takes no lock
        with self._write() as connection:
            first = due.order_by(mails.c.due_at, mails.c.id).limit(1).with_for_update(skip_locked=True)
            row = connection.execute(first).one_or_none()
            if row is None:
                return None
            claimed = {"due_at": now + CLAIM, "attempts": row.attempts + 1}
            connection.execute(update(mails).where(mails.c.id == row.id).values(**claimed))
            return _mail(connection.execute(select(mails).where(mails.c.id == row.id)).one())

    def mark_sent(self, mail_id: str, now: datetime) -> None:
        self._mark(mail_id, {"state": "sent", "sent_at": now, "fault": ""})

    def mark_unsent(self, mail_id: str, fault: str, again_at: datetime | None) -> None:
        """It did not go out, for this reason; it is tried `again_at`, or never when that is None."""
        self._mark(mail_id, {"state": "failed", "fault": fault} if again_at is None else _later(again_at, fault))

    def mark_kept(self, mail_id: str) -> None:
        """There is no way out for it any more: it stays, to be read in the portal."""
        self._mark(mail_id, {"state": "kept"})

    def hold_back(self, channel: Channel, until: datetime) -> None:
        """Let all that waits for this channel wait until then: it does not answer."""
        waiting = (mails.c.state == "waiting", mails.c.channel == channel, mails.c.due_at < until)
        with self._write() as connection:
            connection.execute(update(mails).where(*waiting).values(due_at=until))

    def organisations_connected(self, integration_id: str) -> list[str]:
        """The ids of the organisations that have a connection to an integration."""
        wanted = select(connections.c.org_id).where(connections.c.integration_id == integration_id).distinct()
        with self._read() as connection:
            return list(connection.scalars(wanted.order_by(connections.c.org_id)))

    def _mark(self, mail_id: str, values: dict[str, Any]) -> None:
        with self._write() as connection:
            connection.execute(update(mails).where(mails.c.id == mail_id, mails.c.state == "waiting").values(**values))


def _theirs(wanted: Any, person: Person) -> Any:
    if "read_outbox" in RIGHTS[person.role]:
        return wanted
    return wanted.where(mails.c.channel == "email", mails.c.recipient == person.email)


def _later(moment: datetime, fault: str) -> dict[str, Any]:
    return {"due_at": moment, "fault": fault}


def _mail(row: Row[Any]) -> Mail:
    return Mail(**row._mapping)
