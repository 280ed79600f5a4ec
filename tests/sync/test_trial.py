"""One request of one endpoint, as the page sends it when a partner tries it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from core.request import BatchValues
from core.sync import Trial, preview, try_endpoint
from tests.sync.partner import PER_USER, PROPERTY, Destination, builder, document, frame

VALUES = BatchValues(list_id="L1", computed_time=1)


def attempt(destination: Destination, name: Any, integration: Any = None, keys: tuple[str, ...] = ("u1",)) -> Trial:
    built = builder(integration)
    return try_endpoint(built, name, frame(keys), "user", VALUES, transport=destination.transport)


def test_the_preview_is_what_a_trial_sends() -> None:
    destination = Destination()
    shown = preview(builder(), "add_users", frame(["u1", "u2"]), "user", VALUES)
    attempt(destination, "add_users", keys=("u1", "u2"))
    assert destination.requests[0].content == shown.request.wire.body
    assert shown.request.members == 2


def test_a_trial_sends_one_request_and_does_not_try_again() -> None:
    destination = Destination(lambda *_: httpx.Response(503))
    trial = attempt(destination, "add_users", document(users__batch_size=1), ("u1", "u2"))
    assert len(destination.requests) == 1
    assert (trial.succeeded, trial.delivery.verdict.reason) == (False, "Service unavailable")


def test_trying_list_creation_tells_the_id_or_where_one_could_be() -> None:
    found = attempt(Destination(list_id=7), "create_list")
    assert found.succeeded
    assert found.list_id is not None
    assert found.list_id.value == 7
    lost = attempt(Destination(lambda *_: httpx.Response(200, json={"data": {"id": "L1"}})), "create_list")
    assert not lost.succeeded
    assert lost.list_id is not None
    assert lost.list_id.paths == ("data.id",)


@pytest.mark.parametrize(("operation", "member"), [("add", True), ("remove", False)])
def test_a_property_can_be_tried_for_joiners_and_for_leavers(operation: str, member: bool) -> None:
    destination = Destination()
    built = builder(document(PROPERTY))
    values = BatchValues(operation=operation, computed_time=1)
    try_endpoint(built, "update_users", frame(["u1"]), "user", values, transport=destination.transport)
    assert json.loads(destination.requests[0].content)["users"] == [{"id": "u1", "member": member, "by": operation}]


def test_the_first_user_who_can_be_sent_is_previewed_and_those_left_out_are_named() -> None:
    integration = document(PER_USER, update_users__payload='{"n": ${user|number}}')
    shown = preview(builder(integration), "update_users", frame(["x", "7", "y"]), "user", VALUES)
    assert shown.request.wire.url.endswith("/users/7")
    assert [one.key for one in shown.skipped] == ["x"]


def test_without_users_an_empty_batch_is_shown() -> None:
    shown = preview(builder(), "add_users", frame([]), "user", VALUES)
    assert json.loads(shown.request.wire.text or "")["ids"] == []
