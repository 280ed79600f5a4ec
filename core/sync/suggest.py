"""Error rules to suggest for answers that no rule names: the status, the error code in the body, and words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from core.integration.models import EndpointName
from core.sync.answer import NOT_JSON, parse
from core.sync.outcome import default_action, reason_of

_CODES = (
    "error_code",
    "errorcode",
    "code",
    "error_type",
    "errortype",
    "type",
    "messageid",
    "error",
    "reason",
    "status",
)
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*([_.:-][A-Za-z0-9]+)*")
_LONGEST_CODE = 64
_DEEPEST = 3
_TEXTS: dict[int, tuple[str, str]] = {
    400: ("Invalid request", "The request was not accepted. Check the mapping of this destination."),
    401: ("Unauthorized", "The credentials were not accepted. Check them in the destination's settings."),
    403: ("Forbidden", "These credentials may not do this. Check their rights at the destination."),
    404: ("Not found", "The list or the user does not exist any more. Check that it has not been deleted."),
    409: ("Conflict", "The destination says that this contradicts what it holds. Check the list there."),
    413: ("Request too large", "The destination takes smaller requests only. Lower the batch size."),
    422: ("Not accepted", "The destination does not accept these users. Check the mapping of this destination."),
    429: ("Too many requests", "The destination limits how fast users arrive; the sync goes on by itself."),
}
_RETRIED = "The destination could not answer for now; the sync tries again by itself."
_OTHERS = "The destination refused the request. Check the settings of this destination."


@dataclass(slots=True)
class SeenAnswer:
    """Answers alike that no rule names: `body` is the part of them that holds an error code, None without one."""

    endpoint: EndpointName
    status: int
    body: dict[str, Any] | None
    reason: str
    answers: int = 1


def nameable(status: int, body: dict[str, Any] | None) -> bool:
    """Whether a rule can name such an answer: a 2xx is an error only by what its body says, a redirect never."""
    return status >= 400 or (200 <= status < 300 and body is not None)


def suggested_rule(status: int, body: dict[str, Any] | None = None, reason: str = "") -> dict[str, Any]:
    """An error rule as it stands in a document. Its action is what happens without a rule; `body` is left out if None.

    `reason` is used for a status that has no words of its own.
    """
    action = default_action(status)
    known = _TEXTS.get(status)
    message = known[1] if known else _RETRIED if action == "retry" else _OTHERS
    rule: dict[str, Any] = {"status": status}
    if body is not None:
        rule["body"] = body
    return {**rule, "reason": known[0] if known else reason or reason_of(status), "message": message, "action": action}


def error_code(status: int, text: str) -> dict[str, Any] | None:
    """The smallest part of a JSON body that holds an error code: `{"error": {"code": 1000}}`; None if there is none.

    A code is a number or a short text without spaces under a name such as `error_code` or `code`, at most three levels
    deep. The status itself, repeated in the body, says nothing new.
    """
    document = parse(text)
    return None if document is NOT_JSON else _code_in(document, status, 1)


def _code_in(document: Any, status: int, depth: int) -> dict[str, Any] | None:
    if not isinstance(document, dict):
        return None
    names = {name.lower(): name for name in document}
    for wanted in _CODES:
        if wanted in names and _is_code(document[names[wanted]], status):
            return {names[wanted]: document[names[wanted]]}
    if depth < _DEEPEST:
        for name, inner in document.items():
            found = _code_in(inner, status, depth + 1)
            if found is not None:
                return {name: found}
    return None


def _is_code(value: Any, status: int) -> bool:
    if isinstance(value, bool) or str(value) == str(status):
        return False
    if isinstance(value, int):
        return True
    return isinstance(value, str) and len(value) <= _LONGEST_CODE and _CODE.fullmatch(value) is not None
