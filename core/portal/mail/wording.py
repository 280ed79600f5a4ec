"""What is said of each event, to whom, and where the reader goes next. Pure; the only place where mail is worded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.portal.mail import events as e

Audience = Literal["partners", "reviewers", "customers", "organisation", "person"]
"""Those whom an event may concern: the partners of the integration's owner; the reviewers; the people of organisations
that are connected to it; everybody of one organisation; one person.
"""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the reader goes next: a path of the portal for a link, and the way there for who has no link."""

    path: str
    way: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One wording of an event. `own` includes the person who did it; `slack` sends the first paragraph there too."""

    to: Audience
    subject: str
    paragraphs: tuple[str, ...]
    door: Door
    own: bool = False
    slack: bool = False


def notices(event: e.Event, owner: str) -> Iterator[Notice]:
    """The wordings of an event. `owner` is the name of the organisation that it is about."""
    match event:
        case e.AccessRequested() | e.AccessGranted() | e.AccessRefused() | e.PersonAdded():
            yield from _of_people(event)
        case e.SyncFailed() | e.SyncRecovered():
            yield _of_sync(event)
        case e.Commented():
            yield from _of_comment(event, owner)
        case e.Submitted() | e.Withdrawn() | e.ReviewStarted() | e.ChangesRequested() | e.Rejected():
            yield from _of_review(event, owner)
        case _:
            yield from _of_deployment(event, owner)


def _of_review(
    event: e.Submitted | e.Withdrawn | e.ReviewStarted | e.ChangesRequested | e.Rejected, owner: str
) -> Iterator[Notice]:
    name, who, release = event.name, event.by.name, _release(event.release)
    partner, reviewer = _partner_door(event), _reviewer_door(event)
    text: tuple[str, ...]
    match event:
        case e.Submitted():
            said = (f"{who} writes:\n{quoted(event.note)}",) if event.note.strip() else ()
            yield Notice(
                "reviewers",
                f"{name} was submitted for review",
                (
                    f"{who} of {owner} submitted {name}{release} for review.",
                    *said,
                    f"The review is expected by {day(event.due_at)}.",
                ),
                reviewer,
                slack=True,
            )
            yield Notice(
                "partners",
                f"{name} is on its way to review",
                (
                    f"{who} submitted {name}{release} for review. You can expect an answer by {day(event.due_at)}.",
                    "Reviewers look at the configuration, its checks and its test runs, and run the same tests with "
                    "your test account. We write as soon as they ask for something or have decided.",
                ),
                partner,
                own=True,
            )
        case e.Withdrawn():
            text = (f"{who} of {owner} withdrew {name}{release}. There is nothing to review for now.",)
            yield Notice("reviewers", f"{name} was withdrawn", (*text, *_because(event.reason)), reviewer)
            text = (f"{who} withdrew {name}{release} from review. You can go on editing and submit it again.",)
            yield Notice("partners", f"{name} was withdrawn", (*text, *_because(event.reason)), partner)
        case e.ReviewStarted():
            text = (f"{who} is reviewing {name}{release} now.",)
            yield Notice("partners", f"The review of {name} has begun", text, partner)
        case e.ChangesRequested():
            text = (f"{who} reviewed {name}{release} and asks for changes:", quoted(event.reason))
            end = "Change the draft, test it and submit it again; comments can be answered where they stand."
            yield Notice("partners", f"{name}: changes requested", (*text, end), partner)
        case e.Rejected():
            text = (f"{who} reviewed {name}{release} and did not approve it:", quoted(event.reason))
            end = "You can change the draft and submit it again."
            yield Notice("partners", f"{name} was not approved", (*text, end), partner)


def _of_deployment(event: e.Approved | e.Deprecated | e.Restored | e.RolledBack, owner: str) -> Iterator[Notice]:
    name, who, release = event.name, event.by.name, _release(event.release)
    partner, tile = _partner_door(event), Door(f"destination?id={event.integration_id}", f"Destinations › {name}")
    because = _because(event.reason)
    match event:
        case e.Approved():
            text = f"{who} approved {name}{release}. It is deployed: customers find its tile under Destinations."
            yield Notice("partners", f"{name} was approved and is deployed", (text, *because), partner)
            if event.changes:
                changes = "\n".join(f"- {' '.join(change.split())}" for change in event.changes)
                text = (
                    f"{owner} has deployed a new release of {name}, which you are connected to. What changes for you:"
                )
                end = "Look at your connection, so that your syncs go on."
                yield Notice("customers", f"{name} has changed", (text, changes, end), tile)
        case e.Deprecated():
            text = f"{who} deprecated {name}. It takes no new connections; those that exist go on as before."
            yield Notice("partners", f"{name} was deprecated", (text, *because), partner)
            yield Notice("customers", f"{name} is deprecated", (_deprecated(name, owner), *because), tile)
        case e.Restored():
            text = f"{who} took back that {name} is deprecated. Customers can connect it again."
            yield Notice("partners", f"{name} is available again", (text, *because), partner)
            text = f"{name} by {owner}, which you are connected to, is no longer deprecated."
            yield Notice("customers", f"{name} is available again", (text, *because), tile)
        case e.RolledBack():
            text = (
                f"{who} rolled {name} back{_to_release(event.release)}, which is what customers' syncs use from now on."
            )
            yield Notice("partners", f"{name} was rolled back", (text, *because), partner)
            text = f"{owner} went back to an earlier release of {name}, which you are connected to."
            end = "Your syncs go on with it. Look at your connection if one of them reports a problem."
            yield Notice("customers", f"{name} went back to an earlier release", (text, *because, end), tile)


def _of_comment(event: e.Commented, owner: str) -> Iterator[Notice]:
    who = event.by.name if event.by.role == "reviewer" else f"{event.by.name} of {owner}"
    where = f" on {event.place}" if event.place else ""
    verb = "answered a comment" if event.quoted else "commented"
    before = (f"The comment it answers:\n{quoted(event.quoted)}",) if event.quoted else ()
    text = (f"{who} {verb}{where} in {event.name}{_release(event.release)}:", quoted(event.text), *before)
    subject = f"{event.name}: {event.by.name} {verb}{where}"
    yield Notice("partners", subject, text, _partner_door(event))
    if event.reviewers_see:
        yield Notice("reviewers", subject, text, _reviewer_door(event))


def _of_people(event: e.AccessRequested | e.AccessGranted | e.AccessRefused | e.PersonAdded) -> Iterator[Notice]:
    name, who = event.organisation.name, event.by.name
    door = Door("organization", "Organization settings")
    text: tuple[str, ...]
    match event:
        case e.AccessRequested():
            first = f"{who} asks for the Developer Portal for {name} (organization {event.organisation.id})."
            subject = f"{name} asks for the Developer Portal"
            yield Notice(
                "reviewers", subject, (first, "Grant or refuse it under Organization settings."), door, slack=True
            )
        case e.AccessGranted():
            text = (
                f"{name} has the Developer Portal now: its partners can set up, test and submit cohort integrations.",
            )
            yield Notice("organisation", "You have access to the Developer Portal", text, Door("", "Integrations"))
        case e.AccessRefused():
            text = (f"{who} could not give {name} the Developer Portal yet:", quoted(event.reason))
            end = "Once this is settled, ask again."
            yield Notice("organisation", "Your request for the Developer Portal", (*text, end), door)
        case e.PersonAdded():
            text = (
                f"{who} added you to {name} as a {event.person.role}.",
                f"Log in with this e-mail address, {event.person.email}.",
            )
            yield Notice("person", f"You were added to {name}", text, Door("", "its start page"))


def _of_sync(event: e.SyncFailed | e.SyncRecovered) -> Notice:
    what = f"{event.cohort} to {event.destination}"
    door = Door(f"sync?id={event.sync_id}", f"Syncs › {what}")
    if isinstance(event, e.SyncRecovered):
        summary = (event.summary,) if event.summary.strip() else ()
        text = (f"The sync of {what} works again.", *summary)
        return Notice("organisation", f"Sync works again: {what}", text, door)
    remedy = (f"What to do: {event.remedy}",) if event.remedy.strip() else ()
    if event.waits:
        text = (f"The sync of {what} holds removals back until somebody says yes:", quoted(event.reason), *remedy)
        return Notice("organisation", f"Removals wait for a yes: {what}", text, door)
    text = (f"The sync of {what} did not go through:", quoted(event.reason), *remedy)
    end = "You get no further mail about it until it works again."
    return Notice("organisation", f"Sync failed: {what}", (*text, end), door)


def quoted(text: str) -> str:
    """What somebody wrote, every line set apart, so that it cannot pass for the portal's own words."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def day(moment: datetime) -> str:
    """`30 November 2026`, in UTC."""
    return f"{moment.day} {moment:%B %Y}"


def _because(reason: str) -> tuple[str, ...]:
    return (f"The reason given:\n{quoted(reason)}",) if reason.strip() else ()


def _deprecated(name: str, owner: str) -> str:
    return f"{name} by {owner} is deprecated. Your connection and its syncs go on, but it takes no new connections."


def _release(number: int | None) -> str:
    return "" if number is None else f" (release {number})"


def _to_release(number: int | None) -> str:
    return " to an earlier release" if number is None else f" to release {number}"


def _partner_door(event: e.IntegrationEvent) -> Door:
    return Door(f"submit?id={event.integration_id}", f"Integrations › {event.name} › Submit")


def _reviewer_door(event: e.IntegrationEvent) -> Door:
    return Door(f"submission?id={event.integration_id}", f"Review › {event.name}")
