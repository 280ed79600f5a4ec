"""What comes in to the sandbox and what goes out: plain values that know nothing of a web framework."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.integration import EndpointName
from core.template.match import Mismatch, Values

JSON_HEADER = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it arrived: path and query still percent-encoded, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def call(method: str, path: str, query: str, headers: Iterable[tuple[str, str]], body: bytes) -> Call:
    """A call with its headers by lower-case name; repeated headers are joined as RFC 9110, section 5.3, says."""
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value.strip(" \t")
    return Call(method.upper(), path or "/", query, joined, body)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `delay` in seconds; `cut_short` breaks the connection before the end of the body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    delay: float = 0.0
    cut_short: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call was not accepted. `progress` tells how far it got: of several readings the furthest is reported."""

    status: int
    error: str
    mismatch: Mismatch | None = None
    headers: tuple[tuple[str, str], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    progress: int = 0
    endpoint: EndpointName | None = None

    @property
    def sentence(self) -> str:
        return f"{self.error} {self.mismatch}" if self.mismatch else self.error


@dataclass(frozen=True, slots=True)
class Understood:
    """A call that has the shape of an endpoint: `members` are identities, `sent` the same as they stood in it.

    `document` is the payload as JSON, None without one. `remove` is None for a call that concerns no users.
    """

    endpoint: EndpointName
    values: Values
    members: list[str]
    sent: list[Any]
    document: Any
    remove: bool | None


def json_answer(status: int, document: Any, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status, (JSON_HEADER, *headers), json.dumps(document).encode("ascii"))


def refused(refusal: Refusal) -> Answer:
    """The refusal as a JSON error that says what is wrong, and where when it is known."""
    document: dict[str, Any] = {"error": refusal.error}
    if refusal.mismatch is not None:
        fault = refusal.mismatch
        document |= {"where": fault.where, "expected": fault.expected, "found": fault.found}
    return json_answer(refusal.status, {**document, **refusal.details}, refusal.headers)
