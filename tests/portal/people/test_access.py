"""How an organisation gets the Developer Portal."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError, PortalError
from core.portal import Store
from core.portal.demo import load_people
from core.portal.people import Person
from core.portal.people.access import (
    PREREQUISITES,
    grant_access,
    missing,
    refuse_access,
    request_access,
    set_plan,
    tick,
)

NORTHWIND = "318822"


@pytest.fixture
def people(store: Store) -> Store:
    load_people(store)
    return store


def person(store: Store, name: str) -> Person:
    return store.get_person(name)


def mailed(store: Store) -> list[tuple[str, str]]:
    return sorted((mail.recipient, mail.kind) for mail in store.list_mails(person(store, "rita")))


def test_from_a_request_to_building(people: Store) -> None:
    nora, rita = person(people, "nora"), person(people, "rita")
    with pytest.raises(ForbiddenError):
        people.demand(nora, "build")
    asked = request_access(people, nora)
    assert (asked.access, asked.requested_by) == ("requested", "Nora Lind")
    assert asked.requested_at is not None
    with pytest.raises(ForbiddenError):
        people.demand(nora, "build")
    granted = grant_access(people, rita, NORTHWIND)
    assert (granted.access, granted.decided_by) == ("granted", "Rita Alvarez")
    assert people.demand(nora, "build").id == NORTHWIND
    assert mailed(people) == [
        ("carl@larkspur.example", "access_granted"),
        ("nora@larkspur.example", "access_granted"),
        ("rita@platform.example", "access_requested"),
    ]


def test_a_refusal_says_why_and_one_can_ask_again(people: Store) -> None:
    nora, rita = person(people, "nora"), person(people, "rita")
    request_access(people, nora)
    with pytest.raises(InputError):
        refuse_access(people, rita, NORTHWIND, "  ")
    refused = refuse_access(people, rita, NORTHWIND, "The NDA is not signed.")
    assert (refused.access, refused.reason) == ("none", "The NDA is not signed.")
    assert request_access(people, nora).reason == ""


def test_only_partners_ask_and_only_reviewers_answer(people: Store) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: request_access(people, person(people, "carl")),
        lambda: request_access(people, person(people, "rita")),
        lambda: tick(people, person(people, "carl"), "application", True),
        lambda: grant_access(people, person(people, "nora"), NORTHWIND),
        lambda: refuse_access(people, person(people, "pat"), NORTHWIND, "No."),
        lambda: set_plan(people, person(people, "nora"), NORTHWIND, "enterprise"),
        lambda: people.list_organisations(person(people, "pat")),
    ]
    for attempt in attempts:
        with pytest.raises(ForbiddenError):
            attempt()
    assert people.get_organisation(NORTHWIND).access == "none"
    assert mailed(people) == []


def test_what_does_not_fit_is_refused(people: Store) -> None:
    nora, rita = person(people, "nora"), person(people, "rita")
    attempts: list[tuple[type[PortalError], Callable[[], object]]] = [
        (ConflictError, lambda: request_access(people, person(people, "pat"))),
        (ConflictError, lambda: grant_access(people, rita, "214507")),
        (ConflictError, lambda: refuse_access(people, rita, NORTHWIND, "Nobody asked.")),
        (NotFoundError, lambda: grant_access(people, rita, "999")),
        (InputError, lambda: tick(people, nora, "plan", True)),
        (InputError, lambda: tick(people, nora, "anything", True)),
        (InputError, lambda: set_plan(people, rita, NORTHWIND, "gold")),  # type: ignore[arg-type]
    ]
    for error, attempt in attempts:
        with pytest.raises(error):
            attempt()


def test_of_two_reviewers_at_once_one_decides(people: Store, open_store: Callable[..., Store]) -> None:
    request_access(people, person(people, "nora"))
    stores = [people, open_store()]

    def decide(index: int) -> str:
        rita = person(stores[index], "rita")
        try:
            if index == 0:
                return grant_access(stores[0], rita, NORTHWIND).access
            return refuse_access(stores[1], rita, NORTHWIND, "No.").access
        except ConflictError:
            return "too late"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(decide, (0, 1)))
    final = people.get_organisation(NORTHWIND)
    # refusing comes too late for a grant; a grant may still follow a refusal, which it then overrules
    assert outcomes in (["granted", "too late"], ["too late", "none"], ["granted", "none"])
    assert final.access == ("none" if outcomes[0] == "too late" else "granted")


def test_the_checklist_follows_what_is_ticked_and_the_plan(people: Store) -> None:
    nora, rita = person(people, "nora"), person(people, "rita")
    assert missing(people.get_organisation(NORTHWIND)) == (
        "Partner application",
        "NDA and partner agreement",
        "Guide to receiving cohorts read",
    )
    for one in PREREQUISITES:
        if one.id != "plan":
            tick(people, nora, one.id, True)
    assert missing(people.get_organisation(NORTHWIND)) == ()
    set_plan(people, rita, NORTHWIND, "starter")
    tick(people, nora, "guide", False)
    assert missing(people.get_organisation(NORTHWIND)) == ("Plus plan or higher", "Guide to receiving cohorts read")
