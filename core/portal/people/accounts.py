"""Who somebody is who logs in: by the e-mail address that their provider has verified, and by nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from core.portal.database import new_id
from core.portal.mail.announce import announce
from core.portal.mail.events import PersonAdded
from core.portal.people.directory import PLATFORM_ORG
from core.portal.people.entities import Person, Role
from core.settings import Settings

if TYPE_CHECKING:
    from core.portal.store import Store

NAME_LENGTH = 100
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_ORG_ID = re.compile(r"[A-Za-z0-9-]{3,40}")


def sign_in(store: Store, settings: Settings, email: str, name: str) -> Person | None:
    """The person with this verified address; None for somebody new, who may `register`.

    An address of PORTAL_REVIEWERS is a reviewer, from now on if it was not. Raises ForbiddenError for a reviewer whose
    address is no longer among them.
    """
    email = email.strip().lower()
    person = store.person_by_email(email)
    if email in settings.reviewers:
        if person is None:
            _have_platform(store)
            return store.add_person(new_id(), PLATFORM_ORG, _name(name or email), checked_email(email), "reviewer")
        if person.role != "reviewer":
            _have_platform(store)
            return store.update_person(person.id, PLATFORM_ORG, "reviewer")
    elif person is not None and person.role == "reviewer":
        raise ForbiddenError(
            "You are not among the reviewers any more.", remedy="Ask whoever operates this portal (PORTAL_REVIEWERS)."
        )
    return person


def register(store: Store, email: str, name: str, org: str, org_name: str) -> Person:
    """Makes a new organisation, with the person as its partner. Raises InputError for what cannot be used, or is taken.

    Nobody can register into an organisation that exists: its partners add people.
    """
    org, email = org.strip(), checked_email(email)
    if _ORG_ID.fullmatch(org) is None:
        raise InputError(
            "This is not an organization id.",
            where="Organization ID",
            remedy="It is 3 to 40 digits, letters or hyphens; you find it in your organization's settings.",
        )
    name, org_name = _name(name), _name(org_name, "Organization name")
    if store.person_by_email(email) is not None:
        raise InputError("Somebody with this e-mail address is registered already.", where=email)
    try:
        store.get_organisation(org)
    except NotFoundError:
        store.add_organisation(org, org_name)
        return store.add_person(new_id(), org, name, email, "partner")
    raise InputError(
        "This organization is registered already.",
        where="Organization ID",
        remedy="Ask one of its partners to add you.",
    )


def add_colleague(store: Store, person: Person, name: str, email: str, role: Role) -> Person:
    """Adds somebody to the person's own organisation. Raises ForbiddenError, InputError."""
    organisation = store.demand(person, "manage_people")
    if role not in ("partner", "customer"):
        raise InputError("Somebody of an organization is a partner or a customer.", where="Role")
    added = store.add_person(new_id(), organisation.id, _name(name), checked_email(email), role)
    announce(store, PersonAdded(person=added, organisation=organisation, by=person))
    return added


def remove_colleague(store: Store, person: Person, person_id: str) -> None:
    """Takes somebody of the person's own organisation out; what they did stays. Raises ForbiddenError, NotFoundError,
    ConflictError for oneself.
    """
    organisation = store.demand(person, "manage_people")
    if person_id == person.id:
        raise ConflictError("You cannot remove yourself.", remedy="Ask another partner to do it.")
    store.remove_person(organisation.id, person_id)


def checked_email(email: str) -> str:
    """The address, in small letters. Raises InputError for one that mail cannot be sent to."""
    address = email.strip().lower()
    if _EMAIL.fullmatch(address) is None or len(address) > 254 or ".." in address:
        raise InputError("This is not an e-mail address.", where="E-mail", remedy="Example: ann@example.com")
    return address


def _name(text: str, where: str = "Name") -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not line:
        raise InputError("A name is missing.", where=where)
    if len(line) > NAME_LENGTH:
        raise InputError(f"This name is longer than {NAME_LENGTH} characters.", where=where)
    return line


def _have_platform(store: Store) -> None:
    try:
        store.get_organisation(PLATFORM_ORG)
    except NotFoundError:
        store.add_organisation(PLATFORM_ORG, "Amplitude", plan="enterprise")
