"""The outbox: what is posted, who reads it, and how several processes share it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from core.portal import Store
from core.portal.mail import announce
from core.portal.mail.events import AccessGranted, AccessRequested, Commented
from core.portal.mail.letters import Letter
from core.portal.mail.outbox import CLAIM, Correspondence

Later = Callable[..., datetime]


def post_some(store: Store, count: int) -> None:
    store.post(Letter("email", f"p{n}@example.com", "1", "test", f"Letter {n}", "Hello.") for n in range(count))


def test_an_event_becomes_letters_to_everybody_it_concerns(people: Store) -> None:
    nora = people.get_person("nora")
    announce(people, AccessRequested(organisation=people.get_organisation("318822"), by=nora))
    [mail] = people.list_mails(people.get_person("rita"))
    assert (mail.recipient, mail.state, mail.org_id) == ("rita@platform.example", "waiting", "platform")
    assert "https://portal.example/organization" in mail.body
    assert "318822" in mail.body


def test_mail_is_written_if_and_only_if_the_event_is(people: Store) -> None:
    event = AccessGranted(organisation=people.get_organisation("318822"), by=people.get_person("rita"))

    def announce_and_fail() -> None:
        with people._write() as connection:
            announce(people, event, within=connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        announce_and_fail()
    assert people.count_mails(people.get_person("rita")) == 0
    with people._write() as connection:
        announce(people, event, within=connection)
    assert people.count_mails(people.get_person("rita")) == 2


def test_everybody_reads_their_own_mail_and_reviewers_all_of_it(people: Store) -> None:
    event = Commented(integration_id="x", org_id="214507", name="Acme", by=people.get_person("rita"), text="Why?")
    announce(people, event)
    announce(people, AccessGranted(organisation=people.get_organisation("318822"), by=people.get_person("rita")))

    def read(who: str) -> set[str]:
        person = people.get_person(who)
        mails = people.list_mails(person)
        assert len(mails) == people.count_mails(person)
        return {mail.recipient for mail in mails}

    assert read("pat") == {"pat@acme.example"}
    assert read("alex") == set()
    assert read("carl") == {"carl@larkspur.example"}
    assert read("rita") == {"pat@acme.example", "nora@larkspur.example", "carl@larkspur.example"}


def test_without_a_mail_server_letters_are_kept_from_the_start(people: Store, later: Later) -> None:
    people.correspondence = Correspondence()
    post_some(people, 1)
    [mail] = people.list_mails(people.get_person("rita"))
    assert mail.state == "kept"
    assert people.claim_mail(later()) is None


def test_a_letter_is_claimed_by_one_of_many(people: Store, open_store: Callable[..., Store], later: Later) -> None:
    post_some(people, 30)
    stores = [people, *(open_store() for _ in range(3))]

    def claim_all(store: Store) -> list[str]:
        found = []
        while (mail := store.claim_mail(later())) is not None:
            found.append(mail.id)
        return found

    with ThreadPoolExecutor(len(stores)) as pool:
        claimed = [mail for found in pool.map(claim_all, stores) for mail in found]
    assert len(claimed) == len(set(claimed)) == 30


def test_a_letter_of_a_process_that_died_is_free_again(people: Store, later: Later) -> None:
    post_some(people, 1)
    first = people.claim_mail(later())
    assert first is not None
    assert people.claim_mail(later(CLAIM.total_seconds() - 1)) is None
    again = people.claim_mail(later(CLAIM.total_seconds()))
    assert again is not None
    assert (again.id, again.attempts) == (first.id, 2)


def test_what_is_decided_about_a_letter_stays(people: Store, later: Later) -> None:
    post_some(people, 1)
    mail = people.claim_mail(later())
    assert mail is not None
    people.mark_sent(mail.id, later())
    people.mark_unsent(mail.id, "Too late.", None)
    [mail] = people.list_mails(people.get_person("rita"))
    assert (mail.state, mail.fault, mail.sent_at) == ("sent", "", datetime(2026, 3, 1, 13, 0, tzinfo=UTC))
