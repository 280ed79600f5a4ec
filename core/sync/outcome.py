"""What an answer means: the integration's error rules first, then the defaults. Pure.

Defaults (the product's design, section 3): 408, 425, 5xx and network faults are tried again; 429 waits; 401 and 403
stop the run; any other 4xx fails the batch. An error that no rule names is unclassified.
"""

from __future__ import annotations

from typing import Any

from core.integration.models import Endpoint, ErrorRule
from core.sync.answer import NOT_JSON, Answer, search
from core.sync.delivery import Action, Verdict

UNCLASSIFIED = (
    "This integration does not describe what to do about this error. "
    "Please contact support so that it can be looked into."
)
_RETRIED = frozenset({408, 425})
_STOPPING = frozenset({401, 403})
REASONS = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Request time-out",
    409: "Conflict",
    410: "Gone",
    413: "Request too large",
    415: "Unsupported content type",
    422: "Request not accepted",
    425: "Too early",
    429: "Too many requests",
    500: "Server error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway time-out",
}


def judge(endpoint: Endpoint, answer: Answer) -> Verdict:
    """The verdict on an answer of this endpoint."""
    document = answer.json()
    succeeded = 200 <= answer.status < 300
    if succeeded and endpoint.success_when and endpoint.success_when.strip():
        succeeded = document is not NOT_JSON and _truthy(search(endpoint.success_when, document))
    rule = _matching(endpoint.errors, answer.status, document)
    if rule is not None and succeeded and rule.body is None:
        rule = None  # a rule for every 2xx answer cannot describe an error
    if rule is not None:
        return Verdict(rule.action, rule.reason or reason_of(answer.status), rule.message)
    if succeeded:
        return Verdict("accept")
    if 200 <= answer.status < 300:
        return Verdict("fail", "The answer says that the call failed", UNCLASSIFIED, classified=False)
    if 300 <= answer.status < 400:
        target = answer.header("location") or "another address"
        return Verdict("fail", "Redirected", f"Redirects are not followed. Put the final URL ({target}) in.", False)
    return Verdict(default_action(answer.status), reason_of(answer.status), UNCLASSIFIED, classified=False)


def network_fault(reason: str) -> Verdict:
    """The verdict when no answer came."""
    return Verdict("retry", reason, "Check that the destination can be reached, then try again.")


def reason_of(status: int) -> str:
    return REASONS.get(status, "Server error" if status >= 500 else f"Status {status}")


def default_action(status: int) -> Action:
    """What an answer that is no success leads to when no rule names it."""
    if status in _RETRIED or status >= 500:
        return "retry"
    if status == 429:
        return "rate_limited"
    return "stop" if status in _STOPPING else "fail"


def _matching(rules: list[ErrorRule], status: int, document: Any) -> ErrorRule | None:
    """The most specific rule that matches: body over none, exact status over class, the earlier of two alike."""
    best: tuple[int, ErrorRule] | None = None
    for rule in rules:
        wanted = str(rule.status).strip().lower()
        exact = wanted == str(status)
        if not exact and wanted != f"{status // 100}xx":
            continue
        if rule.body is not None and (document is NOT_JSON or not is_subset(rule.body, document)):
            continue
        rank = 2 * (rule.body is not None) + exact
        if best is None or rank > best[0]:
            best = (rank, rule)
    return best[1] if best else None


def is_subset(part: Any, whole: Any) -> bool:
    """Whether every key of `part` is in `whole` with the same value; every element of a list is found in the other."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole and is_subset(value, whole[key]) for key, value in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(is_subset(value, other) for other in whole) for value in part)
    return (type(part) is type(whole) and bool(part == whole)) or _same_number(part, whole)


def _same_number(one: Any, other: Any) -> bool:
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    return numbers and not isinstance(one, bool) and not isinstance(other, bool) and one == other


def _truthy(value: Any) -> bool:
    """JMESPath's idea of truth: false, null, and empty texts, lists and objects are false; 0 is true."""
    return value is not None and value is not False and value not in ("", [], {})
