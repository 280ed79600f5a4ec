"""One step in the life of an integration while its transaction is open: what it writes besides the state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from core.errors import ConflictError, NotFoundError
from core.portal.merge import same
from core.portal.people.entities import Person
from core.portal.review.states import Action, State
from core.portal.sealing import seal, unseal
from core.portal.tables import integrations, logos, releases
from core.portal.transitions import record
from core.portal.vault import Vault


class Move:
    """`row` is the integration as it stood when the transaction had it to itself, `number` the release the step is
    about. `connection` is the open write transaction, for mail that is to be written with the step.
    """

    def __init__(
        self,
        connection: Connection,
        vault: Vault,
        row: Row[Any],
        person: Person,
        action: Action,
        reason: str,
        now: datetime,
    ) -> None:
        self.connection = connection
        self.row = row
        self.person = person
        self.reason = reason
        self.now = now
        self.number: int | None = None
        self._vault = vault
        self._action = action
        self._changes: dict[str, Any] = {}

    def set(self, **columns: Any) -> None:
        """Columns of the integration to be written with the new state."""
        self._changes.update(columns)

    def add_release(
        self, kind: str, state: str, *, evidence: Mapping[str, Any], test_account: Mapping[str, Any]
    ) -> int:
        """Freezes the draft as it stands, with its logo; the new release's number. The test account is sealed whole;
        one that does not say how reviewers see the result says what the submission before it said.
        """
        mine = releases.c.integration_id == self.row.id
        last = self.connection.scalar(select(func.max(releases.c.number)).where(mine)) or 0
        png = self.connection.scalar(select(logos.c.png).where(logos.c.integration_id == self.row.id))
        account = dict(test_account)
        if account and not str(account.get("access") or "").strip():
            account["access"] = last_access(self.connection, self._vault, self.row.id)
        sealed = seal({"account": account}, frozenset({"account"}), self._vault)["account"]
        self.connection.execute(
            insert(releases).values(
                integration_id=self.row.id,
                number=last + 1,
                kind=kind,
                revision=self.row.revision,
                document=self.row.document,
                logo=png,
                state=state,
                evidence=json.loads(json.dumps(dict(evidence), allow_nan=False)),
                test_account=sealed if test_account else {},
                submitted_by=self.person.name,
                submitted_at=self.now,
                decided_by="",
                decided_at=None,
                reason="",
            )
        )
        self.number = last + 1
        return self.number

    def pending(self, number: int | None = None, *, states: tuple[str, ...] = ("open",)) -> int:
        """The number of the submission that the step is about: the newest, if it is in one of `states`.

        Raises ConflictError when it is not `number`, that which the person looked at.
        """
        wanted = select(releases.c.number, releases.c.state).where(
            releases.c.integration_id == self.row.id, releases.c.kind == "review"
        )
        newest = self.connection.execute(wanted.order_by(releases.c.number.desc()).limit(1)).one_or_none()
        if newest is None or newest.state not in states or number not in (None, newest.number):
            raise ConflictError(
                "Another release has been submitted since." if newest and number != newest.number else "It is decided.",
                remedy="Look at the newest one, then choose.",
            )
        self.number = int(newest.number)
        return self.number

    def approved(self, number: int) -> None:
        """Makes an approved release the one that the step is about. Raises NotFoundError when it is not approved."""
        wanted = self._release(number, releases.c.state == "approved", releases.c.kind == "review")
        if self.connection.scalar(select(releases.c.number).where(wanted)) is None:
            raise NotFoundError(f"There is no approved release {number}.")
        self.number = number

    def decide(self, state: str) -> None:
        """Closes the release that the step is about, with the step's reason and person."""
        self._close(self._release(self.number), state)

    def end_internal(self) -> None:
        """The own organisation has no internal release any more, if it had one."""
        if self.row.internal_release is not None:
            self._close(self._release(self.row.internal_release), "ended")
            self.set(internal_release=None)

    def document_of(self, number: int | None) -> dict[str, Any] | None:
        """The document of a release."""
        found: dict[str, Any] | None = None
        if number is not None:
            found = self.connection.scalar(select(releases.c.document).where(self._release(number)))
        return found

    def finish(self, after: State) -> None:
        """Writes the state and records the step; an approved integration whose draft has moved on is a draft again."""
        self._record(self._action, self.row.state, after, by=self.person, release=self.number, reason=self.reason)
        if after == "approved" and self._moved_on():
            self._record("edit", after, "draft", by=None, release=None, reason="")
            after = "draft"
        changes = {**self._changes, "state": after, "updated_at": self.now}
        self.connection.execute(update(integrations).where(integrations.c.id == self.row.id).values(changes))

    def _moved_on(self) -> bool:
        """Whether the draft is another than what customers have from now on."""
        deployed = self._changes.get("deployed_release", self.row.deployed_release)
        wanted = select(releases.c.document, releases.c.logo).where(self._release(deployed))
        release = self.connection.execute(wanted).one_or_none()
        if release is None:
            return True
        digest = None if release.logo is None else hashlib.sha256(release.logo).hexdigest()
        return digest != self.row.logo_digest or not same(release.document, self.row.document)

    def _record(
        self, action: str, before: str, after: str, *, by: Person | None, release: int | None, reason: str
    ) -> None:
        record(
            self.connection,
            self.row.id,
            action,
            before,
            after,
            at=self.now,
            by=by,
            release=release,
            reason=reason,
        )

    def _close(self, which: Any, state: str) -> None:
        values = {"state": state, "decided_by": self.person.name, "decided_at": self.now, "reason": self.reason}
        self.connection.execute(update(releases).where(which).values(values))

    def _release(self, number: int | None, *more: Any) -> Any:
        return and_(releases.c.integration_id == self.row.id, releases.c.number == number, *more)


def last_access(connection: Connection, vault: Vault, integration_id: str) -> str:
    """What the newest submission said of how reviewers see the result; "" when it said nothing, or cannot be opened."""
    submissions = select(releases.c.test_account).where(
        releases.c.integration_id == integration_id, releases.c.kind == "review"
    )
    sealed = connection.scalar(submissions.order_by(releases.c.number.desc()).limit(1))
    account = unseal({"account": sealed}, vault).get("account") or {}
    return str(account.get("access") or "")
