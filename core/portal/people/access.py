"""How an organisation gets the Developer Portal: prerequisites, the request, a reviewer's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import ConflictError, InputError
from core.portal.mail.announce import announce
from core.portal.mail.events import AccessGranted, AccessRefused, AccessRequested
from core.portal.people.entities import Organisation, Person, Plan

if TYPE_CHECKING:
    from core.portal.store import Store

PLANS: tuple[Plan, ...] = ("starter", "plus", "growth", "enterprise")
_PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """What should be settled before an organisation builds integrations."""

    id: str
    title: str
    text: str


PREREQUISITES: tuple[Prerequisite, ...] = (
    Prerequisite(
        "application",
        "Partner application",
        "Your company has applied to the partner program and was accepted.",
    ),
    Prerequisite(
        "agreement",
        "NDA and partner agreement",
        "Both are signed, so that we can exchange test accounts and list your product.",
    ),
    Prerequisite(
        _PLAN,
        "Plus plan or higher",
        "Cohort syncs are part of the Plus, Growth and Enterprise plans. This ticks itself.",
    ),
    Prerequisite(
        "guide",
        "Guide to receiving cohorts read",
        "You know how cohorts arrive: a list or a property, batches, retries, errors.",
    ),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A prerequisite and how an organisation stands to it. `by_itself`: it follows from the plan, nobody ticks it."""

    prerequisite: Prerequisite
    done: bool
    by_itself: bool


def checklist(organisation: Organisation) -> tuple[Step, ...]:
    """The prerequisites, in order."""
    found = []
    for one in PREREQUISITES:
        by_itself = one.id == _PLAN
        done = PLANS.index(organisation.plan) >= PLANS.index("plus") if by_itself else one.id in organisation.checklist
        found.append(Step(one, done, by_itself))
    return tuple(found)


def missing(organisation: Organisation) -> tuple[str, ...]:
    """The titles of the prerequisites that are not met."""
    return tuple(step.prerequisite.title for step in checklist(organisation) if not step.done)


def tick(store: Store, person: Person, prerequisite_id: str, done: bool) -> Organisation:
    """Ticks a prerequisite of the person's organisation off, or takes that back. Raises ForbiddenError, InputError for
    one that does not exist or follows from the plan.
    """
    organisation = store.demand(person, "request_access")
    if prerequisite_id == _PLAN or prerequisite_id not in {one.id for one in PREREQUISITES}:
        raise InputError("This prerequisite cannot be ticked off.")
    ticked = {*organisation.checklist, prerequisite_id} if done else {*organisation.checklist} - {prerequisite_id}
    return store.update_organisation(organisation.id, {"checklist": sorted(ticked)})


def request_access(store: Store, person: Person) -> Organisation:
    """Asks the reviewers for the Developer Portal, whatever is missing: they see that too.

    Raises ForbiddenError, ConflictError when it was asked for, or granted, already.
    """
    organisation = store.demand(person, "request_access")
    changes = {"access": "requested", "requested_at": store.now(), "requested_by": person.name, "reason": ""}
    asked = _move(store, organisation, ("none",), changes)
    announce(store, AccessRequested(organisation=asked, by=person))
    return asked


def grant_access(store: Store, reviewer: Person, org: str) -> Organisation:
    """Gives an organisation the Developer Portal, asked for or not. Raises ForbiddenError, NotFoundError,
    ConflictError when it has it already.
    """
    store.demand(reviewer, "grant_access")
    changes = {"access": "granted", "decided_at": store.now(), "decided_by": reviewer.name, "reason": ""}
    granted = _move(store, store.get_organisation(org), ("none", "requested"), changes)
    announce(store, AccessGranted(organisation=granted, by=reviewer))
    return granted


def refuse_access(store: Store, reviewer: Person, org: str, reason: str) -> Organisation:
    """Answers a request with what is missing; the organisation can ask again. Raises ForbiddenError, NotFoundError,
    InputError without a reason, ConflictError when nothing is asked for.
    """
    store.demand(reviewer, "grant_access")
    if not reason.strip():
        raise InputError("Say why, so that they know what to do.", where="Reason")
    decided = {"access": "none", "decided_at": store.now(), "decided_by": reviewer.name, "reason": reason.strip()}
    refused = _move(store, store.get_organisation(org), ("requested",), decided)
    announce(store, AccessRefused(organisation=refused, by=reviewer, reason=refused.reason))
    return refused


def set_plan(store: Store, reviewer: Person, org: str, plan: Plan) -> Organisation:
    """Records the plan that an organisation has. Raises ForbiddenError, NotFoundError, InputError."""
    store.demand(reviewer, "grant_access")
    if plan not in PLANS:
        raise InputError(f"There is no plan {plan!r}.", remedy=f"Plans are {', '.join(PLANS)}.")
    return store.update_organisation(org, {"plan": plan})


def _move(store: Store, seen: Organisation, when: tuple[str, ...], changes: Mapping[str, Any]) -> Organisation:
    if seen.access in when:
        return store.update_organisation(seen.id, changes, while_access=seen.access)
    has = {"none": "does not ask for", "requested": "has asked already for", "granted": "has"}[seen.access]
    raise ConflictError(f"{seen.name} {has} the Developer Portal.", remedy="Reload the page.")
