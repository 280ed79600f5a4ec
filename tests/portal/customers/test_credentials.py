"""Testing credentials: one request with a user who was made up, and what its answer says of them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from core.errors import InputError
from core.portal.customers.credentials import CredentialAnswer, describe, try_credentials
from core.request import Connection
from core.sync import ANYWHERE
from tests.integration.documents import LIST, PROPERTY, changed, integration

FORM = Connection(name="Ours", fields={"bearer_token": "tok-5ecret", "api_key": "key"}, mappings={"user_id": "id"})
LIST_FORM = FORM.model_copy(update={"fields": {"bearer_token": "tok-5ecret"}})
PROPERTY_FORM = FORM.model_copy(update={"fields": {"api_key": "key"}})


def answered(status: int, body: Any = None, **changes: Any) -> tuple[CredentialAnswer, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(status, json=body or {})

    transport = httpx.MockTransport(answer)
    document = integration(LIST, **changes)
    return try_credentials(document, LIST_FORM, policy=ANYWHERE, transport=transport), seen


def test_it_takes_a_made_up_user_off_a_made_up_list_once():
    answer, seen = answered(503)
    (request,) = seen
    assert request.headers["Authorization"] == "Bearer tok-5ecret"
    assert request.url.path.startswith("/lists/connection-test-")
    assert request.url.path.endswith("/remove")
    (user,) = json.loads(request.content)["ids"]
    assert user.startswith("connection-test-")
    assert answer.judgement == "unclear"
    (other,) = answered(200)[1]
    assert json.loads(other.content)["ids"] != [user]


@pytest.mark.parametrize(
    ("status", "judgement"),
    [(200, "accepted"), (204, "accepted"), (401, "refused"), (403, "refused"), (404, "let_in"), (400, "let_in"),
     (422, "let_in"), (405, "unclear"), (429, "unclear"), (408, "unclear"), (500, "unclear")],
)  # fmt: skip
def test_the_status_tells(status: int, judgement: str):
    assert answered(status)[0].judgement == judgement


def test_the_partners_own_rules_and_words_come_first():
    rule = {"status": 400, "body": {"code": 7}, "reason": "Key revoked", "message": "Make a new key.", "action": "stop"}
    answer, _ = answered(400, {"code": 7}, endpoints__remove_users__errors=[rule])
    assert (answer.judgement, answer.reason, answer.message) == ("refused", "Key revoked", "Make a new key.")
    assert answered(400, {"code": 8}, endpoints__remove_users__errors=[rule])[0].judgement == "let_in"


def test_no_answer_is_unclear_and_says_why():
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    answer = try_credentials(integration(LIST), LIST_FORM, policy=ANYWHERE, transport=httpx.MockTransport(refuse))
    assert (answer.judgement, answer.status) == ("unclear", None)
    assert answer.reason


def test_what_it_may_change_is_said_before():
    assert "Neither exists" in describe(integration(LIST), LIST_FORM).effect
    assert "may keep that user" in describe(integration(PROPERTY), PROPERTY_FORM).effect
    own = changed(LIST, endpoints__create_list=None)
    own["custom_fields"] = [*LIST["custom_fields"], {"variable": "list_id", "display_name": "List"}]
    form = LIST_FORM.model_copy(update={"fields": {**LIST_FORM.fields, "list_id": "L7"}})
    planned = describe(integration(own), form)
    assert "nobody leaves it" in planned.effect
    assert planned.where == "POST https://eu.example.com/lists/L7/remove"


def test_a_secret_in_the_address_is_masked_before_it_is_shown():
    url = "https://api.example.com/$bearer_token/remove"
    planned = describe(integration(LIST, endpoints__remove_users__url=url), LIST_FORM)
    assert "tok-5ecret" not in planned.where


@pytest.mark.parametrize(
    ("field", "fits"),
    [({"pattern": "[0-9]+"}, True), ({"pattern": "[^@]+@[^@]+"}, True), ({"value_type": "number"}, True),
     ({"display_name": "E-mail"}, True), ({"pattern": "ACME-[0-9]{3}"}, False)],
)  # fmt: skip
def test_the_user_has_the_form_that_the_partner_asks_for_or_nothing_is_sent(field: dict[str, Any], fits: bool):
    mapping = {"variable": "user_id", "display_name": "User ID", **field}
    if fits:
        answer, seen = answered(200, mapping_fields=[mapping])
        assert answer.judgement == "accepted"
        assert ("@" in seen[0].content.decode()) == ("@" in str(field) or "mail" in str(field))
    else:
        with pytest.raises(InputError, match="without a real user"):
            answered(200, mapping_fields=[mapping])


def test_an_unfinished_form_is_not_sent():
    with pytest.raises(InputError, match="Bearer Token: Fill in this field"):
        describe(integration(LIST), Connection())
