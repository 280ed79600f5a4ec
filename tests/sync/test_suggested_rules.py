"""After every run: the answers that no error rule names, each with a rule to add."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.integration import ErrorRule
from core.sync import RetrySchedule, SyncRun, error_code, suggested_rule, suggested_rules
from tests.sync.partner import Destination, change, document, sync, users


def run_with(*answers: httpx.Response | None, rules: list[dict[str, Any]] | None = None, count: int = 1) -> SyncRun:
    """A run whose first requests are answered like this."""
    integration = document(add_users__errors=rules or [], users__batch_size=1, delivery__concurrency=1)
    destination = Destination(lambda _request, number: answers[number] if number < len(answers) else None)
    return sync(destination, change(users(count)), integration, list_id="L1", schedule=RetrySchedule((0, 0), 0))


def test_a_suggested_rule_names_the_status_the_code_in_the_body_and_what_to_do() -> None:
    run = run_with(httpx.Response(400, json={"error": {"code": 1000, "text": "no such user"}}))
    (found,) = suggested_rules(run)
    assert (found.endpoint, found.answers) == ("add_users", 1)
    assert found.rule == {
        "status": 400,
        "body": {"error": {"code": 1000}},
        "reason": "Invalid request",
        "message": "The request was not accepted. Check the mapping of this destination.",
        "action": "fail",
    }
    assert run.as_dict()["unclassified"] == [{"endpoint": "add_users", "answers": 1, "rule": found.rule}]


def test_an_answer_that_a_further_try_made_good_is_told_too() -> None:
    run = run_with(httpx.Response(503), httpx.Response(503))
    assert (run.outcome, run.errors) == ("succeeded", [])
    assert [(one.rule["status"], one.answers, one.rule["action"]) for one in suggested_rules(run)] == [
        (503, 2, "retry")
    ]


def test_answers_alike_are_one_suggestion_and_codes_keep_them_apart() -> None:
    answers = [httpx.Response(400, json={"code": code}) for code in ("A", "B", "A")]
    found = suggested_rules(run_with(*answers, count=3))
    assert [(one.rule["body"], one.answers) for one in found] == [({"code": "A"}, 2), ({"code": "B"}, 1)]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 418, 422, 429, 500, 503])
def test_with_the_suggested_rule_the_answer_has_a_name_and_nothing_else_changes(status: int) -> None:
    answers = [httpx.Response(status, json={"error_code": "E-7"})] * 3
    before = run_with(*answers)
    rules = [one.rule for one in suggested_rules(before)]
    after = run_with(*answers, rules=rules)
    assert len(rules) == 1
    assert suggested_rules(after) == ()
    assert all(error.classified for error in after.errors)
    assert (after.outcome, after.requests, after.failed) == (before.outcome, before.requests, before.failed)


def test_a_call_that_failed_by_what_its_200_says_can_be_named_by_its_code_only() -> None:
    built = document(users__success_when="ok")
    answers = {True: {"ok": False, "code": "QUOTA"}, False: {"ok": False}}
    for named, body in answers.items():
        run = sync(
            Destination(lambda *_, body=body: httpx.Response(200, json=body)), change(["u1"]), built, list_id="L"
        )
        assert [one.rule["body"] for one in suggested_rules(run)] == ([{"code": "QUOTA"}] if named else [])


def test_redirects_network_faults_and_answers_with_a_rule_are_not_told() -> None:
    assert suggested_rules(run_with(httpx.Response(302, headers={"Location": "/x"}))) == ()
    assert suggested_rules(run_with(httpx.Response(400), rules=[{"status": "4xx"}])) == ()
    assert suggested_rules(run_with()) == ()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"error_code": 1000}', {"error_code": 1000}),
        ('{"message": "no", "errorCode": "E7"}', {"errorCode": "E7"}),
        ('{"requestError": {"serviceException": {"messageId": "BAD_REQUEST"}}}',
         {"requestError": {"serviceException": {"messageId": "BAD_REQUEST"}}}),
        ('{"code": 400}', None),
        ('{"code": "400", "type": "invalid_id"}', {"type": "invalid_id"}),
        ('{"error": "No such user: u7"}', None),
        ('{"code": "***"}', None),
        ('{"code": true}', None),
        ('{"a": {"b": {"c": {"code": 1}}}}', None),
        ("[1]", None),
        ("<html>", None),
        ("", None),
        ('{"code": "' + "x" * 65 + '"}', None),
    ],
)  # fmt: skip
def test_the_error_code_is_the_smallest_part_that_tells(body: str, code: dict[str, Any] | None) -> None:
    assert error_code(400, body) == code


def test_every_suggested_rule_can_stand_in_a_document() -> None:
    for status in range(400, 600):
        assert ErrorRule.model_validate(suggested_rule(status)).message
