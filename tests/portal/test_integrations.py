"""Integrations in the store: revisions, merged saves, names, copies, and what another organisation can see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest

from core.errors import ConflictError, DocumentError, NotFoundError
from core.portal import MISSING, Conflict, EditConflict, Saved, Store
from core.portal.integrations import REVISIONS_KEPT

DOCUMENT: dict[str, Any] = {
    "display_name": "Acme",
    "category": "messaging",
    "type": "list",
    "summary": "",
    "endpoints": {"add_users": {"url": "a"}},
}


def test_a_new_integration_is_a_draft_at_revision_one(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    assert (made.document, made.revision, made.state, made.logo) == (DOCUMENT, 1, "draft", None)
    assert made.created_at == made.updated_at
    assert made.created_at.tzinfo is UTC
    assert store.get("acme", made.id) == made


def test_ids_can_stand_in_a_url_and_differ(store: Store):
    ids = {store.create_integration("acme", DOCUMENT).id for _ in range(20)}
    assert len(ids) == 20
    assert all(len(each) == 16 and each.replace("-", "").replace("_", "").isalnum() for each in ids)


def test_the_list_shows_what_the_document_says_newest_first(store: Store):
    first = store.create_integration("acme", DOCUMENT)
    second = store.create_integration("acme", {**DOCUMENT, "display_name": "Beta", "type": "property"})
    store.create_integration("other", DOCUMENT)
    store.save("acme", first.id, 1, {**DOCUMENT, "category": "crm"})
    listed = store.list_integrations("acme")
    assert [(each.id, each.display_name, each.category, each.type, each.revision) for each in listed] == [
        (first.id, "Acme", "crm", "list", 2),
        (second.id, "Beta", "messaging", "property", 1),
    ]
    assert listed[0].created_at < listed[1].updated_at < listed[0].updated_at


def test_a_half_finished_document_is_listed(store: Store):
    store.create_integration("acme", {})
    assert store.list_integrations("acme")[0].display_name == ""


def test_everything_is_there_after_a_restart(store: Store, open_store: Callable[..., Store]):
    made = store.create_integration("acme", DOCUMENT)
    store.save("acme", made.id, 1, {**DOCUMENT, "summary": "s"})
    store.close()
    again = open_store().get("acme", made.id)
    assert (again.revision, again.document["summary"]) == (2, "s")


@pytest.mark.parametrize("text", ["$a ' \" \\ \0 \u2028", "😀 \ud83d lone", "x" * 1_000_000, "007", ""])
def test_any_text_comes_back_as_it_was_saved(store: Store, text: str):
    made = store.create_integration("acme", {"display_name": text, "summary": text})
    assert store.get("acme", made.id).document == {"display_name": text, "summary": text}
    assert store.list_integrations("acme")[0].display_name == text
    store.name_taken("acme", text)


def test_the_kind_of_a_value_and_the_order_of_keys_survive(store: Store):
    document = {"z": True, "a": [1, 1.0, None, "1"], "m": {}}
    made = store.create_integration("acme", document)
    assert repr(store.get("acme", made.id).document) == repr(document)


@pytest.mark.parametrize("bad", [float("nan"), object(), {1, 2}])
def test_what_json_cannot_hold_is_refused_and_changes_nothing(store: Store, bad: object):
    made = store.create_integration("acme", DOCUMENT)
    for attempt in (
        lambda: store.create_integration("acme", {"a": bad}),
        lambda: store.save("acme", made.id, 1, {"a": bad}),
    ):
        with pytest.raises(DocumentError, match="JSON"):
            attempt()
    assert store.list_integrations("acme")[0].revision == 1


def test_a_save_makes_a_revision_and_an_unchanged_document_makes_none(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    changed = {**DOCUMENT, "summary": "s"}
    assert store.save("acme", made.id, 1, changed) == Saved(2, changed, merged=False)
    before = store.get("acme", made.id)
    assert store.save("acme", made.id, 2, changed) == Saved(2, changed, merged=False)
    assert store.get("acme", made.id) == before
    assert store.revision("acme", made.id, 1) == DOCUMENT


def test_true_in_place_of_one_is_a_change(store: Store):
    made = store.create_integration("acme", {"a": 1})
    assert store.save("acme", made.id, 1, {"a": True}).revision == 2


def test_two_who_changed_different_things_both_keep_their_change(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    store.save("acme", made.id, 1, {**DOCUMENT, "summary": "theirs"})
    saved = store.save("acme", made.id, 1, {**DOCUMENT, "category": "crm"})
    both = {**DOCUMENT, "summary": "theirs", "category": "crm"}
    assert saved == Saved(3, both, merged=True)
    assert store.get("acme", made.id).document == both


def test_saving_an_old_document_that_i_did_not_change_gives_me_theirs(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    theirs = {**DOCUMENT, "summary": "theirs"}
    store.save("acme", made.id, 1, theirs)
    assert store.save("acme", made.id, 1, DOCUMENT) == Saved(2, theirs, merged=True)


def test_the_same_change_by_two_is_saved_once(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    both = {**DOCUMENT, "summary": "both"}
    store.save("acme", made.id, 1, both)
    assert store.save("acme", made.id, 1, both) == Saved(2, both, merged=False)


def test_a_conflict_is_refused_with_both_versions_at_hand(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    theirs = {**DOCUMENT, "summary": "theirs", "category": "crm"}
    mine = {**DOCUMENT, "summary": "mine", "type": "property"}
    store.save("acme", made.id, 1, theirs)
    with pytest.raises(EditConflict, match="Acme: One place") as caught:
        store.save("acme", made.id, 1, mine)
    assert isinstance(caught.value, ConflictError)
    assert caught.value.conflicts == (Conflict(("summary",), "mine", "theirs", ""),)
    assert caught.value.latest == store.get("acme", made.id)
    assert caught.value.latest.document == theirs
    assert caught.value.mine_kept == {**mine, "category": "crm"}


def test_keeping_mine_after_a_conflict_leaves_their_other_changes(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    store.save("acme", made.id, 1, {**DOCUMENT, "summary": "theirs", "category": "crm"})
    saved = store.save("acme", made.id, 1, {**DOCUMENT, "summary": "mine"}, overwrite=True)
    assert saved == Saved(3, {**DOCUMENT, "summary": "mine", "category": "crm"}, merged=True)


def test_keeping_mine_by_the_conflict_s_own_document_does_not_overwrite_what_came_since(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    store.save("acme", made.id, 1, {**DOCUMENT, "summary": "theirs"})
    with pytest.raises(EditConflict) as first:
        store.save("acme", made.id, 1, {**DOCUMENT, "summary": "mine"})
    store.save("acme", made.id, 2, {**DOCUMENT, "summary": "newer still"})
    with pytest.raises(EditConflict) as second:
        store.save("acme", made.id, first.value.latest.revision, first.value.mine_kept)
    assert second.value.conflicts == (Conflict(("summary",), "mine", "newer still", "theirs"),)


def test_a_key_that_they_deleted_and_i_changed_is_a_conflict(store: Store):
    made = store.create_integration("acme", {"a": 1, "b": 1})
    store.save("acme", made.id, 1, {"b": 1})
    with pytest.raises(EditConflict) as caught:
        store.save("acme", made.id, 1, {"a": 2, "b": 1})
    assert caught.value.conflicts == (Conflict(("a",), 2, MISSING, 1),)


@pytest.mark.parametrize("unknown", [0, -1, 99])
def test_a_base_that_is_not_kept_is_a_conflict_of_the_whole(store: Store, unknown: int):
    made = store.create_integration("acme", DOCUMENT)
    mine = {**DOCUMENT, "summary": "mine"}
    with pytest.raises(EditConflict) as caught:
        store.save("acme", made.id, unknown, mine)
    assert caught.value.conflicts == (Conflict((), mine, DOCUMENT, None),)
    assert store.save("acme", made.id, unknown, DOCUMENT) == Saved(1, DOCUMENT, merged=False)
    assert store.save("acme", made.id, unknown, mine, overwrite=True) == Saved(2, mine, merged=False)


def test_the_last_revisions_are_kept_and_older_ones_go(store: Store):
    made = store.create_integration("acme", {"n": 1})
    for number in range(2, REVISIONS_KEPT + 3):
        store.save("acme", made.id, number - 1, {"n": number})
    assert store.revision("acme", made.id, 3) == {"n": 3}
    with pytest.raises(NotFoundError, match="Revision 2"):
        store.revision("acme", made.id, 2)


def test_nothing_of_another_organisation_can_be_told_from_nothing(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    run = store.create_run("acme", made.id, "test", {})
    store.set_logo("acme", made.id, b"png")
    store.save_test_settings("acme", made.id, {"name": "n"}, [])

    def told_about(integration_id: str, run_id: str) -> list[str]:
        attempts: list[Callable[[], object]] = [
            lambda: store.get("evil", integration_id),
            lambda: store.save("evil", integration_id, 1, {}),
            lambda: store.save("evil", integration_id, 1, {}, overwrite=True),
            lambda: store.revision("evil", integration_id, 1),
            lambda: store.delete("evil", integration_id),
            lambda: store.duplicate("evil", integration_id),
            lambda: store.name_taken("evil", "Acme", integration_id),
            lambda: store.set_logo("evil", integration_id, None),
            lambda: store.get_logo("evil", integration_id),
            lambda: store.save_test_settings("evil", integration_id, {}, []),
            lambda: store.get_test_settings("evil", integration_id),
            lambda: store.create_run("evil", integration_id, "test", {}),
            lambda: store.latest_run("evil", integration_id),
            lambda: store.list_runs("evil", integration_id),
            lambda: store.get_run("evil", run_id),
            lambda: store.run_events("evil", run_id),
        ]
        said = []
        for attempt in attempts:
            with pytest.raises(NotFoundError) as caught:
                attempt()
            said.append(str(caught.value))
        return said

    foreign = told_about(made.id, run)
    assert foreign == told_about("AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAA")
    assert foreign == told_about("\0 \ud800'; --", "")
    assert store.list_integrations("evil") == []
    assert store.list_runs("evil") == []
    assert store.get("acme", made.id).revision == 1
    assert store.get_logo("acme", made.id) == b"png"


def test_a_deleted_integration_is_gone_with_all_that_hung_on_it(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    kept = store.create_integration("acme", DOCUMENT)
    store.set_logo("acme", made.id, b"png")
    store.save_test_settings("acme", made.id, {}, [])
    run = store.create_run("acme", made.id, "test", {})
    store.append_run_events(run, [{}])
    store.delete("acme", made.id)
    assert [each.id for each in store.list_integrations("acme")] == [kept.id]
    for attempt in (lambda: store.get("acme", made.id), lambda: store.append_run_events(run, [{}])):
        with pytest.raises(NotFoundError):
            attempt()
    assert store.list_runs("acme") == []


def test_a_copy_is_a_draft_of_its_own_with_the_logo_and_without_the_test_settings(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    store.set_logo("acme", made.id, b"png")
    store.save_test_settings("acme", made.id, {"fields": {"api_key": "k"}}, ["api_key"])
    copy = store.duplicate("acme", made.id)
    assert copy == store.get("acme", copy.id)
    assert copy.document == {**DOCUMENT, "display_name": "Acme (copy)"}
    assert (copy.revision, copy.state) == (1, "draft")
    assert store.get_logo("acme", copy.id) == b"png"
    assert store.get_test_settings("acme", copy.id) is None
    assert store.duplicate("acme", made.id).document["display_name"] == "Acme (copy 2)"
    assert store.duplicate("acme", copy.id).document["display_name"] == "Acme (copy 3)"


def test_a_name_is_taken_across_organisations_whatever_its_case_and_spaces(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    assert store.name_taken("other", " ＡCME ")
    assert store.name_taken("acme", "Acme")
    assert not store.name_taken("acme", "Acme", except_id=made.id)
    assert not store.name_taken("acme", "Acme 2")
    assert not store.name_taken("acme", "  ")
    store.save("acme", made.id, 1, {**DOCUMENT, "display_name": "Beta"})
    assert not store.name_taken("other", "Acme")
    assert store.name_taken("other", "BETA")


def test_a_logo_is_kept_replaced_and_removed(store: Store):
    made = store.create_integration("acme", DOCUMENT)
    assert store.get_logo("acme", made.id) is None
    digest = store.set_logo("acme", made.id, b"one")
    assert store.get("acme", made.id).logo == digest
    assert store.list_integrations("acme")[0].has_logo
    assert store.set_logo("acme", made.id, b"two") != digest
    assert store.get_logo("acme", made.id) == b"two"
    assert store.get("acme", made.id).revision == 1
    store.set_logo("acme", made.id, None)
    assert store.get_logo("acme", made.id) is None
    assert not store.list_integrations("acme")[0].has_logo
