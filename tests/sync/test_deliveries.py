"""What is recorded of a delivery: every attempt, and never a secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from core.request import Connection, RequestBuilder
from core.sync import Delivery, RetrySchedule
from core.sync.deliver import RECORDED_BODY
from core.sync.transport import Exchange
from tests.sync.partner import BASE, TOKEN, Answer, Destination, FakeClock, builder, change, document, sync


def deliver(answer: Answer, integration: Any = None, **extra: Any) -> list[Delivery]:
    deliveries: list[Delivery] = []
    extra.setdefault("schedule", RetrySchedule((1, 1), 0))
    sync(Destination(answer), change(["u1"]), integration, deliveries=deliveries, list_id="L1", **extra)
    return deliveries


def test_every_attempt_is_recorded_with_answer_and_time() -> None:
    clock = FakeClock()
    answers = [
        httpx.Response(500, headers={"X-Try": "1"}, text="oops"),
        httpx.Response(429, text="wait"),
        httpx.Response(200, text="{}"),
    ]
    (delivery,) = deliver(lambda _request, number: answers[number], clock=clock)
    assert [(one.number, one.status, one.body, one.waited_ms) for one in delivery.attempts] == [
        (1, 500, "oops", 0),
        (2, 429, "wait", 1_000),
        (3, 200, "{}", 1_000),
    ]
    assert [one.started for one in delivery.attempts] == [1_700_000_000, 1_700_000_001, 1_700_000_002]
    assert ("x-try", "1") in [(name.lower(), value) for name, value in delivery.attempts[0].headers]
    assert (delivery.status, delivery.keys, delivery.acknowledged) == (200, ("u1",), ("u1",))
    assert delivery.verdict.accepted


def test_an_attempt_without_an_answer_says_why() -> None:
    def refuse(_request: httpx.Request, _number: int) -> httpx.Response:
        raise httpx.ConnectError("Connection refused")

    (delivery,) = deliver(refuse)
    assert [attempt.status for attempt in delivery.attempts] == [None] * 3
    assert "refused" in (delivery.attempts[0].fault or "")
    assert delivery.acknowledged == ()


def test_a_long_answer_is_recorded_up_to_64_kib() -> None:
    (delivery,) = deliver(lambda *_: httpx.Response(200, text="x" * 100_000))
    assert (len(delivery.attempts[0].body), delivery.attempts[0].cut) == (RECORDED_BODY, True)
    assert len(delivery.as_dict(body_limit=10)["attempts"][0]["body"]) == 11
    json.dumps(delivery.as_dict())


def test_an_answer_that_takes_longer_than_two_seconds_is_flagged(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.sync import deliver as module
    from core.sync.answer import Answer as Received

    times = iter([2_001, 2_000])
    monkeypatch.setattr(
        module, "exchange", lambda *_, **__: Exchange(Received(200, (), '{"listId": "L1"}'), next(times))
    )
    deliveries: list[Delivery] = []
    run = sync(Destination(), change(["u1"]), deliveries=deliveries)
    assert [one.attempts[0].slow for one in deliveries] == [True, False]
    assert run.slow == 1


ECHOES: dict[str, Callable[[str], str]] = {
    "plain": lambda token: f"token {token} is wrong",
    "url": lambda token: f"?key={quote(token, safe='')}",
    "json": lambda token: json.dumps({"authorization": f"Bearer {token}"}).replace("/", "\\/"),
    "base64": lambda token: base64.b64encode(f"someone:{token}".encode()).decode(),
    "html": lambda token: f"<b>{token}</b>",
}


def exposes(text: str) -> bool:
    """Whether the token can be read out of a text, as it is or from Base64."""
    if TOKEN in text or quote(TOKEN, safe="") in text or TOKEN.replace("/", "\\/") in text:
        return True
    encoded = [base64.b64encode(b"\0" * shift + TOKEN.encode()).decode()[4:-4] for shift in range(3)]
    return any(part in text for part in encoded)


@pytest.mark.parametrize("form", ECHOES)
@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_secret_that_the_destination_echoes_is_masked(form: str, status: int) -> None:
    echo = ECHOES[form](TOKEN)
    assert exposes(echo)
    (delivery,) = deliver(lambda *_: httpx.Response(status, text=echo, headers={"X-Echo": echo, "Location": echo}))
    shown = repr(delivery) + json.dumps(delivery.as_dict())
    assert "***" in delivery.attempts[0].body
    assert not exposes(shown)


def test_a_secret_that_straddles_the_cut_of_a_long_answer_does_not_show_its_beginning() -> None:
    text = "x" * (RECORDED_BODY - 12) + TOKEN
    (delivery,) = deliver(lambda *_: httpx.Response(400, text=text))
    assert TOKEN[:6] not in delivery.attempts[0].body


def test_a_redirect_to_a_url_with_the_secret_does_not_tell_it() -> None:
    answer: Answer = lambda *_: httpx.Response(302, headers={"Location": f"https://x.test/?k={TOKEN}"})  # noqa: E731
    (delivery,) = deliver(answer)
    run = sync(Destination(answer), change(["u1"]), list_id="L1")
    assert not exposes(repr(delivery.verdict) + json.dumps(run.as_dict()))


def test_a_secret_in_the_reason_of_a_rejection_is_masked() -> None:
    errors = {"errors": [{"id": "u1", "reason": f"no right: {TOKEN}"}, f"bad {TOKEN}"]}
    answer: Answer = lambda *_: httpx.Response(200, json=errors)  # noqa: E731
    integration = document(add_users__rejected_path="errors")
    (delivery,) = deliver(answer, integration)
    run = sync(Destination(answer), change(["u1"]), integration, list_id="L1")
    assert len(delivery.rejected) == 2
    assert not exposes(repr(delivery) + repr(run) + json.dumps(run.as_dict()))


def test_a_secret_where_the_list_id_should_be_is_masked() -> None:
    run = sync(Destination(lambda *_: httpx.Response(200, json={TOKEN: "x"})), change(["u1"]))
    assert run.errors
    assert not exposes(json.dumps(run.as_dict()))


BASIC = {
    "auth": {"method": "basic", "username": "$api_key", "password": "$api_secret"},
    "custom_fields": [
        {"variable": "api_key", "display_name": "API Key", "secret": True},
        {"variable": "api_secret", "display_name": "API Secret", "secret": True},
    ],
}


def test_basic_authentication_is_masked_in_what_was_sent_and_in_what_comes_back() -> None:
    fields = {"api_key": "key-1234567", "api_secret": "pässword-98765"}
    integration = document(**BASIC)
    built = RequestBuilder(integration, Connection(fields=fields))
    sent: list[str] = []

    def echo(request: httpx.Request, _number: int) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return httpx.Response(400, text=request.headers["authorization"], headers={"X-Seen": sent[-1]})

    (delivery,) = deliver(echo, built=built)
    assert base64.b64decode(sent[0].removeprefix("Basic ")).decode() == "key-1234567:pässword-98765"
    shown = repr(delivery) + json.dumps(delivery.as_dict())
    assert sent[0].removeprefix("Basic ") not in shown
    assert dict(delivery.request.headers)["Authorization"] == "Basic ***"
    for part in delivery.attempts[0].body.removeprefix("Basic ").split("***"):
        readable = base64.b64decode(part + "=" * (-len(part) % 4)) if len(part) % 4 != 1 else b""
        assert len(readable) <= 4, "more than the joint between the two can be read"


def test_secrets_in_url_header_and_body_are_masked_in_the_recorded_request() -> None:
    integration = document(
        add_users__url=f"{BASE}/lists/$list_id/add?key=$bearer_token",
        add_users__payload='{"key": "$bearer_token", "ids": $items}',
        headers=[{"name": "X-Key", "value": "${bearer_token|sha256}"}],
    )
    destination = Destination()
    deliveries: list[Delivery] = []
    sync(destination, change(["u1"]), built=builder(integration), list_id="L1", deliveries=deliveries)
    assert quote(TOKEN, safe="") in str(destination.requests[0].url)
    assert destination.bodies[0]["key"] == TOKEN
    request = deliveries[0].request
    assert request.url == f"{BASE}/lists/L1/add?key=***"
    assert json.loads(request.text or "") == {"key": "***", "ids": ["u1"]}
    assert dict(request.headers)["X-Key"] == dict(request.headers)["Authorization"].removeprefix("Bearer ") == "***"
