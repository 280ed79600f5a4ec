"""Who may do what: the whole table, so that a change of it is a decision."""

from __future__ import annotations

import itertools
import typing

import pytest

from core.errors import ForbiddenError
from core.portal.people import Organisation, Person, PortalAccess, Right, Role, may, require

ROLES: tuple[Role, ...] = typing.get_args(Role)
ACCESSES: tuple[PortalAccess, ...] = typing.get_args(PortalAccess)
RIGHTS: tuple[Right, ...] = typing.get_args(Right)

# right: who has it with the Developer Portal, and who without (access "none" or "requested")
TABLE: dict[Right, tuple[str, str]] = {
    "request_access": ("partner", "partner"),
    "manage_people": ("partner", "partner"),
    "build": ("partner", ""),
    "submit": ("partner", ""),
    "connect": ("partner customer", "partner customer"),
    "review": ("reviewer", "reviewer"),
    "grant_access": ("reviewer", "reviewer"),
    "read_outbox": ("reviewer", "reviewer"),
}


def test_the_table_names_every_right() -> None:
    assert set(TABLE) == set(RIGHTS)


@pytest.mark.parametrize(("role", "right", "access"), [*itertools.product(ROLES, RIGHTS, ACCESSES)])
def test_role_right_access(role: Role, right: Right, access: PortalAccess) -> None:
    organisation = Organisation("1", "Acme", "plus", access)
    person = Person("p", "1", "Pat", "pat@acme.example", role)
    has = role in TABLE[right][access != "granted"].split()
    assert may(person, right, organisation) is has
    if has:
        require(person, right, organisation)
    else:
        with pytest.raises(ForbiddenError):
            require(person, right, organisation)


@pytest.mark.parametrize(("role", "right"), [*itertools.product(ROLES, RIGHTS)])
def test_no_right_reaches_into_another_organisation(role: Role, right: Right) -> None:
    person = Person("p", "1", "Pat", "pat@acme.example", role)
    assert not may(person, right, Organisation("2", "Other", "enterprise", "granted"))
