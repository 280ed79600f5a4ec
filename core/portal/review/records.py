"""The releases of an integration in the store, as its partners and the reviewers see them.

A reviewer reaches what was submitted: its releases, its decisions, the talk about it; never the draft or an internal
release. Whatever else there is counts as not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Connection, Row, Select, and_, exists, func, select

from core.errors import NotFoundError
from core.portal.database import is_id
from core.portal.integrations import Integrations, find
from core.portal.people.directory import Directory
from core.portal.people.entities import Person
from core.portal.people.rights import Right
from core.portal.review.entities import Decision, QueueEntry, Release, Standing
from core.portal.review.move import Move, last_access
from core.portal.review.releases import ReleasedParts
from core.portal.review.states import Action, State, checked_reason, next_state, right_for
from core.portal.runs import Run, run_of
from core.portal.sealing import unseal
from core.portal.tables import integrations, organisations, releases, runs, transitions
from core.portal.transitions import Transition, history

_HIDDEN_FROM_REVIEWERS = frozenset({"release_internally", "end_internal_release", "edit"})


class Releases(Integrations, Directory, ReleasedParts):
    """Every call raises ForbiddenError for a customer, NotFoundError for what the person does not reach."""

    def get_release(self, person: Person, integration_id: str, number: int) -> Release:
        with self._reaching(person, integration_id) as connection:
            return _release(_one(connection, person, integration_id, number))

    def list_releases(self, person: Person, integration_id: str) -> list[Release]:
        """All of them, the newest first; for a reviewer, all submissions."""
        with self._reaching(person, integration_id) as connection:
            rows = connection.execute(_visible(person, integration_id).order_by(releases.c.number.desc())).all()
        return [_release(row) for row in rows]

    def release_logo(self, person: Person, integration_id: str, number: int) -> bytes | None:
        """The logo that the release has, as PNG."""
        with self._reaching(person, integration_id) as connection:
            _one(connection, person, integration_id, number)
            this = and_(releases.c.integration_id == integration_id, releases.c.number == number)
            png: bytes | None = connection.scalar(select(releases.c.logo).where(this))
        return png

    def test_account(self, person: Person, integration_id: str, number: int) -> dict[str, Any]:
        """The test account of a submission in plain text, for reviewers alone: `fields`, `mappings`, `access`.

        Empty when the present key does not open it.
        """
        self.demand(person, "review")
        with self._reaching(person, integration_id) as connection:
            _one(connection, person, integration_id, number)
            this = and_(releases.c.integration_id == integration_id, releases.c.number == number)
            sealed = connection.scalar(select(releases.c.test_account).where(this))
        return dict(unseal({"account": sealed}, self._vault).get("account") or {})

    def access_was_told(self, person: Person, integration_id: str) -> bool:
        """Whether the newest submission says how reviewers see the result; what it says is for reviewers."""
        with self._reaching(person, integration_id) as connection:
            return bool(last_access(connection, self._vault, integration_id).strip())

    def timeline(self, person: Person, integration_id: str) -> list[Transition]:
        """What happened, the oldest first; for a reviewer, without what was of the draft alone."""
        with self._reaching(person, integration_id) as connection:
            told = history(connection, integration_id)
        hidden = _HIDDEN_FROM_REVIEWERS if person.role == "reviewer" else frozenset()
        return [one for one in told if one.action not in hidden]

    def standing(self, person: Person, integration_id: str) -> Standing:
        with self._reaching(person, integration_id) as connection:
            return standing_of(connection, person, reach(connection, person, integration_id))

    def review_queue(self, person: Person) -> list[QueueEntry]:
        """What waits for a decision, the oldest submission first. Raises ForbiddenError for anybody but a reviewer."""
        self.demand(person, "review")
        now = self._clock()
        wanted = _submissions().where(releases.c.state == "open").order_by(releases.c.submitted_at)
        with self._read() as connection:
            found = [(_release(row), row) for row in connection.execute(wanted).all()]
        return [
            QueueEntry(
                integration_id=release.integration_id,
                org_id=row.org_id,
                org_name=row.org_name or row.org_id,
                name=_name(release.document),
                category=str(release.document.get("category", "")),
                number=release.number,
                state=cast(State, row.stands),
                submitted_by=release.submitted_by,
                submitted_at=release.submitted_at,
                due_at=release.due_at,
                late=now > release.due_at,
            )
            for release, row in found
        ]

    def decisions(self, person: Person, limit: int = 50) -> list[Decision]:
        """Submissions that do not wait any more, the one decided last first. Raises ForbiddenError."""
        self.demand(person, "review")
        wanted = _submissions().where(releases.c.decided_at.is_not(None)).order_by(releases.c.decided_at.desc())
        with self._read() as connection:
            found = [(_release(row), row) for row in connection.execute(wanted.limit(limit)).all()]
        return [
            Decision(
                release.integration_id,
                row.org_name or row.org_id,
                _name(release.document),
                release.number,
                release.state,
                release.decided_by,
                release.decided_at,
                release.reason,
            )
            for release, row in found
            if release.decided_at is not None
        ]

    def review_runs(self, person: Person, integration_id: str, limit: int = 20) -> list[Run]:
        """The runs that reviewers made of a submission, the newest first; `get_run` opens one of them."""
        self.demand(person, "review")
        wanted = select(runs).where(
            runs.c.integration_id == integration_id, runs.c.kind == "review", runs.c.org_id == person.org_id
        )
        with self._reaching(person, integration_id) as connection:
            rows = connection.execute(wanted.order_by(runs.c.created_at.desc(), runs.c.id).limit(limit)).all()
        return [run_of(row) for row in rows]

    @contextmanager
    def moving(self, person: Person, integration_id: str, action: Action, reason: str = "") -> Iterator[Move]:
        """A step of the life as one transaction: looks, lets the caller write, moves the state and records it.

        Raises ForbiddenError, NotFoundError, InputError for a missing reason, ConflictError when the state does not
        allow the action.
        """
        self.demand(person, right_for(action, person))
        said = checked_reason(action, reason)
        with self._write() as connection:
            row = reach(connection, person, integration_id, lock=True)
            after = next_state(
                action,
                cast(State, row.state),
                deployed=row.deployed_release is not None,
                earlier_approved=bool(earlier_approved(connection, row)),
            )
            move = Move(connection, self._vault, row, person, action, said, self._clock())
            yield move
            move.finish(after)

    @contextmanager
    def _reaching(self, person: Person, integration_id: str) -> Iterator[Connection]:
        """A look at what the person may see of an integration."""
        right: Right = "review" if person.role == "reviewer" else "build"
        self.demand(person, right)
        with self._read() as connection:
            reach(connection, person, integration_id)
            yield connection


def reach(connection: Connection, person: Person, integration_id: str, *, lock: bool = False) -> Row[Any]:
    """The integration: a partner's own, or for a reviewer one that was ever submitted. Raises NotFoundError."""
    if person.role != "reviewer":
        return find(connection, person.org_id, integration_id, lock=lock)
    submitted = exists().where(releases.c.integration_id == integrations.c.id, releases.c.kind == "review")
    wanted = select(integrations).where(integrations.c.id == integration_id, submitted)
    row = None
    if is_id(integration_id):
        row = connection.execute(wanted.with_for_update(of=integrations) if lock else wanted).one_or_none()
    if row is None:
        raise NotFoundError("There is no such submission.", remedy="It may have been deleted.")
    return row


def earlier_approved(connection: Connection, row: Row[Any]) -> tuple[int, ...]:
    """The numbers of the approved releases before the deployed one, the newest first."""
    if row.deployed_release is None:
        return ()
    wanted = select(releases.c.number).where(
        releases.c.integration_id == row.id,
        releases.c.kind == "review",
        releases.c.state == "approved",
        releases.c.number < row.deployed_release,
    )
    return tuple(connection.scalars(wanted.order_by(releases.c.number.desc())).all())


def held(connection: Connection, row: Row[Any]) -> bool:
    """Whether it is deprecated, and by a reviewer."""
    last = select(transitions.c.role).where(transitions.c.integration_id == row.id, transitions.c.action == "deprecate")
    role = connection.scalar(last.order_by(transitions.c.ordinal.desc()).limit(1))
    return row.state == "deprecated" and role == "reviewer"


def standing_of(connection: Connection, person: Person, row: Row[Any]) -> Standing:
    """`row` is an integration's, as `reach` gave it."""
    reviewing = person.role == "reviewer"
    newest = connection.execute(
        _visible(person, row.id).where(releases.c.kind == "review").order_by(releases.c.number.desc()).limit(1)
    ).one_or_none()
    org_name = connection.scalar(select(organisations.c.name).where(organisations.c.id == row.org_id))
    return Standing(
        integration_id=row.id,
        org_id=row.org_id,
        org_name=org_name or row.org_id,
        name=_name(newest.document if reviewing and newest else row.document),
        has_logo=bool(newest.has_logo if reviewing and newest else row.logo_digest),
        state=cast(State, row.state),
        submission=newest.number if newest else None,
        internal_release=None if reviewing else row.internal_release,
        deployed_release=row.deployed_release,
        earlier=earlier_approved(connection, row),
        held=held(connection, row),
    )


def _one(connection: Connection, person: Person, integration_id: str, number: int) -> Row[Any]:
    row = connection.execute(_visible(person, integration_id).where(releases.c.number == number)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no release {number}.")
    return row


def _visible(person: Person, integration_id: str) -> Select[Any]:
    wanted = _releases().where(releases.c.integration_id == integration_id)
    return wanted.where(releases.c.kind == "review") if person.role == "reviewer" else wanted


def _submissions() -> Select[Any]:
    """All submissions of all organisations, for reviewers."""
    told = (integrations.c.org_id, integrations.c.state.label("stands"), organisations.c.name.label("org_name"))
    return (
        _releases()
        .add_columns(*told)
        .join(integrations, releases.c.integration_id == integrations.c.id)
        .outerjoin(organisations, organisations.c.id == integrations.c.org_id)
        .where(releases.c.kind == "review")
    )


def _releases() -> Select[Any]:
    note = select(func.max(transitions.c.reason)).where(
        transitions.c.integration_id == releases.c.integration_id,
        transitions.c.release == releases.c.number,
        transitions.c.action.in_(("submit", "release_internally")),
    )
    columns = [column for column in releases.c if column.name not in ("test_account", "logo")]
    has_logo = releases.c.logo.is_not(None).label("has_logo")
    return select(*columns, has_logo, note.scalar_subquery().label("note"))


def _release(row: Row[Any]) -> Release:
    return Release(
        integration_id=row.integration_id,
        number=row.number,
        kind=row.kind,
        revision=row.revision,
        document=row.document,
        has_logo=bool(row.has_logo),
        state=row.state,
        evidence=row.evidence,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        note=row.note or "",
    )


def _name(document: dict[str, Any]) -> str:
    return str(document.get("display_name", ""))
