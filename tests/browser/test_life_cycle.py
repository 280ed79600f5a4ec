"""The whole life of an integration, in the windows of those who live it: from an organisation without the Developer
Portal to a scheduled sync that sends only the difference, past a killed server; mail goes to a real server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import mail_server
import pytest
from driver import ROOT, NewPage, Record, Servers, ready
from mail_server import MailServer
from playwright.sync_api import Locator, Page, expect

NAME = "Acme Messaging (copy)"
COHORT = "Loyal readers"
NORA, RITA, CARL = "nora@larkspur.example", "rita@platform.example", "carl@larkspur.example"
BEFORE = [f"reader-{number:02}" for number in range(40)]
LEFT, JOINED = BEFORE[:3], [f"reader-{number}" for number in range(40, 45)]
NOW = [*BEFORE[3:], *JOINED]
TOKEN = "northwind_0123456789"
PATIENCE = 60_000


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Four people and a scheduler share one server here."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server.running() as listening:
        yield listening


def test_from_no_access_to_a_sync_of_the_difference(
    servers: Servers, new_page: NewPage, mail: MailServer, record: Record
) -> None:
    ways_out = {"PORTAL_SMTP_URL": mail.url, "PORTAL_PUBLIC_URL": "{address}"}
    portal = servers.start(ROOT / "app.py", environ=ways_out)
    windows = {person: new_page() for person in ("nora", "rita", "carl")}
    for person, page in windows.items():
        page.set_default_timeout(PATIENCE)
        visit(page, f"{portal}/?as={person}")
    nora, rita, carl = windows.values()

    gets_the_portal(nora, rita, mail)
    integration = tries_an_example(nora)
    submits(nora, note="The first version.")
    asks_for_changes(rita, mail)
    changes_and_answers(nora, mail)
    submits(nora, note="", release=2)
    visit(carl, f"{portal}/destination?as=carl&id={integration}")
    expect(carl.get_by_role("heading", name="There is no such destination")).to_be_visible()
    approves(rita)
    expect_letters(mail)

    connection = connects(carl)
    cohort = adds_a_cohort(carl)
    sync = syncs(carl)
    expect_run(carl, added=40, removed=0)
    assert sent(carl) == [("/v1/lists", []), ("/v1/lists/L1/add", BEFORE)]

    servers.restart(portal)

    uploads_the_next_snapshot(carl, f"{portal}/cohorts?as=carl&cohort={cohort}")
    visit(carl, f"{portal}/sync?as=carl&id={sync}")
    expect_run(carl, added=40, removed=0)
    carl.get_by_role("button", name="Sync now").click()
    expect_run(carl, added=5, removed=3)
    assert sent(carl) == [("/v1/lists/L1/add", JOINED), ("/v1/lists/L1/remove", LEFT)]
    deliveries = carl.locator(".st-key-run_detail table tbody")
    expect(deliveries).to_contain_text(re.compile("Add users.*add.*5.*200.*Remove users.*remove.*3.*200"))

    other = new_page()
    other.set_default_timeout(PATIENCE)
    for ending, path in (
        ("Go to your syncs", f"sync?as=alex&id={sync}"),
        ("Go to your cohorts", f"cohorts?as=alex&cohort={cohort}"),
        ("Connect", f"destination?as=alex&id={integration}&connection={connection}"),
        ("Go to your integrations", f"submit?as=pat&id={integration}"),
    ):
        address = f"{portal}/{path}"
        assert shown(other, address, ending) == shown(other, f"{address[:-2]}zz", ending), path
    for step in ("setup", "configure", "test"):
        shown(other, f"{portal}/{step}?as=pat&id={integration}", "Choose an integration first")
    assert NAME not in shown(other, f"{portal}/submission?as=pat&id={integration}", "This page is not yours to open")
    assert record.external == []


def gets_the_portal(nora: Page, rita: Page, mail: MailServer) -> None:
    """A partner ticks what is settled and asks; a reviewer sees it and grants it."""
    expect(nora.get_by_role("checkbox", name="Plus plan or higher")).to_be_checked()
    nora.get_by_text("Partner application", exact=True).click()
    expect(nora.get_by_text("Not settled yet: NDA and partner agreement, Guide")).to_be_visible()
    nora.get_by_role("button", name="Ask for access").click()
    expect(nora.get_by_text("Access requested")).to_be_visible()
    expect(nora.get_by_role("button", name="Ask for access")).to_have_count(0)

    letter = mail.wait_for(RITA, "Larkspur Retail asks for the Developer Portal")
    visit(rita, f"{letter.link}?as=rita")
    request = rita.locator(".st-key-request_318822")
    expect(request).to_contain_text("Asked by Nora Lind")
    request.get_by_role("button", name="Grant access").click()
    expect(rita.get_by_text("Nobody is waiting for an answer.")).to_be_visible()
    menu(nora, "Integrations", "Integrations")


def tries_an_example(nora: Page) -> str:
    """The id of the draft that a partner makes of an example and tests in the sandbox."""
    nora.get_by_role("button", name="Use Acme Messaging").click()
    expect(nora.get_by_label("Display name", exact=True)).to_have_value(NAME)
    nora.get_by_role("link", name="Test", exact=True).click()
    nora.get_by_role("button", name="Run end to end").click()
    expect(nora.get_by_text("They are the same.")).to_be_visible()
    return value(nora, "id")


def submits(nora: Page, *, note: str, release: int = 1) -> None:
    """The partner hands the draft in, with an account for the reviewer to test with."""
    nora.locator(".st-key-page_steps").get_by_role("link", name="Submit").click()
    expect(nora.get_by_text("Tests: nothing stands in the way")).to_be_visible()
    fill(nora.get_by_label("How the reviewer sees the result", exact=True), "Sign in as review@acme.example.")
    expect(nora.get_by_text("Test account: the reviewer can connect and see the result.")).to_be_visible()
    if note:
        fill(nora.get_by_label("Note to the reviewer (optional)", exact=True), note)
    nora.get_by_role("button", name="Submit for review").click()
    expect(nora.get_by_text(f"Release {release} waits for review")).to_be_visible()


def asks_for_changes(rita: Page, mail: MailServer) -> None:
    """The reviewer follows the mail to the submission, takes it up, comments on a place and sends it back."""
    letter = mail.wait_for(RITA, f"{NAME} was submitted for review")
    assert "Nora Lind writes:\n> The first version." in letter.text
    visit(rita, f"{letter.link}&as=rita")
    takes_up(rita)
    rita.locator(".st-key-comment_on_description").get_by_role("button").click()
    comments = rita.get_by_role("dialog")
    fill(comments.get_by_label("New comment", exact=True), "Which plan does one need for it?")
    comments.get_by_role("button", name="Comment").click()
    expect(rita.get_by_role("tab", name="Comments (1)")).to_be_visible()

    rita.get_by_role("button", name="Request changes").click()
    window = rita.get_by_role("dialog")
    fill(window.get_by_label("What to change", exact=True), "Say which plan a customer needs.")
    window.get_by_role("button", name="Request changes").click()
    expect(window).to_have_count(0)
    expect(rita.get_by_text("Changes requested", exact=True).first).to_be_visible()


def takes_up(rita: Page) -> None:
    rita.get_by_role("button", name="Start the review").click()
    expect(rita.get_by_text("In review", exact=True)).to_be_visible()
    expect(rita.get_by_role("button", name="Start the review")).to_have_count(0)
    ready(rita)


def changes_and_answers(nora: Page, mail: MailServer) -> None:
    """The partner follows the mail, answers where the reviewer asked, and changes what was asked for."""
    letter = mail.wait_for(NORA, f"{NAME}: changes requested")
    assert "> Say which plan a customer needs." in letter.text
    visit(nora, f"{letter.link}&as=nora")
    expect(nora.get_by_text("Rita Alvarez asks for changes to release 1.")).to_be_visible()
    thread = nora.locator("[class*=st-key-thread_]")
    expect(thread).to_contain_text("Which plan does one need for it?")
    thread.get_by_text("Answer", exact=True).click()
    fill(thread.get_by_role("textbox"), "The Team plan; the description says so now.")
    thread.get_by_role("button", name="Send answer").click()
    expect(nora.locator("[class*=st-key-answer_to_]")).to_contain_text("The Team plan; the description says so now.")

    nora.locator(".st-key-page_steps").get_by_role("link", name="Set up").click()
    fill(nora.get_by_label("Description", exact=True), "Keeps a list in step with a cohort. Needs the Team plan.")
    expect(nora.locator(".st-key-details")).to_contain_text("Needs the Team plan.")


def approves(rita: Page) -> None:
    """The reviewer sees what is new since the first submission, and approves."""
    menu(rita, "Review", "Review")
    rita.get_by_role("link", name=NAME, exact=True).first.click()
    expect(rita.get_by_text("release 2", exact=True)).to_be_visible()
    takes_up(rita)
    rita.get_by_role("button", name="Approve and deploy").click()
    window = rita.get_by_role("dialog")
    window.get_by_role("button", name="Approve and deploy").click()
    expect(window).to_have_count(0)
    expect(rita.get_by_text("Approved", exact=True).first).to_be_visible()


def expect_letters(mail: MailServer) -> None:
    """Each side heard what the other did, once, in the order in which it happened."""
    mail.wait_for(NORA, f"{NAME} was approved and is deployed")
    assert mail.subjects_to(RITA) == [
        "Larkspur Retail asks for the Developer Portal",
        f"{NAME} was submitted for review",
        f"{NAME}: Nora Lind answered a comment on Description",
        f"{NAME} was submitted for review",
    ]
    assert mail.subjects_to(NORA) == [
        "You have access to the Developer Portal",
        f"{NAME} is on its way to review",
        f"The review of {NAME} has begun",
        f"{NAME}: Rita Alvarez commented on Description",
        f"{NAME}: changes requested",
        f"{NAME} is on its way to review",
        f"The review of {NAME} has begun",
        f"{NAME} was approved and is deployed",
    ]
    assert mail.subjects_to(CARL) == ["You have access to the Developer Portal"]


def connects(carl: Page) -> str:
    """The id of the connection that a customer makes to the new tile, to the sandbox."""
    menu(carl, "Destinations", "Destinations")
    carl.get_by_role("link", name=NAME).click()
    expect(carl.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    expect(carl.get_by_text("Needs the Team plan.")).to_be_visible()
    carl.get_by_role("button", name="Connect", exact=True).click()
    fill(carl.get_by_label("Bearer Token", exact=True), TOKEN)
    choose(carl, carl.get_by_label("User ID mapping", exact=True), "user_id")
    carl.get_by_role("radio", name="Sandbox").click(force=True)
    carl.get_by_role("button", name="Connect", exact=True).click()
    expect(carl.get_by_role("heading", name=f"Connected to {NAME}")).to_be_visible()
    saved = carl.locator("[class*=st-key-connection_]").first
    return re.findall(r"st-key-connection_([\w-]+)", str(saved.get_attribute("class")))[0]


def adds_a_cohort(carl: Page) -> str:
    """The id of the cohort that a customer makes of a file."""
    menu(carl, "Cohorts", "Cohorts")
    carl.get_by_role("button", name="Add cohort").click()
    window = carl.get_by_role("dialog")
    fill(window.get_by_label("Name", exact=True), COHORT)
    window.locator("input[type=file]").set_input_files(snapshot("monday.csv", BEFORE))
    window.get_by_role("button", name="Add cohort").click()
    expect(carl.get_by_role("heading", name=COHORT)).to_be_visible()
    expect(carl.get_by_text("40 rows", exact=True)).to_be_visible()
    return value(carl, "cohort")


def syncs(carl: Page) -> str:
    """The id of the sync that a customer makes: hourly."""
    menu(carl, "Syncs", "Syncs")
    carl.get_by_role("button", name="New sync").click()
    window = carl.get_by_role("dialog")
    choose(carl, window.get_by_label("Cohort", exact=True), f"{COHORT} · Mobile shop (402177)")
    choose(carl, window.get_by_label("Connection", exact=True), NAME)
    window.get_by_text("Hourly", exact=True).click()
    window.get_by_role("button", name="Start syncing").click()
    expect(carl.get_by_role("heading", name=f"{COHORT} → {NAME}")).to_be_visible()
    expect(carl.locator(".st-key-fact_cadence")).to_contain_text("Hourly")
    expect(carl.locator(".st-key-fact_next_run")).to_contain_text(re.compile(r"in (1 h|\d+ min)"))
    return value(carl, "id")


def uploads_the_next_snapshot(carl: Page, address: str) -> None:
    visit(carl, address)
    carl.locator(".st-key-cohort_upload input[type=file]").set_input_files(snapshot("tuesday.csv", NOW))
    expect(carl.get_by_text("42 rows", exact=True)).to_be_visible()


def expect_run(carl: Page, *, added: int, removed: int) -> None:
    """What the page of a sync says of its newest run."""
    run = carl.locator(".st-key-run_detail")
    for label, count in (("Added", added), ("Removed", removed), ("Rejected", 0), ("Skipped", 0), ("Requests", 2)):
        metric = run.get_by_test_id("stMetric").filter(has_text=label)
        expect(metric.get_by_test_id("stMetricValue")).to_have_text(str(count))
    expect(run.get_by_text("Succeeded", exact=True)).to_be_visible()


def sent(carl: Page) -> list[tuple[str, list[str]]]:
    """The requests of the newest run, as its evidence has them: each path with the users in its body."""
    with carl.expect_download() as download:
        carl.get_by_role("button", name="Evidence (HAR)").click()
    text = Path(download.value.path()).read_text()
    assert TOKEN not in text
    requests = [entry["request"] for entry in json.loads(text)["log"]["entries"]]
    bodies = [json.loads(request["postData"]["text"]) for request in requests]
    return [
        (urlsplit(request["url"]).path, [user["userId"] for user in body.get("users", ())])
        for request, body in zip(requests, bodies, strict=True)
    ]


def shown(page: Page, address: str, words: str) -> str:
    """All that a page says at an address, once it says `words`."""
    visit(page, address)
    expect(page.get_by_role("main").get_by_text(words, exact=True)).to_be_visible()
    ready(page)
    return page.get_by_role("main").inner_text()


def visit(page: Page, address: str) -> None:
    page.goto(address)
    ready(page)


def menu(page: Page, link: str, heading: str) -> None:
    page.get_by_test_id("stHeader").get_by_role("link", name=link, exact=True).click()
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()


def value(page: Page, name: str) -> str:
    """A query parameter of the address that a page stands at."""
    return parse_qs(urlsplit(page.url).query)[name][0]


def fill(box: Locator, text: str) -> None:
    box.fill(text)
    box.blur()


def choose(page: Page, box: Locator, option: str) -> None:
    box.click()
    page.get_by_role("option", name=option, exact=True).click()


def snapshot(name: str, users: Sequence[str]) -> Any:
    rows = "".join(f"{user},{user}@readers.example\n" for user in users)
    return {"name": name, "mimeType": "text/csv", "buffer": f"user_id,email\n{rows}".encode()}
