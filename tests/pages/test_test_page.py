"""The Test page: choose a cohort, see what changed and what would be sent, run it against the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.portal import Store
from core.portal.demo import DEMO_ORG, EXAMPLES, load_demo

OpenPage = Callable[..., AppTest]
OpenTest = Callable[[str], AppTest]


@pytest.fixture
def open_test(store: Store, open_page: OpenPage) -> OpenTest:
    """Opens the Test page of an example, by a word of its name."""
    load_demo(store, EXAMPLES)

    def open_one(name: str) -> AppTest:
        return open_page("test", _id(store, name))

    return open_one


def _id(store: Store, name: str) -> str:
    return next(one.id for one in store.list_integrations(DEMO_ORG) if name in one.display_name)


def _texts(at: AppTest) -> str:
    return " ".join(
        str(element.value) for kind in (at.markdown, at.caption, at.error, at.success, at.warning) for element in kind
    )


@pytest.mark.parametrize("name", ["Acme", "Beacon", "Northwind"])
def test_every_example_shows_its_change_and_its_plan_at_once(open_test: OpenTest, name: str) -> None:
    at = open_test(name)

    assert not at.exception
    assert not at.error
    assert [metric.value for metric in at.metric[:3]] == ["+ 6", "− 5", "15"]
    assert at.button(key="run_start").label == "Run end to end"
    assert not at.button(key="run_start").disabled


def test_what_was_read_and_dropped_is_told_for_each_file(open_test: OpenTest) -> None:
    told = _texts(open_test("Acme"))

    assert "small/day\\-1.csv" in told or "small/day-1.csv" in told
    assert "20 members + 1 duplicate + 1 without a key" in told
    assert "21 members, nothing dropped" in told


def test_operations_take_their_columns_and_their_cohort_from_the_file(open_test: OpenTest) -> None:
    at = open_test("Acme")
    at.session_state["cohort_source"] = "Operations"
    at.run()
    next(button for button in at.button if button.label == "Use the example").click().run()

    assert not at.exception
    assert not at.error
    assert [metric.value for metric in at.metric[:2]] == ["+ 9", "− 5"]


def test_generated_users_fit_the_mapping_fields_of_the_integration(open_test: OpenTest) -> None:
    at = open_test("Northwind")
    at.session_state["cohort_source"] = "Generated"
    at.run()

    assert not at.exception
    assert not at.error
    assert [metric.value for metric in at.metric[:3]] == ["+ 50", "− 50", "450"]


def test_a_file_without_the_chosen_key_is_told_in_one_sentence(open_test: OpenTest) -> None:
    at = open_test("Acme")
    at.session_state["cohort_source"] = "Snapshots"
    at.run()
    at.file_uploader(key="upload_current").upload("broken.csv", b'user_id,email\n"a,b\n', "text/csv").run()

    assert not at.exception
    assert len(at.error) == 1
    assert "quote" in str(at.error[0].value)


def test_uploaded_snapshots_are_compared(open_test: OpenTest) -> None:
    at = open_test("Acme")
    at.session_state["cohort_source"] = "Snapshots"
    at.run()
    at.file_uploader(key="upload_previous").upload("old.csv", b"user_id,email\na,a@example.com\nb,\n", "text/csv").run()
    at.file_uploader(key="upload_current").upload("new.csv", b"user_id,email\nb,\nc,c@example.com\n", "text/csv").run()

    assert not at.exception
    assert [metric.value for metric in at.metric[:3]] == ["+ 1", "− 1", "1"]


def test_an_emptied_cohort_keeps_its_removals_until_somebody_says_yes(open_test: OpenTest) -> None:
    at = open_test("Acme")
    at.session_state["cohort_source"] = "Snapshots"
    at.run()
    at.file_uploader(key="upload_previous").upload("old.csv", b"user_id,email\na,a@example.com\nb,\n", "text/csv").run()
    at.file_uploader(key="upload_current").upload("new.csv", b"user_id,email\n", "text/csv").run()

    assert "Removals are withheld" in str(at.warning[0].value)
    assert not any("Remove users" in box.label for box in at.expander)
    assert any(box.label == "Who would be removed: the first 2 of 2" for box in at.expander)
    at.checkbox(key="run_allow_removals").check().run()
    assert any("Remove users" in box.label for box in at.expander)


def test_a_mistake_in_a_template_is_told_instead_of_a_plan(store: Store, open_test: OpenTest) -> None:
    stored = store.get(DEMO_ORG, _id(store, "Acme"))
    stored.document["endpoints"]["add_users"]["payload"] = '{"ids": $itmes}'
    store.save(DEMO_ORG, stored.id, stored.revision, stored.document)
    at = open_test("Acme")

    assert not at.exception
    assert any("itmes" in str(error.value) for error in at.error)


def test_a_run_that_another_window_started_is_shown_with_its_outcome(store: Store, open_test: OpenTest) -> None:
    summary = {
        "steps": [{"name": "day 1", "requests": 1, "members": 1, "result": None}],
        "members": 1, "requests": 1, "sent_members": 0, "sent_requests": 0, "step": 0, "started": time.time(),
        "target": "sandbox", "proof": {"holds": 1, "expected": 2, "equal": False, "missing": ["$x$"], "extra": []},
    }  # fmt: skip
    run_id = store.create_run(DEMO_ORG, _id(store, "Acme"), "test", summary)
    store.update_run(run_id, "partly")
    at = open_test("Acme")

    assert not at.exception
    assert "holds **1** users" in _texts(at)
    assert "\\$x\\$" in _texts(at), "a member's key is shown as it is, not as a formula"


def test_an_answer_without_a_rule_gets_one_in_one_click(store: Store, open_test: OpenTest) -> None:
    rule = {"status": 422, "body": {"code": "E$7"}, "reason": "Not accepted", "message": "Check.", "action": "fail"}
    result = {
        "outcome": "failed", "list_id": None, "added": 0, "removed": 0, "skipped": 0, "rejected": 0, "requests": 1,
        "retries": 0, "errors": [], "unclassified": [{"endpoint": "add_users", "answers": 2, "rule": rule}],
    }  # fmt: skip
    step = {"name": "day 1", "requests": 1, "members": 1, "result": result}
    summary = {
        "steps": [step, step], "members": 1, "requests": 1, "sent_members": 1, "sent_requests": 0, "step": 0,
        "started": time.time(), "target": "sandbox",
    }  # fmt: skip
    name = _id(store, "Acme")
    store.update_run(store.create_run(DEMO_ORG, name, "test", summary), "failed")
    at = open_test("Acme")
    assert "4 times" in _texts(at)
    next(button for button in at.button if button.label == "Add rule to Add users").click().run()

    assert not at.exception
    assert rule in store.get(DEMO_ORG, name).document["endpoints"]["add_users"]["errors"]
    assert not any(button.label == "Add rule to Add users" for button in at.button)
