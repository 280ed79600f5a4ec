"""From an event to letters: one for each person it concerns, in plain text, and a line for Slack. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from core.portal.mail.events import Event, PersonAdded
from core.portal.mail.wording import Door, Notice, notices
from core.portal.people import Organisation, Person

Channel = Literal["email", "slack"]
SIGNATURE = "Developer Portal"
_SUBJECT = 150  # characters
_BODY = 20_000
_NAMES = {"name", "place", "cohort", "destination"}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one recipient: an e-mail address, or "" for Slack. `org_id` is the recipient's organisation;
    `kind` names the event, in snake case; `subject` is one line.
    """

    channel: Channel
    recipient: str
    org_id: str
    kind: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Circle:
    """Whom an event may concern. `name` is that of the organisation it is about, `organisation` the people of it,
    `customers` the people of organisations that are connected to the integration.
    """

    name: str
    organisation: Sequence[Person] = ()
    reviewers: Sequence[Person] = ()
    customers: Sequence[Person] = ()


def letters(event: Event, circle: Circle, public_url: str = "", *, slack: bool = False) -> tuple[Letter, ...]:
    """All that is to be said of `event`: nobody gets two letters of it, and who did it only hears what is a receipt.

    `public_url` is where people reach the portal; without it a letter tells the way instead of a link. `slack`:
    whether there is a channel to tell.
    """
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(event).__name__).lower()
    by = getattr(event, "by", None)
    told: set[str] = set()
    found = []
    for notice in notices(_on_one_line(event), one_line(circle.name)):
        for person in _audience(notice, event, circle):
            if person.id in told or (by is not None and person.id == by.id and not notice.own):
                continue
            told.add(person.id)
            body = "\n\n".join(_paragraphs(person, notice, public_url))
            found.append(Letter("email", person.email, person.org_id, kind, one_line(notice.subject), plain(body)))
        if slack and notice.slack:
            body = " ".join((notice.paragraphs[0], _link(notice.door, public_url)))
            found.append(Letter("slack", "", "", kind, one_line(notice.subject), one_line(body, 2 * _SUBJECT)))
    return tuple(found)


def one_line(text: str, limit: int = _SUBJECT) -> str:
    """`text` for a header: one line, no control characters, of a length that mail programs show."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def plain(text: str) -> str:
    """`text` for a body: line breaks as `\\n`, no other control characters, and not longer than anybody reads."""
    clean = _CONTROL.sub("", "\n".join(text.splitlines()))
    return clean if len(clean) <= _BODY else f"{clean[:_BODY]}\n[…]"


def _on_one_line(event: Event) -> Event:
    """The event with its names as one line each, so that none of them begins a line of its own in a letter."""
    flat: dict[str, Any] = {}
    for part in fields(event):
        value = getattr(event, part.name)
        if isinstance(value, Person | Organisation):
            flat[part.name] = replace(value, name=one_line(value.name))
        elif part.name in _NAMES:
            flat[part.name] = one_line(value)
    return replace(event, **flat)


def _audience(notice: Notice, event: Event, circle: Circle) -> Iterator[Person]:
    match notice.to:
        case "partners":
            yield from (person for person in circle.organisation if person.role == "partner")
        case "organisation":
            yield from circle.organisation
        case "reviewers":
            yield from circle.reviewers
        case "customers":
            yield from circle.customers
        case "person":
            if isinstance(event, PersonAdded):
                yield event.person


def _paragraphs(person: Person, notice: Notice, public_url: str) -> Iterator[str]:
    yield f"Hello {one_line(person.name)},"
    yield from notice.paragraphs
    yield _link(notice.door, public_url)
    yield SIGNATURE


def _link(door: Door, public_url: str) -> str:
    return f"{public_url}/{door.path}" if public_url else f"In the Developer Portal: {door.way}"
