"""The reviewer's journey: the queue, one submission, its decision; and who is kept out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.portal import Store
from core.portal.database import utc_now
from core.portal.demo import DEMO_ORG
from core.portal.review import process
from core.portal.review.comments import list_comments
from core.portal.tables import releases
from tests.pages.conftest import OpenPage
from tests.pages.submitting import (
    ACCESS,
    approved,
    example,
    labels,
    pat,
    press,
    rita,
    shown,
    submitted,
)


def test_an_empty_queue_says_what_will_stand_there(open_page: OpenPage) -> None:
    assert "Nothing waits for review" in shown(open_page("review", acting="rita"))


def test_the_queue_tells_who_submitted_what_and_late_ones_stand_out(store: Store, open_page: OpenPage) -> None:
    late, fresh = example(store).id, example(store, "Beacon").id
    submitted(store, late)
    submitted(store, fresh)
    with store._write() as connection:
        ago = utc_now() - timedelta(days=9)
        connection.execute(update(releases).where(releases.c.integration_id == late).values(submitted_at=ago))
    page = open_page("review", acting="rita")

    assert [metric.value for metric in page.metric] == ["2", "0", "1"]
    assert "Acme Labs (214507) · Messaging · release 1" in shown(page)
    assert "2 days late" in shown(page)
    assert "due in 7 days" in shown(page)


def test_a_review_ends_with_the_approval_that_deploys(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    submitted(store, draft, note="See the $host$")
    page = open_page("submission", draft, acting="rita")
    assert "See the $host$" in shown(page)
    assert labels(page).count("Approve and deploy") == 0

    press(page, "Start the review")
    press(page, "Approve and deploy")
    page.text_area(key="reason-approve").input("Exemplary").run()
    press(page, "Approve and deploy")
    stored = store.get(DEMO_ORG, draft)
    assert (stored.state, stored.deployed_release) == ("approved", 1)
    assert "Exemplary" in shown(page)


@pytest.mark.parametrize(("button", "state"), [("Request changes", "changes_requested"), ("Reject", "rejected")])
def test_what_is_not_approved_needs_a_reason(store: Store, open_page: OpenPage, button: str, state: str) -> None:
    draft = example(store).id
    submitted(store, draft)
    process.start_review(store, rita(store), draft, 1)
    page = open_page("submission", draft, acting="rita")
    press(page, button)
    press(page, button)
    assert "Say why" in shown(page)
    assert store.get(DEMO_ORG, draft).state == "in_review"

    page.text_area(key=f"reason-{'reject' if button == 'Reject' else 'request_changes'}").input("No HTTPS").run()
    press(page, button)
    assert store.get(DEMO_ORG, draft).state == state


def test_of_two_reviewers_the_second_is_told_that_it_is_decided(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    submitted(store, draft)
    process.start_review(store, rita(store), draft, 1)
    page = open_page("submission", draft, acting="rita")
    press(page, "Approve and deploy")
    process.reject(store, rita(store), draft, 1, reason="Out of scope")
    [*_, confirm] = [button for button in page.button if button.label == "Approve and deploy"]
    confirm.click().run()

    assert not page.exception
    assert store.get(DEMO_ORG, draft).state == "rejected"
    assert "Out of scope" in shown(page)


def test_the_reviewer_sees_what_was_submitted_and_not_the_draft_of_now(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    submitted(store, draft)
    stored = store.get(DEMO_ORG, draft)
    store.save(DEMO_ORG, draft, stored.revision, {**stored.document, "summary": "Not handed in yet"})
    page = open_page("submission", draft, acting="rita")

    assert str(stored.document["summary"]) in shown(page)
    assert "Not handed in yet" not in str(page.main)


@pytest.mark.parametrize("tab", ["Configuration", "Checks", "Evidence", "Run tests", "Compare", "Comments"])
def test_every_tab_opens_and_none_shows_a_secret_of_the_test_account(
    store: Store, open_page: OpenPage, tab: str
) -> None:
    draft = example(store).id
    token = (store.get_test_settings(DEMO_ORG, draft) or {})["fields"]["bearer_token"]
    submitted(store, draft)
    page = open_page("submission", draft, acting="rita")
    page.session_state[f"submission_tabs-{draft}"] = tab
    page.run()

    assert not page.exception
    assert not page.error
    assert token not in str(page.main)
    assert ACCESS not in str(page.main)


def test_how_to_see_the_result_is_shown_when_asked_for(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    submitted(store, draft)
    page = open_page("submission", draft, acting="rita")
    page.toggle(key=f"reveal_access-{draft}").set_value(True).run()

    assert ACCESS in [text.value for text in page.text]


def test_a_comment_on_a_field_reaches_the_partner(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    submitted(store, draft)
    page = open_page("submission", draft, acting="rita")
    page.button(key="comment_on_endpoints-add_users").click().run()
    page.text_area(key="window_text-endpoints.add_users").input("Why 10,000 users?")
    page.button(key="FormSubmitter:window_comment-Comment").click().run()

    assert not page.exception
    [thread] = list_comments(store, pat(store), draft)
    assert (thread.place, thread.text) == ("endpoints.add_users", "Why 10,000 users?")


def test_a_new_release_is_compared_with_what_customers_have(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    approved(store, draft)
    stored = store.get(DEMO_ORG, draft)
    url = stored.document["endpoints"]["add_users"]["url"].replace("api.", "eu.")
    stored.document["endpoints"]["add_users"]["url"] = url
    store.save(DEMO_ORG, draft, stored.revision, stored.document)
    submitted(store, draft)
    page = open_page("submission", draft, acting="rita")
    page.session_state[f"submission_tabs-{draft}"] = "Compare"
    page.run()

    assert "What release 2 changes for customers who have release 1" in shown(page)
    assert "Add users › Host" in shown(page)


def test_an_earlier_release_is_looked_at_but_not_decided_on(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    approved(store, draft)
    stored = store.get(DEMO_ORG, draft)
    store.save(DEMO_ORG, draft, stored.revision, {**stored.document, "summary": "Second edition"})
    submitted(store, draft)
    page = open_page("submission", draft, acting="rita", release="1")

    assert "You are looking at release 1. The newest is 2." in shown(page)
    assert "Start the review" not in labels(page)
    assert "Second edition" not in shown(page)


def test_the_reviewer_runs_the_tests_with_the_partners_account(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    submitted(store, draft)
    page = open_page("submission", draft, acting="rita")
    page.session_state[f"submission_tabs-{draft}"] = "Run tests"
    page.run()
    assert "lacks these" not in shown(page)
    press(page, "Run end to end")

    [run] = store.review_runs(rita(store), draft)
    assert (run.kind, run.summary["release"], run.summary["target"]) == ("review", 1, "sandbox")


@pytest.mark.parametrize("name", ["review", "submission"])
@pytest.mark.parametrize("acting", ["pat", "alex", "nora", "carl"])
def test_only_reviewers_open_the_review(store: Store, open_page: OpenPage, name: str, acting: str) -> None:
    draft = example(store)
    submitted(store, draft.id)
    page = open_page(name, draft.id, acting=acting)

    assert "This page is not yours to open" in shown(page)
    assert str(draft.document["display_name"]) not in shown(page)


@pytest.mark.parametrize("release", ["", "1", "2", "0", "-1", "one", "9" * 40])
def test_what_was_never_submitted_is_not_there_for_a_reviewer(store: Store, open_page: OpenPage, release: str) -> None:
    draft = example(store)
    process.release_internally(store, pat(store), draft.id)
    page = open_page("submission", draft.id, acting="rita", release=release)

    assert "There is no such submission" in shown(page)
    assert str(draft.document["summary"]) not in shown(page)
