"""The partner's last step: checks, submission, internal release, comments, versions, and what others may not see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.portal import Store
from core.portal.demo import DEMO_ORG
from core.portal.review import process
from core.portal.review.comments import add_comment, list_comments
from pages.parts.review import due
from tests.pages.conftest import OpenPage
from tests.pages.submitting import approved, example, labels, pat, press, proven, rita, shown, submitted


def state(store: Store, integration_id: str) -> str:
    return store.get(DEMO_ORG, integration_id).state


def require_workspace(store: Store, integration_id: str) -> None:
    """A new required field, as a partner adds it under Configure."""
    stored = store.get(DEMO_ORG, integration_id)
    stored.document["custom_fields"].append({"variable": "workspace_id", "display_name": "Workspace $ID"})
    stored.document["endpoints"]["add_users"]["url"] += "?w=$workspace_id"
    store.save(DEMO_ORG, integration_id, stored.revision, stored.document, by=pat(store))


def test_what_was_not_tested_cannot_be_submitted_and_the_page_leads_to_the_test(
    store: Store, open_page: OpenPage
) -> None:
    page = open_page("submit", example(store).id)

    assert page.button(key="submit").disabled
    assert "Tests: 3 things to fix".replace("Tests", "**Tests**") in shown(page)
    assert "3 things above are to fix first." in shown(page)


def test_a_tested_draft_is_submitted_with_its_account_and_its_note(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    proven(store, draft)
    page = open_page("submit", draft)
    page.text_area(key=f"account_access-{draft}").input("Sign in as review").run()
    page.text_area(key=f"submit_note-{draft}").input("Our first $one$").run()
    press(page, "Submit for review")

    assert state(store, draft) == "submitted"
    account = store.test_account(rita(store), draft, 1)
    assert account["access"] == "Sign in as review"
    assert account["fields"] == (store.get_test_settings(DEMO_ORG, draft) or {})["fields"]
    assert "Release 1 waits for review" in shown(page)
    assert "Our first $one$" in shown(page)
    assert "Submit for review" not in labels(page)


def test_the_secrets_of_the_test_account_are_not_on_the_page(store: Store, open_page: OpenPage) -> None:
    draft = example(store)
    token = (store.get_test_settings(DEMO_ORG, draft.id) or {})["fields"]["bearer_token"]
    page = open_page("submit", draft.id)

    assert token not in str(page.main)
    assert "Bearer Token: ••••••••" in shown(page)


def test_what_the_account_lacks_is_an_error_until_it_is_filled_in(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    require_workspace(store, draft)
    proven(store, draft)
    page = open_page("submit", draft)
    assert page.button(key="submit").disabled
    assert "Test account › Workspace $ID" in shown(page)

    settings = (store.get_test_settings(DEMO_ORG, draft) or {})["fields"]
    page.text_input(key=f"account-bearer_token-{draft}").input(settings["bearer_token"]).run()
    page.text_input(key=f"account-workspace_id-{draft}").input("W-1").run()
    assert not page.button(key="submit").disabled


def test_a_draft_that_changed_in_another_window_is_not_submitted_unseen(store: Store, open_page: OpenPage) -> None:
    draft = example(store)
    proven(store, draft.id)
    page = open_page("submit", draft.id)
    draft.document["summary"] = "Another line"
    store.save(DEMO_ORG, draft.id, draft.revision, draft.document)
    press(page, "Submit for review")
    assert "The draft was changed meanwhile." in shown(page)
    assert state(store, draft.id) == "draft"

    press(page, "Submit for review")
    assert store.list_releases(pat(store), draft.id)[0].document["summary"] == "Another line"


def test_an_internal_release_is_made_and_ended(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    page = open_page("submit", draft)
    press(page, "Release internally")
    assert state(store, draft) == "released_internally"
    assert "Your organization has release 1" in shown(page)
    assert "Release internally" not in labels(page), "the same draft would be released again"

    press(page, "End internal release")
    assert state(store, draft) == "draft"


def test_a_draft_with_mistakes_is_not_released_and_the_page_says_which(store: Store, open_page: OpenPage) -> None:
    draft = example(store)
    draft.document["endpoints"]["add_users"]["payload"] = '{"ids": $itmes}'
    store.save(DEMO_ORG, draft.id, draft.revision, draft.document)
    page = open_page("submit", draft.id)
    press(page, "Release internally")

    assert state(store, draft.id) == "draft"
    assert any("itmes" in str(error.value) for error in page.error)


def test_a_submission_is_withdrawn_with_a_reason_that_stays_in_the_timeline(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    submitted(store, draft)
    page = open_page("submit", draft)
    press(page, "Withdraw")
    page.text_area(key="reason-withdraw").input("The host moves").run()
    press(page, "Withdraw")

    assert state(store, draft) == "withdrawn"
    assert "The host moves" in shown(page)


def test_what_the_reviewer_asks_for_stands_first_and_literally(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    submitted(store, draft)
    process.start_review(store, rita(store), draft, 1)
    process.request_changes(store, rita(store), draft, 1, reason="Hash $email$ and ![](https://evil.example/x)")
    page = open_page("submit", draft)

    assert "Rita Alvarez asks for changes to release 1" in str(page.warning[0].value)
    assert any("Hash $email$ and ![]" in text.value for text in page.text)
    assert not any("![](" in str(markdown.value) for markdown in page.markdown)
    assert "Submit for review" in labels(page)


def test_both_sides_comment_in_threads(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    submitted(store, draft)
    said = add_comment(store, rita(store), draft, "Take a hash", place="endpoints.add_users.payload")
    page = open_page("submit", draft)
    assert "Add users › Payload · release 1" in shown(page)

    page.session_state[f"answering_{said.id}"] = True
    page.run()
    page.text_area(key=f"answer_text_{said.id}").input("We will")
    press(page, "Send answer")
    [thread] = list_comments(store, pat(store), draft)
    assert [answer.text for answer in thread.replies] == ["We will"]

    press(page, "Resolve")
    assert list_comments(store, pat(store), draft)[0].resolved


def test_an_edit_after_approval_tells_what_it_changes_for_customers(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    approved(store, draft)
    require_workspace(store, draft)
    page = open_page("submit", draft)
    assert "A new version is being drafted. Customers stay on release 1." in shown(page)
    assert "Deployed" in shown(page)

    page.session_state[f"submit_tabs-{draft}"] = "Releases"
    page.run()
    assert not page.exception
    assert "**Customers must act** (" in shown(page)
    assert "Custom field Workspace $ID" in shown(page)


def test_customers_get_the_earlier_release_again_in_one_step(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    approved(store, draft)
    require_workspace(store, draft)
    approved(store, draft, workspace_id="W-1")
    page = open_page("submit", draft)
    press(page, "Roll back to release 1")
    page.text_area(key="reason-roll_back-1").input("The field confuses customers").run()
    press(page, "Roll back")

    assert store.get(DEMO_ORG, draft).deployed_release == 1


def test_an_earlier_revision_comes_back_as_a_new_one(store: Store, open_page: OpenPage) -> None:
    draft = example(store)
    before = draft.document["summary"]
    store.save(DEMO_ORG, draft.id, draft.revision, {**draft.document, "summary": "Another line"})
    page = open_page("submit", draft.id)
    page.session_state[f"submit_tabs-{draft.id}"] = "Revisions"
    page.run()
    press(page, "Go back to revision 1")

    latest = store.get(DEMO_ORG, draft.id)
    assert (latest.document["summary"], latest.revision) == (before, 3)


def test_the_list_says_which_state_each_is_in_and_what_customers_have(store: Store, open_page: OpenPage) -> None:
    draft = example(store)
    approved(store, draft.id)
    assert "green-badge[Approved]" in shown(open_page())

    store.save(DEMO_ORG, draft.id, draft.revision, {**draft.document, "summary": "Second edition"}, by=pat(store))
    process.release_internally(store, pat(store), draft.id)
    said = shown(open_page())
    assert "blue-badge[Released internally]" in said
    assert "green-badge[Deployed]" in said


def test_an_integration_that_customers_have_is_not_deleted(store: Store, open_page: OpenPage) -> None:
    draft = example(store).id
    approved(store, draft)
    page = open_page()
    page.session_state["open_window"] = {"kind": "delete", "about": draft}
    page.run()
    press(page, "Delete")

    assert "Deprecate it first." in shown(page)
    assert state(store, draft) == "approved"


@pytest.mark.parametrize("name", ["setup", "configure", "test", "submit"])
@pytest.mark.parametrize("acting", ["alex", "carl", "nora", "rita"])
def test_nobody_but_the_partners_of_the_organisation_opens_a_step(
    store: Store, open_page: OpenPage, name: str, acting: str
) -> None:
    draft = example(store)
    submitted(store, draft.id)
    page = open_page(name, draft.id, acting=acting)

    assert "This page is not yours to open" in shown(page)
    assert draft.document["summary"] not in shown(page)


def test_a_partner_of_another_organisation_does_not_even_learn_that_it_exists(
    store: Store, open_page: OpenPage
) -> None:
    draft = example(store)
    store.update_organisation("318822", {"access": "granted"})
    theirs = open_page("submit", draft.id, acting="nora")
    nowhere = open_page("submit", "A" * len(draft.id), acting="nora")

    assert "Choose an integration first" in shown(theirs)
    assert shown(theirs) == shown(nowhere)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (timedelta(days=7), "due in 7 days"),
        (timedelta(days=6, hours=1), "due in 7 days"),
        (timedelta(hours=2), "due within a day"),
        (timedelta(hours=-2), "late by hours"),
        (timedelta(days=-3), "3 days late"),
    ],
)
def test_when_an_answer_is_due_is_said_in_days(after: timedelta, words: str) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert due.expected(now + after, now) == words
