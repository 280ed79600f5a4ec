"""Who may do what, in one table. What belongs to another organisation is not refused but not there (`NotFoundError`).

Rights that build on the Developer Portal also need the organisation's access to it, which a reviewer grants.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from core.errors import ForbiddenError
from core.portal.people.entities import Organisation, Person, Role

Right = Literal[
    "request_access",  # ask for the Developer Portal, tick off prerequisites
    "manage_people",  # add people to one's own organisation, take them out
    "build",  # create, edit, test, delete integrations; release them internally
    "submit",  # submit, withdraw, deprecate, roll back; answer the review
    "connect",  # the catalogue, connections, cohorts, syncs, projects of one's own organisation
    "review",  # the queue, what was submitted, its evidence; decide; comment as a reviewer
    "grant_access",  # give organisations the Developer Portal
    "read_outbox",  # all mail that the portal wrote
]

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "partner": frozenset({"request_access", "manage_people", "build", "submit", "connect"}),
    "customer": frozenset({"connect"}),
    "reviewer": frozenset({"review", "grant_access", "read_outbox"}),
}
NEEDS_ACCESS: frozenset[Right] = frozenset({"build", "submit"})

_WHAT: Mapping[Right, str] = {
    "request_access": "ask for the Developer Portal",
    "manage_people": "add or remove people",
    "build": "build integrations",
    "submit": "submit integrations",
    "connect": "connect destinations and sync cohorts",
    "review": "review integrations",
    "grant_access": "grant access to the Developer Portal",
    "read_outbox": "read all of the portal's mail",
}


def may(person: Person, right: Right, organisation: Organisation) -> bool:
    """Whether `person` has `right`; `organisation` is the person's own."""
    if right not in RIGHTS[person.role] or organisation.id != person.org_id:
        return False
    return right not in NEEDS_ACCESS or organisation.access == "granted"


def require(person: Person, right: Right, organisation: Organisation) -> None:
    """Raises ForbiddenError, in words for the person, unless `may`."""
    if may(person, right, organisation):
        return
    if right in RIGHTS[person.role]:
        remedy = "Ask for access under Organization settings › Developer Portal."
        raise ForbiddenError(f"{organisation.name} does not have the Developer Portal yet.", remedy=remedy)
    raise ForbiddenError(f"As a {person.role} you cannot {_WHAT[right]}.", remedy="Ask somebody who can.")
