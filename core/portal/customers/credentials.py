"""Tries the credentials of a Connect form with one real request that is meant to change nothing.

A destination has no call of its own for this, so the one is taken that takes somebody off a list, with a user who was
made up on the spot and, where the destination makes lists itself, a list that was made up too. What it may change all
the same is said before (`CredentialTrial.effect`): an API that files whatever it is told may file that user.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import httpx
import pandas as pd

from core.errors import DocumentError, InputError
from core.integration import EndpointName, Integration, MappingField, endpoints_of
from core.request import BatchValues, Cohort, Connection, RequestBuilder
from core.sync import NetworkPolicy, Trial, preview, try_endpoint
from core.template import ValueFault
from core.template.filters import UnreadableValue, convert, matching

Judgement = Literal["accepted", "let_in", "refused", "unclear"]
_MADE_UP = "connection-test"
_OF_WHAT_WAS_MADE_UP = frozenset({400, 404, 409, 410, 422})
"""How an API refuses a user or a list that it does not know, once it has let somebody in."""
_COHORT = Cohort(id=_MADE_UP, name="Connection test", url="")


@dataclass(frozen=True, slots=True)
class CredentialTrial:
    """The request that would go out, and in a sentence what it may change. `where` is its method and URL, masked."""

    where: str
    effect: str


@dataclass(frozen=True, slots=True)
class CredentialAnswer:
    """What the answer says of the credentials. `reason` and `message` are the partner's own words, or empty.

    `accepted`: the call succeeded; `let_in`: refused for what was made up, not for the credentials; `refused`: for the
    credentials; `unclear`: no answer that tells. `status` is None without an answer. The answer's body is not kept: it
    may come from a host that the form names.
    """

    judgement: Judgement
    status: int | None
    reason: str
    message: str
    elapsed_ms: int


def describe(integration: Integration, form: Connection) -> CredentialTrial:
    """What `try_credentials` would send. Raises InputError when the form or the integration makes no such request."""
    name = _endpoint_of(integration)
    builder, frame, key, values = _prepared(integration, form)
    try:
        request = preview(builder, name, frame, key, values).request.masked
    except (DocumentError, ValueFault) as error:
        raise _cannot(str(error)) from error
    return CredentialTrial(f"{request.method} {request.url}", _effect(integration, name))


def try_credentials(
    integration: Integration,
    form: Connection,
    *,
    policy: NetworkPolicy,
    transport: httpx.BaseTransport | None = None,
) -> CredentialAnswer:
    """Send it, once. `form` has its secrets in plain text. Raises InputError as `describe` does."""
    name = _endpoint_of(integration)
    builder, frame, key, values = _prepared(integration, form)
    try:
        trial = try_endpoint(builder, name, frame, key, values, policy=policy, transport=transport)
    except (DocumentError, ValueFault) as error:
        raise _cannot(str(error)) from error
    verdict = trial.delivery.verdict
    attempt = trial.delivery.attempts[-1]
    reason = verdict.reason if attempt.status is not None else attempt.fault or verdict.reason
    message = verdict.message if verdict.classified else ""
    return CredentialAnswer(_judged(trial), attempt.status, reason, message, attempt.elapsed_ms)


def _endpoint_of(integration: Integration) -> EndpointName:
    there = endpoints_of(integration)
    names: tuple[EndpointName, ...] = ("remove_users", "update_users")
    found = next((name for name in names if name in there), None)
    if found is None:
        raise _cannot("The destination has no call that takes users off.")
    return found


def _effect(integration: Integration, name: EndpointName) -> str:
    if integration.type == "list" and integration.endpoints.create_list is not None:
        return "It asks to take a made-up user off a made-up list. Neither exists, so that nothing is changed."
    if integration.type == "list":
        return "It asks to take a made-up user off your list, who is not on it, so that nobody leaves it."
    said = "has left" if name == "remove_users" else "is not in"
    return (
        f"It says that a made-up user {said} a cohort named “{_COHORT.name}”. A destination that keeps whoever it is "
        "told of may keep that user."
    )


def _judged(trial: Trial) -> Judgement:
    status, verdict = trial.delivery.status, trial.delivery.verdict
    if status is None:
        return "unclear"
    if verdict.accepted:
        return "accepted"
    if status in (401, 403) or verdict.action == "stop":
        return "refused"
    of_what_was_made_up = status in _OF_WHAT_WAS_MADE_UP and verdict.action == "fail" and not verdict.exhausted
    return "let_in" if of_what_was_made_up else "unclear"


def _prepared(integration: Integration, form: Connection) -> tuple[RequestBuilder, pd.DataFrame, str, BatchValues]:
    user = _made_up_user(integration)
    own = {variable: variable for variable in user}
    connection = form.model_copy(update={"mappings": own, "cohort": _COHORT})
    try:
        builder = RequestBuilder(integration, connection, columns=tuple(user))
    except DocumentError as error:
        raise InputError(f"{error.where}: {error.what}", remedy="Then test the credentials.") from error
    frame = pd.DataFrame({variable: [value] for variable, value in user.items()}, dtype="str")
    if not user:
        raise _cannot("It has no mapping field that names a user.")
    list_id = f"{_MADE_UP}-{secrets.token_hex(8)}"
    return builder, frame, next(iter(user)), BatchValues(operation="remove", list_id=list_id)


def _made_up_user(integration: Integration) -> Mapping[str, str]:
    """A value for each mapping field that no user has; optional ones are left empty unless they name the user."""
    user: dict[str, str] = {}
    for position, field in enumerate(integration.mapping_fields):
        user[field.variable] = _made_up_value(field) if position == 0 or field.required else ""
    return user


def _made_up_value(field: MappingField) -> str:
    if field.options:
        return field.options[0].value
    token, number = secrets.token_hex(8), str(10**17 + secrets.randbelow(9 * 10**17))
    candidates: tuple[str, ...] = (
        f"{_MADE_UP}-{token}",
        f"{_MADE_UP}-{token}@example.com",
        token,
        token.upper(),
        f"{token[:8]}-{token[:4]}-4{token[1:4]}-8{token[5:8]}-{token[4:]}",
        number,
        "+15555550100",
        number[:10],
    )
    names = f"{field.variable} {field.display_name} {field.target_name}".casefold()
    if "mail" in names:
        candidates = (candidates[1], *candidates)
    elif "phone" in names or "mobile" in names:
        candidates = ("+15555550100", *candidates)
    fitting = (text for text in candidates if _fits(field, text))
    found = next(fitting, None)
    if found is None:
        title = field.display_name or field.variable
        raise _cannot(f"No made-up value has the form that {title} asks for.")
    return found


def _fits(field: MappingField, text: str) -> bool:
    try:
        convert(text, field.value_type)
        if field.pattern:
            matching(text, field.pattern)
    except UnreadableValue:
        return False
    return True


def _cannot(why: str) -> InputError:
    return InputError(
        f"These credentials cannot be tried without a real user. {why}", remedy="The first sync will tell."
    )
