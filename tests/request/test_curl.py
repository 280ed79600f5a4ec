"""The printed cURL command, run by a real bash, sends the bytes that the sync sends."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.integration import Integration
from core.request import BatchValues, Connection, HttpRequest, RenderedRequest, RequestBuilder, curl
from tests.request.recorder import Recorder, Seen, recording_server

AWKWARD = (
    "it's", 'say "hi"', "back\\slash", "!history", "$HOME", "${PATH}", "`id`", "$(id)", "a\nb", "tab\t", "é日本🎉",
    "%s %d", "*?[a]", "~", "#x", "; ls", "& x", "a|b", "<>", "{a,b}", "-X", "@file", "''", "\\'", "\\n", "\u2028",
    "\x01", "!!", " ",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recording_server() as recorder:
        yield recorder


def sent_by_httpx(server: Recorder, request: HttpRequest) -> Seen:
    with httpx.Client(trust_env=False) as client:
        client.request(request.method, request.url, headers=dict(request.headers), content=request.body)
    return server.take()


def sent_by_bash(server: Recorder, command: str, variables: dict[str, str] | None = None) -> Seen:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **(variables or {})}
    with tempfile.NamedTemporaryFile("w", suffix=".sh", encoding="utf-8", errors="surrogatepass", newline="") as script:
        script.write(command)
        script.flush()
        done = subprocess.run(["bash", script.name], env=environment, capture_output=True)
    assert done.returncode == 0, (done.stderr, command[:2000])
    return server.take()


def request_of(server: Recorder, **changes: Any) -> RenderedRequest:
    """A request of an integration whose name, secret, method and so on are given."""
    secrets = changes.pop("fields", {"key": "s3cr3t"})
    cohort = changes.pop("cohort", "Power users")
    auth = changes.pop("auth", {"method": "bearer", "token": "$key"})
    headers = changes.pop("headers", [{"name": "X-Name", "value": "v1"}])
    endpoint = {
        "method": "POST",
        "url": "/lists?q=$amp_cohort_name",
        "payload": '{"name": "$amp_cohort_name"}',
        **changes,
    }
    endpoint["url"] = server.base + endpoint["url"]
    document = {
        "auth": auth,
        "headers": headers,
        "custom_fields": [
            {"variable": name, "display_name": name, "secret": True, "required": False} for name in secrets
        ],
        "endpoints": {"create_list": endpoint},
    }
    connection = Connection.model_validate({"fields": secrets, "cohort": {"id": "c", "name": cohort, "url": "u"}})
    builder = RequestBuilder(Integration.model_validate(document), connection)
    return builder.request("create_list", BatchValues(message_id="m-1", computed_time=7))


def assert_same(server: Recorder, request: RenderedRequest, shell: dict[str, str]) -> None:
    """The resolved command and the masked one with its variables set both send what httpx sends."""
    expected = sent_by_httpx(server, request.wire)
    assert sent_by_bash(server, curl(request.wire).command) == expected
    masked = curl(request.marked)
    assert {name for name, _ in masked.variables} == set(shell)
    assert sent_by_bash(server, masked.command, shell) == expected


@pytest.mark.parametrize("text", AWKWARD)
def test_any_character_in_a_cohorts_name_arrives(server: Recorder, text: str) -> None:
    assert_same(server, request_of(server, cohort=f"x{text}y"), {"KEY": "s3cr3t"})


@pytest.mark.parametrize("text", [text for text in AWKWARD if text.isascii() and text.isprintable() and text.strip()])
def test_any_character_in_a_secret_arrives(server: Recorder, text: str) -> None:
    secret = f"k{text}k"
    assert_same(server, request_of(server, fields={"key": secret}), {"KEY": secret})


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("payload", [None, '{"a": 1}', '""'])
def test_every_method_with_and_without_a_body(server: Recorder, method: str, payload: str | None) -> None:
    assert_same(server, request_of(server, method=method, payload=payload), {"KEY": "s3cr3t"})


@pytest.mark.parametrize(
    ("user", "password"), [("u", "p"), ("u", None), (None, "p"), ("ü'\"", "p:$x!`"), ("a b", "🎉")]
)
def test_basic_authentication(server: Recorder, user: str | None, password: str | None) -> None:
    request = request_of(
        server,
        auth={"method": "basic", "username": "$api_key", "password": "$api_secret"},
        fields={"api_key": user, "api_secret": password},
    )
    given_values = {"API_KEY": user, "API_SECRET": password}
    assert_same(server, request, {name: value for name, value in given_values.items() if value})
    assert "Basic" not in curl(request.marked).command


def test_a_header_that_replaces_basic_authentication(server: Recorder) -> None:
    headers = [{"name": "Authorization", "value": "Own $key"}]
    auth = {"method": "basic", "username": "u", "password": "p"}
    assert_same(server, request_of(server, auth=auth, headers=headers), {"KEY": "s3cr3t"})


def test_a_secret_wherever_it_may_stand(server: Recorder) -> None:
    request = request_of(
        server,
        url="/${key|lower}/x?k=$key",
        payload='{"$key": "<$key>", "bare": $key, "hash": "${key|sha256}"}',
        headers=[{"name": "X-Both", "value": "$key/${key|base64}"}],
        fields={"key": 'A/b"c'},
    )
    shell = {
        "KEY": 'A/b"c',
        "KEY_JSON": 'A/b\\"c',
        "KEY_URL": "A%2Fb%22c",
        "KEY_LOWER_URL": "a%2Fb%22c",
        "KEY_SHA256": json.loads(request.wire.body or b"")["hash"],
        "KEY_BASE64": "QS9iImM=",
    }
    assert_same(server, request, shell)
    assert dict(curl(request.marked).variables)["KEY_LOWER_URL"] == "key, then lower, then url"


@pytest.mark.parametrize("secret", ["plain", "a&b=c d", 'q"é\\'])
def test_a_secret_in_a_form(server: Recorder, secret: str) -> None:
    request = request_of(
        server,
        content_type="application/x-www-form-urlencoded",
        payload='{"k": "$key", "n": 1}',
        fields={"key": secret},
        auth={"method": "none"},
    )
    encoded = quote_plus(secret)
    assert_same(server, request, {"KEY": secret} if encoded == secret else {"KEY_URL": encoded})


@pytest.mark.parametrize("name", ["path", "HOME", "uid", "pwd", "ifs"])
def test_a_field_named_like_a_variable_of_the_shell(server: Recorder, name: str) -> None:
    request = request_of(server, auth={"method": "bearer", "token": f"${name}"}, fields={name: "s3cr3t"})
    assert_same(server, request, {f"{name.upper()}_VALUE": "s3cr3t"})


def test_a_body_of_350_kilobytes(server: Recorder) -> None:
    request = request_of(server, url="/big", cohort="it's $5 \\ é" * 30_000)
    assert len(request.wire.body or b"") > 350_000
    assert_same(server, request, {"KEY": "s3cr3t"})


def test_the_token_is_read_from_a_variable_named_after_its_field(server: Recorder) -> None:
    command = curl(
        request_of(server, auth={"method": "bearer", "token": "$bearer_token"}, fields={"bearer_token": "x9"}).marked
    )
    assert '-H "Authorization: Bearer $BEARER_TOKEN"' in command.command
    assert "x9" not in command.command
    assert command.variables == (("BEARER_TOKEN", "bearer_token"),)


def test_brackets_and_dots_in_a_url_are_not_touched(server: Recorder) -> None:
    assert_same(server, request_of(server, url="/a...b/{x}[1-3]?id[]=1&x={a,b}"), {"KEY": "s3cr3t"})


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
@hypothesis_settings(max_examples=20)
def test_any_text_in_a_name_arrives(server: Recorder, text: str) -> None:
    request = request_of(server, cohort=text)
    assert sent_by_bash(server, curl(request.wire).command) == sent_by_httpx(server, request.wire)
