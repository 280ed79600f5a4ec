"""What partners and reviewers say to each other about an integration: threads, on a field or in general."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from core.errors import InputError, NotFoundError
from core.integration import title_of
from core.portal.database import new_id
from core.portal.mail.announce import announce
from core.portal.mail.events import Commented
from core.portal.people.entities import Person
from core.portal.people.rights import Right
from core.portal.review.records import Releases, reach, standing_of
from core.portal.review.states import limited
from core.portal.tables import comments

if TYPE_CHECKING:
    from core.portal.store import Store

LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class Comment:
    """`place` is the path in the document (`endpoints.add_users.url`), empty for the integration as a whole; `release`
    the submission that was the newest then. A thread is a comment with its `replies`, the oldest first; the thread is
    resolved as one.
    """

    id: str
    text: str
    place: str
    release: int | None
    person_id: str
    person_name: str
    role: str
    at: datetime
    resolved_at: datetime | None
    resolved_by: str
    replies: tuple[Comment, ...] = ()

    @property
    def resolved(self) -> bool:
        return self.resolved_at is not None


class Comments(Releases):
    """Every call raises ForbiddenError for a customer, NotFoundError for what the person does not reach."""

    def list_comments(self, person: Person, integration_id: str, *, place: str | None = None) -> list[Comment]:
        """The threads, the oldest first; those of one place when it is given. A reviewer sees those that began after
        the first submission.
        """
        wanted = _visible(person, integration_id)
        with self._reaching(person, integration_id) as connection:
            rows = connection.execute(wanted.order_by(comments.c.at, comments.c.id)).all()
        threads = [_comment(row) for row in rows if row.parent_id is None]
        replies: dict[str, list[Comment]] = {}
        for row in rows:
            if row.parent_id is not None:
                replies.setdefault(row.parent_id, []).append(_comment(row))
        return [
            replace(thread, replies=tuple(replies.get(thread.id, ())))
            for thread in threads
            if place is None or thread.place == place
        ]

    def write_comment(
        self,
        person: Person,
        integration_id: str,
        text: str,
        *,
        place: str,
        parent_id: str | None,
        tell: Callable[[Connection, Commented], None],
    ) -> Comment:
        """Keeps a comment; an answer takes the place of its thread and opens it again. `tell` writes the mail, in the
        same transaction.
        """
        self.demand(person, _right(person))
        with self._write() as connection:
            row = reach(connection, person, integration_id, lock=True)
            standing = standing_of(connection, person, row)
            quoted, about = "", standing.submission
            if parent_id is not None:
                wanted = _visible(person, integration_id).where(comments.c.id == parent_id)
                parent = connection.execute(wanted).one_or_none()
                if parent is None:
                    raise NotFoundError("The comment that this answers is not there.")
                place, quoted, parent_id = parent.place, parent.text, parent.parent_id or parent.id
                about = None if parent.release is None else about
                again = {"resolved_at": None, "resolved_by": ""}
                connection.execute(update(comments).where(comments.c.id == parent_id).values(again))
            values: dict[str, Any] = {
                "id": new_id(),
                "integration_id": integration_id,
                "parent_id": parent_id,
                "release": about,
                "place": place,
                "person_id": person.id,
                "person_name": person.name,
                "role": person.role,
                "text": text,
                "at": self._clock(),
                "resolved_at": None,
                "resolved_by": "",
            }
            connection.execute(insert(comments).values(**values))
            event = Commented(
                integration_id=integration_id,
                org_id=standing.org_id,
                name=standing.name,
                by=person,
                release=about,
                text=text,
                place=title_of_place(place),
                quoted=quoted,
                reviewers_see=about is not None,
            )
            tell(connection, event)
            return _comment(connection.execute(select(comments).where(comments.c.id == values["id"])).one())

    def mark_comment(self, person: Person, integration_id: str, comment_id: str, *, resolved: bool) -> None:
        """Resolves the thread that a comment is in, or opens it again."""
        self.demand(person, _right(person))
        with self._write() as connection:
            reach(connection, person, integration_id, lock=True)
            wanted = _visible(person, integration_id).where(comments.c.id == comment_id)
            row = connection.execute(wanted).one_or_none()
            if row is None:
                raise NotFoundError("There is no such comment.")
            values = {
                "resolved_at": self._clock() if resolved else None,
                "resolved_by": person.name if resolved else "",
            }
            thread = comments.c.id == (row.parent_id or row.id)
            connection.execute(update(comments).where(thread).values(values))


def add_comment(
    store: Store, person: Person, integration_id: str, text: str, *, place: str = "", parent_id: str | None = None
) -> Comment:
    """Say something about an integration, or answer a comment; the other side is told by mail.

    Raises InputError for an empty or a far too long text, ForbiddenError, NotFoundError.
    """
    text = text.strip()
    if not text:
        raise InputError("The comment is empty.", remedy="Write it, then send it.")
    if len(place) > LONGEST_PLACE:
        raise InputError("This is not a place in an integration.")

    def tell(connection: Connection, event: Commented) -> None:
        announce(store, event, within=connection)

    text = limited(text, "Comment")
    return store.write_comment(person, integration_id, text, place=place, parent_id=parent_id, tell=tell)


def resolve_comment(
    store: Store, person: Person, integration_id: str, comment_id: str, *, resolved: bool = True
) -> None:
    """Mark the thread of a comment as resolved, or not; either side may. Raises ForbiddenError, NotFoundError."""
    store.mark_comment(person, integration_id, comment_id, resolved=resolved)


def list_comments(store: Store, person: Person, integration_id: str, *, place: str | None = None) -> list[Comment]:
    """The threads of an integration, the oldest first. Raises ForbiddenError, NotFoundError."""
    return store.list_comments(person, integration_id, place=place)


def title_of_place(place: str) -> str:
    """A place of a comment in the page's words: `endpoints.add_users.url` -> `Add users › URL`; "" for none."""
    return title_of(tuple(int(step) if step.isdecimal() else step for step in place.split("."))) if place else ""


def _visible(person: Person, integration_id: str) -> Select[Any]:
    """What was said before anything was submitted stays among the partners, and so do the answers to it."""
    wanted = select(comments).where(comments.c.integration_id == integration_id)
    return wanted.where(comments.c.release.is_not(None)) if person.role == "reviewer" else wanted


def _right(person: Person) -> Right:
    return "review" if person.role == "reviewer" else "submit"


def _comment(row: Row[Any]) -> Comment:
    return Comment(
        row.id,
        row.text,
        row.place,
        row.release,
        row.person_id,
        row.person_name,
        row.role,
        row.at,
        row.resolved_at,
        row.resolved_by,
    )
