"""What an answer means: the defaults, the integration's rules, success told by the body."""

from __future__ import annotations

from typing import Any

import pytest

from core.integration import Endpoint
from core.sync.answer import Answer
from core.sync.outcome import judge, network_fault


def answer(status: int, body: str = "{}", **headers: str) -> Answer:
    return Answer(status, tuple(headers.items()), body)


def endpoint(*rules: dict[str, Any], **more: Any) -> Endpoint:
    return Endpoint.model_validate({"errors": list(rules), **more})


@pytest.mark.parametrize("status", [200, 201, 202, 204, 207])
def test_a_2xx_answer_is_accepted(status: int) -> None:
    assert judge(endpoint(), answer(status, "")).action == "accept"


@pytest.mark.parametrize(
    ("status", "action", "reason"),
    [
        (400, "fail", "Bad request"),
        (401, "stop", "Unauthorized"),
        (403, "stop", "Forbidden"),
        (404, "fail", "Not found"),
        (408, "retry", "Request time-out"),
        (409, "fail", "Conflict"),
        (413, "fail", "Request too large"),
        (418, "fail", "Status 418"),
        (425, "retry", "Too early"),
        (429, "rate_limited", "Too many requests"),
        (500, "retry", "Server error"),
        (502, "retry", "Bad gateway"),
        (599, "retry", "Server error"),
    ],
)
def test_an_error_without_a_rule_takes_the_default_and_is_unclassified(status: int, action: str, reason: str) -> None:
    verdict = judge(endpoint(), answer(status))
    assert (verdict.action, verdict.reason, verdict.classified) == (action, reason, False)
    assert "support" in verdict.message


def test_no_answer_at_all_is_tried_again() -> None:
    assert network_fault("refused").action == "retry"


def test_a_rule_gives_action_reason_and_message_and_classifies() -> None:
    rule = {"status": 404, "reason": "Gone", "message": "Nothing to do.", "action": "ignore"}
    verdict = judge(endpoint(rule), answer(404))
    assert (verdict.action, verdict.reason, verdict.message) == ("ignore", "Gone", "Nothing to do.")
    assert verdict.classified
    assert verdict.accepted


def test_a_rule_without_a_reason_borrows_the_name_of_the_status() -> None:
    assert judge(endpoint({"status": 409}), answer(409)).reason == "Conflict"


RULES = [
    {"status": "4xx", "reason": "class"},
    {"status": 422, "reason": "exact"},
    {"status": "4XX", "body": {"code": 7}, "reason": "class and body"},
    {"status": "422", "body": {"code": 8}, "reason": "exact and body"},
    {"status": 422, "body": {"code": 7}, "reason": "exact and body, 7"},
    {"status": "4xx", "body": {"code": 9}, "reason": "class and body, 9"},
]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, "{}", "class"),
        (422, "{}", "exact"),
        (400, '{"code": 7}', "class and body"),
        (422, '{"code": 8}', "exact and body"),
        (422, '{"code": 7}', "exact and body, 7"),
        (422, '{"code": 9}', "class and body, 9"),
        (422, "<html>", "exact"),
        (500, '{"code": 7}', "Server error"),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_the_most_specific_rule_wins_in_whatever_order(status: int, body: str, reason: str, backwards: bool) -> None:
    rules = RULES[::-1] if backwards else RULES
    assert judge(endpoint(*rules), answer(status, body)).reason == reason


def test_of_two_rules_alike_the_first_wins() -> None:
    rules = [{"status": 400, "reason": "one"}, {"status": 400, "reason": "two"}]
    assert judge(endpoint(*rules), answer(400)).reason == "one"


@pytest.mark.parametrize(
    ("part", "body", "matches"),
    [
        ({"error": {"code": 1000}}, '{"error": {"code": 1000, "text": "x"}, "id": 1}', True),
        ({"error": {"code": 1000}}, '{"error": {"code": 1001}}', False),
        ({"error": {"code": 1000}}, '{"error": "1000"}', False),
        ({"code": 1}, '{"code": true}', False),
        ({"code": True}, '{"code": 1}', False),
        ({"code": 1}, '{"code": 1.0}', True),
        ({"code": 1}, '{"code": "1"}', False),
        ({"code": None}, '{"code": null}', True),
        ({"code": None}, "{}", False),
        ({"errors": [{"code": 2}]}, '{"errors": [{"code": 1}, {"code": 2, "at": 3}]}', True),
        ({"errors": [{"code": 3}]}, '{"errors": [{"code": 1}, {"code": 2}]}', False),
        ({}, "[]", False),
        ({}, '{"x": 1}', True),
        ({"code": 1}, "not json", False),
    ],
)
def test_a_rule_matches_a_body_that_holds_at_least_what_it_says(part: Any, body: str, matches: bool) -> None:
    verdict = judge(endpoint({"status": 400, "body": part, "reason": "mine"}), answer(400, body))
    assert (verdict.reason == "mine") == matches


@pytest.mark.parametrize(
    ("expression", "body", "accepted"),
    [
        ("ok", '{"ok": true}', True),
        ("ok", '{"ok": false}', False),
        ("ok", "{}", False),
        ("$.status == 'done'", '{"status": "done"}', True),
        ("status == 'done'", '{"status": "failed"}', False),
        ("count", '{"count": 0}', True),
        ("errors", '{"errors": []}', False),
        ("!errors", '{"errors": []}', True),
        ("ok", "<html>", False),
        ("ok", "", False),
        ("ok[", '{"ok": true}', False),
        ("  ", "", True),
    ],
)
def test_success_told_by_the_body(expression: str, body: str, accepted: bool) -> None:
    verdict = judge(endpoint(success_when=expression), answer(200, body))
    assert verdict.accepted == accepted
    assert accepted or (verdict.action, verdict.classified) == ("fail", False)


def test_a_rule_can_name_a_failure_that_came_with_status_200() -> None:
    rule = {"status": 200, "body": {"error": "busy"}, "reason": "Busy", "action": "retry"}
    assert judge(endpoint(rule), answer(200, '{"error": "busy"}')).action == "retry"
    assert judge(endpoint(rule), answer(200, '{"error": "no"}')).action == "accept"


def test_a_rule_for_every_2xx_counts_only_when_the_body_says_that_the_call_failed() -> None:
    one = endpoint({"status": "2xx", "reason": "Not taken", "action": "retry"}, success_when="ok")
    assert judge(one, answer(200, '{"ok": true}')).action == "accept"
    assert judge(one, answer(200, '{"ok": false}')).action == "retry"


def test_a_redirect_is_not_followed_and_says_where_it_leads() -> None:
    verdict = judge(endpoint(), answer(301, Location="https://new.example.com/lists"))
    assert verdict.action == "fail"
    assert "https://new.example.com/lists" in verdict.message


def test_a_byte_order_mark_before_the_json_does_not_matter() -> None:
    assert judge(endpoint(success_when="ok"), answer(200, '\ufeff{"ok": true}')).accepted
