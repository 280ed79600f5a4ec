"""Who is told of what, and in which words; without a store."""

from __future__ import annotations

import dataclasses
import typing
from datetime import UTC, datetime

import pytest

from core.portal.mail import events as e
from core.portal.mail.letters import Circle, Letter, letters
from core.portal.people import Organisation, Person

ACME = Organisation("1", "Acme Labs", "growth", "granted")
PAT = Person("pat", "1", "Pat Summers", "pat@acme.example", "partner")
PIA = Person("pia", "1", "Pia Stone", "pia@acme.example", "partner")
ALEX = Person("alex", "1", "Alex Moreau", "alex@acme.example", "customer")
RITA = Person("rita", "platform", "Rita Alvarez", "rita@platform.example", "reviewer")
RON = Person("ron", "platform", "Ron Beck", "ron@platform.example", "reviewer")
CARL = Person("carl", "2", "Carl Okafor", "carl@larkspur.example", "customer")
CIRCLE = Circle("Acme Labs", (PAT, PIA, ALEX), (RITA, RON), (CARL,))
DUE = datetime(2026, 3, 8, tzinfo=UTC)


def event(kind: type[e.IntegrationEvent], by: Person, **more: object) -> e.Event:
    return typing.cast(e.Event, kind(integration_id="abc", org_id="1", name="Acme Messaging", by=by, release=2, **more))


EVENTS: dict[str, tuple[e.Event, set[Person]]] = {
    "submitted": (event(e.Submitted, PAT, due_at=DUE, note="Hello."), {RITA, RON, PAT, PIA}),
    "withdrawn": (event(e.Withdrawn, PAT), {RITA, RON, PIA}),
    "review started": (event(e.ReviewStarted, RITA), {PAT, PIA}),
    "changes requested": (event(e.ChangesRequested, RITA, reason="Classify 429."), {PAT, PIA}),
    "approved first": (event(e.Approved, RITA), {PAT, PIA}),
    "approved again": (event(e.Approved, RITA, changes=("A new field is required.",)), {PAT, PIA, CARL}),
    "rejected": (event(e.Rejected, RITA, reason="Not a cohort API."), {PAT, PIA}),
    "deprecated": (event(e.Deprecated, PAT, reason="Use v2."), {PIA, CARL}),
    "restored": (event(e.Restored, RITA), {PAT, PIA, CARL}),
    "rolled back": (event(e.RolledBack, PAT, reason="Release 3 loses members."), {PIA, CARL}),
    "comment of a partner": (event(e.Commented, PAT, text="Done."), {PIA, RITA, RON}),
    "comment of a reviewer": (event(e.Commented, RITA, text="Why?", place="Add users › URL"), {PAT, PIA, RON}),
    "comment before submission": (event(e.Commented, PAT, text="Ours.", reviewers_see=False), {PIA}),
    "access requested": (e.AccessRequested(organisation=ACME, by=PAT), {RITA, RON}),
    "access granted": (e.AccessGranted(organisation=ACME, by=RITA), {PAT, PIA, ALEX}),
    "access refused": (e.AccessRefused(organisation=ACME, by=RITA, reason="No NDA."), {PAT, PIA, ALEX}),
    "person added": (e.PersonAdded(person=ALEX, organisation=ACME, by=PAT), {ALEX}),
    "sync failed": (
        e.SyncFailed(
            org_id="1", sync_id="s", cohort="Power users", destination="Mail", reason="401", remedy="New key."
        ),
        {PAT, PIA, ALEX},
    ),
    "sync recovered": (
        e.SyncRecovered(org_id="1", sync_id="s", cohort="Power users", destination="Mail"),
        {PAT, PIA, ALEX},
    ),
}


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_reaches_exactly_those_it_concerns_once(name: str) -> None:
    what, whom = EVENTS[name]
    written = letters(what, CIRCLE, "https://portal.example")
    assert sorted(letter.recipient for letter in written) == sorted(person.email for person in whom)


def test_every_event_there_is_has_its_words() -> None:
    assert {type(what) for what, _ in EVENTS.values()} == set(typing.get_args(e.Event))


@pytest.mark.parametrize("name", EVENTS)
def test_a_letter_links_to_where_the_reader_goes_next_or_tells_the_way(name: str) -> None:
    what, _ = EVENTS[name]
    for letter in letters(what, CIRCLE, "https://portal.example"):
        assert "https://portal.example/" in letter.body
    for letter in letters(what, CIRCLE):
        assert "http" not in letter.body
        assert "In the Developer Portal: " in letter.body


def test_reasons_and_notes_are_quoted_whole() -> None:
    [letter, _] = letters(event(e.ChangesRequested, RITA, reason="First.\n\nSecond: $429"), CIRCLE)
    assert "> First.\n>\n> Second: $429" in letter.body


def test_what_somebody_typed_cannot_pass_for_the_portals_own_words() -> None:
    text = "Fine.\n\nDeveloper Portal\n\nPay here: https://evil.example"
    for letter in letters(event(e.Commented, PAT, text=text), CIRCLE):
        assert "\n> Pay here" in letter.body
        assert "\nPay here" not in letter.body


HOSTILE = "Acme\r\nBcc: victim@example.com\x00\u202e\ud800"


def test_no_name_breaks_out_of_the_subject() -> None:
    hostile = dataclasses.replace(EVENTS["submitted"][0], name=HOSTILE)  # type: ignore[type-var]
    for letter in letters(hostile, CIRCLE):
        assert letter.subject.isprintable()
        assert len(letter.subject) <= 150
        letter.body.encode("utf-8")
        assert not set(letter.body) & set("\x00\r\u202e")


def test_an_organisations_name_cannot_add_a_line_to_a_letter() -> None:
    circle = dataclasses.replace(CIRCLE, name="Acme\n\nPay here")
    for letter in letters(EVENTS["submitted"][0], circle):
        assert "\nPay here" not in letter.body


def test_slack_is_told_of_submissions_and_requests_only_when_it_is_set_up() -> None:
    def to_slack(what: e.Event, slack: bool) -> list[Letter]:
        return [
            letter for letter in letters(what, CIRCLE, "https://p.example", slack=slack) if letter.channel == "slack"
        ]

    told = {name for name, (what, _) in EVENTS.items() if to_slack(what, True)}
    assert told == {"submitted", "access requested"}
    assert not any(to_slack(what, False) for what, _ in EVENTS.values())
    [line] = to_slack(EVENTS["submitted"][0], True)
    assert line.body == (
        "Pat Summers of Acme Labs submitted Acme Messaging (release 2) for review. https://p.example/submission?id=abc"
    )
