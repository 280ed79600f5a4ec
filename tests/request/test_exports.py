"""Requests in the forms that other tools read: JSON lines, HAR, Postman."""

from __future__ import annotations

import json
from typing import Any

from core.integration import Integration
from core.request import BatchValues, Connection, RenderedRequest, RequestBuilder, har, json_line, postman


def one(auth: dict[str, Any], **endpoint: Any) -> RenderedRequest:
    document = {
        "auth": auth,
        "custom_fields": [
            {"variable": name, "display_name": name, "secret": True} for name in ("api_key", "api_secret")
        ],
        "endpoints": {
            "create_list": {"url": "https://api.example.com/l?a=1&b=x%20y", "payload": '{"n": "é"}', **endpoint}
        },
    }
    connection = Connection(fields={"api_key": "key-1", "api_secret": "sec-2"})
    return RequestBuilder(Integration.model_validate(document), connection).request("create_list", BatchValues())


BASIC = {"method": "basic"}
KEY_HEADER = {"method": "header", "name": "X-Key", "value": "$api_key"}


def test_a_json_line_is_one_line_with_everything_of_the_request() -> None:
    line = json_line(one(KEY_HEADER))
    assert "\n" not in line
    assert json.loads(line) == {
        "endpoint": "create_list",
        "method": "POST",
        "url": "https://api.example.com/l?a=1&b=x%20y",
        "headers": {
            "User-Agent": "Amplitude-Developer-Portal/1.0",
            "Accept": "*/*",
            "Content-Type": "application/json",
            "X-Key": "***",
        },
        "body": '{"n":"é"}',
        "members": 0,
    }
    assert json.loads(json_line(one(KEY_HEADER, payload=None, method="GET")))["body"] is None


def test_a_har_has_what_version_1_2_requires() -> None:
    log = har([one(KEY_HEADER), one(KEY_HEADER, payload=None)])["log"]
    assert log["version"] == "1.2"
    assert set(log["creator"]) == {"name", "version"}
    first, second = log["entries"]
    for entry in (first, second):
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} <= set(
            entry["request"]
        )
        assert {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"} <= set(
            entry["response"]
        )
        assert {"send", "wait", "receive"} <= set(entry["timings"])
    assert first["request"]["queryString"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "x y"}]
    assert first["request"]["postData"] == {"mimeType": "application/json", "text": '{"n":"é"}'}
    assert first["request"]["bodySize"] == len('{"n":"é"}'.encode())
    assert "postData" not in second["request"]
    assert {"name": "X-Key", "value": "***"} in first["request"]["headers"]


def test_a_postman_collection_reads_its_secrets_from_variables() -> None:
    collection = postman([one(KEY_HEADER)], "Acme")
    assert collection["info"]["schema"].endswith("/v2.1.0/collection.json")
    assert collection["info"]["name"] == "Acme"
    assert collection["variable"] == [{"key": "api_key", "value": ""}]
    (item,) = collection["item"]
    assert item["name"] == "1 create_list"
    assert item["request"]["method"] == "POST"
    assert item["request"]["url"] == "https://api.example.com/l?a=1&b=x%20y"
    assert item["request"]["body"] == {"mode": "raw", "raw": '{"n":"é"}'}
    assert {"key": "X-Key", "value": "{{api_key}}"} in item["request"]["header"]


def test_postman_does_basic_authentication_itself() -> None:
    (item,) = postman([one(BASIC)], "Acme")["item"]
    assert item["request"]["auth"]["type"] == "basic"
    pairs = {pair["key"]: pair["value"] for pair in item["request"]["auth"]["basic"]}
    assert pairs == {"username": "{{api_key}}", "password": "{{api_secret}}"}
    assert not [header for header in item["request"]["header"] if header["key"] == "Authorization"]


def test_postman_keeps_a_bearer_token_in_its_header() -> None:
    (item,) = postman([one({"method": "bearer", "token": "$api_key"})], "Acme")["item"]
    assert {"key": "Authorization", "value": "Bearer {{api_key}}"} in item["request"]["header"]


def test_a_revealed_collection_holds_the_secrets_and_no_variables() -> None:
    collection = postman([one(KEY_HEADER)], "Acme", reveal=True)
    assert collection["variable"] == []
    assert {"key": "X-Key", "value": "key-1"} in collection["item"][0]["request"]["header"]
