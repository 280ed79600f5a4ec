"""Who somebody is who logs in, and who belongs to an organisation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from core.portal import Store
from core.portal.demo import load_people
from core.portal.people.accounts import add_colleague, register, remove_colleague, sign_in
from core.portal.people.projects import change_project, new_project
from core.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, "", reviewers=("rev@platform.example",))


@pytest.fixture
def people(store: Store) -> Store:
    load_people(store)
    return store


def test_an_address_is_one_person_however_it_is_written(people: Store, settings: Settings) -> None:
    found = sign_in(people, settings, "  Pat@ACME.example ", "Somebody")
    assert found == people.get_person("pat")
    assert sign_in(people, settings, "new@acme.example", "New") is None


def test_a_listed_address_is_a_reviewer_and_no_longer_once_it_is_not(store: Store, settings: Settings) -> None:
    rev = sign_in(store, settings, "rev@platform.example", "Rev")
    assert rev is not None
    assert (rev.role, rev.org_id, rev.name) == ("reviewer", "platform", "Rev")
    assert sign_in(store, settings, "rev@platform.example", "Rev") == rev
    with pytest.raises(ForbiddenError):
        sign_in(store, replace(settings, reviewers=()), "rev@platform.example", "Rev")


def test_a_partner_who_is_listed_becomes_a_reviewer(people: Store, settings: Settings) -> None:
    found = sign_in(people, replace(settings, reviewers=("pat@acme.example",)), "pat@acme.example", "Pat")
    assert found is not None
    assert (found.id, found.role, found.org_id) == ("pat", "reviewer", "platform")


def test_somebody_new_makes_an_organisation_and_is_its_partner(people: Store, settings: Settings) -> None:
    made = register(people, "Zoe@new.example", "  Zoë \n Lee ", "555001", "New Co")
    assert (made.role, made.name, made.email) == ("partner", "Zoë Lee", "zoe@new.example")
    assert sign_in(people, settings, "zoe@new.example", "") == made
    assert people.get_organisation("555001").access == "none"


@pytest.mark.parametrize("org", ["214507", "platform", "", "a b", "../x", "x" * 41])
def test_nobody_registers_into_an_organisation_that_exists_or_cannot(people: Store, org: str) -> None:
    with pytest.raises(InputError):
        register(people, "zoe@new.example", "Zoë", org, "New Co")
    assert people.person_by_email("zoe@new.example") is None


def test_a_partner_adds_and_removes_people_of_the_own_organisation(people: Store, settings: Settings) -> None:
    pat = people.get_person("pat")
    added = add_colleague(people, pat, "Ann Lee", "Ann@acme.example", "customer")
    assert added.org_id == "214507"
    assert sign_in(people, settings, "ann@acme.example", "") == added
    [mail] = people.list_mails(added)
    assert mail.subject == "You were added to Acme Labs"
    remove_colleague(people, pat, added.id)
    assert sign_in(people, settings, "ann@acme.example", "") is None


def test_people_of_others_are_not_there_and_oneself_stays(people: Store) -> None:
    pat = people.get_person("pat")
    with pytest.raises(NotFoundError):
        remove_colleague(people, pat, "nora")
    with pytest.raises(ConflictError):
        remove_colleague(people, pat, "pat")
    with pytest.raises(ForbiddenError):
        remove_colleague(people, people.get_person("alex"), "pat")
    with pytest.raises(ForbiddenError):
        add_colleague(people, people.get_person("alex"), "Eve", "eve@acme.example", "partner")
    assert [one.id for one in people.list_people("214507")] == ["alex", "pat"]


def test_nobody_is_added_as_a_reviewer_or_with_an_address_that_is_taken_or_none(people: Store) -> None:
    pat = people.get_person("pat")
    with pytest.raises(InputError):
        add_colleague(people, pat, "Eve", "eve@acme.example", "reviewer")
    for email in ("nora@larkspur.example", "eve", "eve@x", "eve@acme.example\r\nBcc: a@b.example", "a@b.c..d"):
        with pytest.raises(InputError):
            add_colleague(people, pat, "Eve", email, "partner")
    with pytest.raises(InputError):
        add_colleague(people, pat, " \n ", "eve@acme.example", "partner")


def test_a_projects_secret_goes_only_where_it_was_entered_for(people: Store) -> None:
    pat = people.get_person("pat")
    key, url = "0123456789abcdef", "https://amplitude.com"
    new_project(people, pat, "1001", "Shop", key, "s3cret", url)
    assert change_project(people, pat, "1001", "Shop 2", key, url, None).has_secret
    assert people.project_secret("214507", "1001") == "s3cret"
    assert not change_project(people, pat, "1001", "Shop 2", key, "https://evil.example", None).has_secret
    assert people.project_secret("214507", "1001") == ""
    assert change_project(people, pat, "1001", "Shop 2", key, "https://evil.example", "other").has_secret
    assert not change_project(people, pat, "1001", "Shop 2", key, "https://evil.example", "").has_secret


def test_a_project_of_another_organisation_is_not_there(people: Store) -> None:
    with pytest.raises(NotFoundError):
        change_project(people, people.get_person("pat"), "402177", "Mine", "0123456789", "https://amplitude.com", None)
    with pytest.raises(InputError):
        new_project(people, people.get_person("pat"), "402177", "Mine", "0123456789")
    with pytest.raises(ForbiddenError):
        new_project(people, people.get_person("rita"), "7", "Mine", "0123456789")


@pytest.mark.parametrize(
    "api_url", ["", "ftp://amplitude.com", "https://", "https://u:p@amplitude.com", "https://a.com?x=1", "https://[::1"]
)
def test_an_unusable_api_url_is_refused(people: Store, api_url: str) -> None:
    with pytest.raises(InputError, match="API URL"):
        new_project(people, people.get_person("pat"), "1002", "Shop", "0123456789", "", api_url)
