"""What partners and reviewers say to each other."""

from __future__ import annotations

import pytest

from core.errors import InputError, NotFoundError
from core.portal.review import add_comment, list_comments, resolve_comment
from tests.portal.review.world import World


def test_a_thread_goes_back_and_forth_and_is_resolved_as_one(world: World):
    made = world.integration()
    world.in_review(made)
    store, place = world.store, "endpoints.add_users.url"
    asked = add_comment(store, world.reviewer, made, " Why this host? ", place=place)
    answer = add_comment(store, world.partner, made, "It is our new one.", parent_id=asked.id)
    add_comment(store, world.reviewer, made, "Fine.", parent_id=answer.id)
    add_comment(store, world.partner, made, "In general.")
    thread, general = list_comments(store, world.partner, made)
    assert (thread.text, thread.place, thread.role, thread.release) == ("Why this host?", place, "reviewer", 1)
    assert [(one.text, one.place) for one in thread.replies] == [("It is our new one.", place), ("Fine.", place)]
    assert (general.place, general.replies) == ("", ())
    resolve_comment(store, world.partner, made, answer.id)
    thread = list_comments(store, world.reviewer, made, place=place)[0]
    assert (thread.resolved, thread.resolved_by) == (True, "Pat")
    add_comment(store, world.reviewer, made, "No, wait.", parent_id=thread.id)
    assert not list_comments(store, world.reviewer, made)[0].resolved


def test_the_other_side_is_told(world: World):
    made = world.integration()
    world.submitted(made)
    for writer, told in ((world.partner, world.reviewer), (world.reviewer, world.partner)):
        add_comment(world.store, writer, made, f"From {writer.name}.")
        mails = [mail for mail in world.store.list_mails(world.reviewer) if mail.kind == "commented"]
        of_this = [mail.recipient for mail in mails if f"From {writer.name}." in mail.body]
        assert told.email in of_this
        assert writer.email not in of_this


def test_the_mail_names_the_place_as_the_pages_do(world: World):
    made = world.integration()
    world.submitted(made)
    add_comment(world.store, world.reviewer, made, "Why?", place="endpoints.add_users.url")
    newest = next(mail for mail in world.store.list_mails(world.reviewer) if mail.kind == "commented")
    assert newest.subject.endswith(" commented on Add users › URL")


@pytest.mark.parametrize("text", ["", " \n ", "x" * 10_001])
def test_an_empty_or_endless_comment_is_refused(world: World, text: str):
    made = world.integration()
    with pytest.raises(InputError):
        add_comment(world.store, world.partner, made, text)
    assert list_comments(world.store, world.partner, made) == []


def test_a_comment_of_another_integration_cannot_be_answered_or_resolved_here(world: World):
    mine, another = world.integration(), world.integration(display_name="Beta")
    elsewhere = add_comment(world.store, world.partner, another, "There.")
    with pytest.raises(NotFoundError):
        add_comment(world.store, world.partner, mine, "Here.", parent_id=elsewhere.id)
    with pytest.raises(NotFoundError):
        resolve_comment(world.store, world.partner, mine, elsewhere.id)


def test_what_partners_said_before_a_submission_stays_among_them(world: World):
    made = world.integration()
    early = add_comment(world.store, world.partner, made, "To ourselves.")
    world.submitted(made)
    answer = add_comment(world.store, world.partner, made, "Still to ourselves.", parent_id=early.id)
    assert list_comments(world.store, world.reviewer, made) == []
    assert len(list_comments(world.store, world.partner, made)[0].replies) == 1
    for hidden in (early, answer):
        with pytest.raises(NotFoundError):
            add_comment(world.store, world.reviewer, made, "I see.", parent_id=hidden.id)
        with pytest.raises(NotFoundError):
            resolve_comment(world.store, world.reviewer, made, hidden.id)
    mails = [mail for mail in world.store.list_mails(world.reviewer) if mail.kind == "commented"]
    assert not [mail for mail in mails if mail.recipient.endswith("@platform.io")]
