"""Rendered requests in the forms that other tools read: JSON lines, HAR 1.2, a Postman 2.1 collection."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from core.request.rendered import MASK, HttpRequest, RenderedRequest, unmark
from core.template import marks


def shown(request: RenderedRequest, *, reveal: bool) -> HttpRequest:
    """The request as it may be printed: with its secrets only when they are asked for."""
    return request.wire if reveal else request.masked


def json_line(request: RenderedRequest, *, reveal: bool = False) -> str:
    """One JSON object: endpoint, method, url, headers, body (text or null), members."""
    http = shown(request, reveal=reveal)
    line = {
        "endpoint": request.endpoint,
        "method": http.method,
        "url": http.url,
        "headers": dict(http.headers),
        "body": http.text,
        "members": request.members,
    }
    return json.dumps(line, ensure_ascii=False)


def har(requests: Iterable[RenderedRequest], *, reveal: bool = False) -> dict[str, Any]:
    """A HAR 1.2 log of requests that were rendered and not sent: responses are empty, times zero."""
    entries = [_har_entry(shown(request, reveal=reveal), request.endpoint) for request in requests]
    creator = {"name": "Developer Portal", "version": "1.0"}
    return {"log": {"version": "1.2", "creator": creator, "entries": entries}}


def _har_entry(http: HttpRequest, comment: str) -> dict[str, Any]:
    query = [
        {"name": name, "value": value} for name, value in parse_qsl(urlsplit(http.url).query, keep_blank_values=True)
    ]
    request: dict[str, Any] = {
        "method": http.method,
        "url": http.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in http.headers],
        "queryString": query,
        "headersSize": -1,
        "bodySize": len(http.body or b""),
    }
    if http.body is not None:
        mime = next((value for name, value in http.headers if name.lower() == "content-type"), "")
        request["postData"] = {"mimeType": mime, "text": http.text}
    response = {
        "status": 0,
        "statusText": "not sent",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
    return {
        "startedDateTime": "1970-01-01T00:00:00.000Z",
        "time": 0,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "comment": comment,
    }


def postman(requests: Iterable[RenderedRequest], name: str, *, reveal: bool = False) -> dict[str, Any]:
    """A Postman collection (schema v2.1.0); secrets are collection variables with no value."""
    variables: dict[str, None] = {}
    items = []
    for number, request in enumerate(requests, 1):
        http = request.wire if reveal else _with_variables(request.marked, variables)
        entry: dict[str, Any] = {
            "method": http.method,
            "url": http.url,
            "header": [
                {"key": key, "value": value}
                for key, value in http.headers
                if http.basic is None or key.lower() != "authorization"
            ],
        }
        if http.basic is not None:
            pairs = zip(("username", "password"), http.basic, strict=True)
            basic = [{"key": key, "value": value, "type": "string"} for key, value in pairs]
            entry["auth"] = {"type": "basic", "basic": basic}
        if http.body is not None:
            entry["body"] = {"mode": "raw", "raw": http.text}
        items.append({"name": f"{number} {request.endpoint}", "request": entry})
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return {
        "info": {"name": name, "schema": schema},
        "item": items,
        "variable": [{"key": key, "value": ""} for key in variables],
    }


def _with_variables(marked: HttpRequest, variables: dict[str, None]) -> HttpRequest:
    texts = [marked.url, *(value for _, value in marked.headers), marked.text or "", *(marked.basic or ())]
    stand_in = {mark: "{{" + mark.replace("|", "_") + "}}" for text in texts for mark in marks(text)}
    variables.update(dict.fromkeys(name.strip("{}") for name in stand_in.values()))
    return unmark(marked, stand_in, MASK)
