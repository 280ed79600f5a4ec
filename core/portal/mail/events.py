"""What happens in the portal that somebody is told of by mail, as plain values: no store, no settings.

Whoever makes it happen calls `announce(store, event)`; who is told, and in which words, is decided by letters.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.portal.people import Organisation, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationEvent:
    """Something about an integration. `org_id` is the organisation that owns it, `name` its display name, `by` who did
    it, `release` the number of the release it is about (None when it is about the draft).
    """

    integration_id: str
    org_id: str
    name: str
    by: Person
    release: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(IntegrationEvent):
    """`note` is what the partner tells the reviewers, `due_at` when the review is expected to be done."""

    due_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(IntegrationEvent):
    """The partner took the submission back."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStarted(IntegrationEvent):
    """A reviewer took the submission up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesRequested(IntegrationEvent):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved(IntegrationEvent):
    """Approved and deployed. `changes` says, a sentence each, what the new release changes for customers who are
    connected already; empty for a first release.
    """

    reason: str = ""
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(IntegrationEvent):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecated(IntegrationEvent):
    """No new connections from now on; the present ones go on."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(IntegrationEvent):
    """Not deprecated any more."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack(IntegrationEvent):
    """`release` is the earlier release that is deployed again."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented(IntegrationEvent):
    """`place` is the field it is about ("" = in general); `quoted` the comment it answers, if it does.

    `reviewers_see`: whether something was submitted, so that reviewers can see it at all.
    """

    text: str
    place: str = ""
    quoted: str = ""
    reviewers_see: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequested:
    organisation: Organisation
    by: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGranted:
    organisation: Organisation
    by: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefused:
    organisation: Organisation
    by: Person
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAdded:
    """`person` was added to `organisation` by `by`."""

    person: Person
    organisation: Organisation
    by: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFailed:
    """A sync that went well before (or never ran) does not any more; told once, until it recovers.

    `cohort` and `destination` are names; `reason` and `remedy` the sentences that the sync's page shows. `waits`:
    nothing went wrong, but removals wait for somebody's yes.
    """

    org_id: str
    sync_id: str
    cohort: str
    destination: str
    reason: str
    remedy: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRecovered:
    """A sync that had failed went well again. `summary` is one sentence: how many were added and removed."""

    org_id: str
    sync_id: str
    cohort: str
    destination: str
    summary: str = ""


Event = (
    Submitted
    | Withdrawn
    | ReviewStarted
    | ChangesRequested
    | Approved
    | Rejected
    | Deprecated
    | Restored
    | RolledBack
    | Commented
    | AccessRequested
    | AccessGranted
    | AccessRefused
    | PersonAdded
    | SyncFailed
    | SyncRecovered
)
