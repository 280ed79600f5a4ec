"""Reads an answer: its JSON, the id of the list it created, the members it refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jmespath
from jmespath.exceptions import JMESPathError

from core.integration.models import CreateListEndpoint
from core.request import HttpRequest

NOT_JSON = object()
_PATHS_SHOWN = 12
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Answer:
    """A destination's answer as it came: `body` is the text, up to the cap."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def json(self) -> Any:
        """The body's JSON, or `NOT_JSON`."""
        return parse(self.body)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return NOT_JSON


def search(expression: str, document: Any) -> Any:
    """What a JMESPath expression finds; a leading `$.` is allowed. None for a path that cannot be read."""
    try:
        return jmespath.search(expression.strip().removeprefix("$."), document)
    except (JMESPathError, ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class ListId:
    """The id of a created list, or why there is none; `paths` are then places where an id could be."""

    value: str | int | None
    problem: str = ""
    paths: tuple[str, ...] = ()


def read_list_id(endpoint: CreateListEndpoint, request: HttpRequest, answer: Answer) -> ListId:
    """Finds the list id where the endpoint says it is. It keeps its type: a number stays a number."""
    path = endpoint.list_id_path.strip()
    if path.lower().startswith("header:"):
        return _from_header(path[len("header:") :].strip(), answer)
    if endpoint.list_id_source == "request":
        return _from_document(path, _sent(request), "the request", request.text or "")
    document = answer.json()
    if document is NOT_JSON:
        what = "HTML" if answer.body.lstrip()[:1] == "<" else "an empty body" if not answer.body.strip() else "no JSON"
        headers = ("header:Location",) if answer.header("location") else ()
        return ListId(None, f'The list id should be at "{path}", but the answer has {what}.', headers)
    return _from_document(path, document, "the answer", answer.body)


def _from_header(name: str, answer: Answer) -> ListId:
    value = (answer.header(name) or "").strip()
    if not value:
        present = ", ".join(dict.fromkeys(key for key, _ in answer.headers)) or "none"
        return ListId(None, f"The answer has no header {name}. Its headers: {present}.")
    if "/" in value:
        segments = [segment for segment in urlsplit(value).path.split("/") if segment]
        return ListId(unquote(segments[-1])) if segments else ListId(None, f"The header {name} holds no path: {value}")
    return ListId(value)


def _from_document(path: str, document: Any, where: str, text: str) -> ListId:
    value = search(path, document)
    if isinstance(value, str) and value:
        return ListId(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return ListId(value)
    if isinstance(value, float):
        return ListId(json.dumps(value))
    paths = tuple(existing_paths(document))
    if value is None:
        problem = f'There is nothing at "{path}" in {where}.'
    elif value == "":
        problem = f'The text at "{path}" in {where} is empty.'
    else:
        kind = {dict: "an object", list: "a list", bool: "true or false"}.get(type(value), "no id")
        problem = f'At "{path}" in {where} there is {kind}, not an id.'
    return ListId(None, problem, paths)


def _sent(request: HttpRequest) -> Any:
    text = request.text or ""
    document = parse(text)
    if document is NOT_JSON and "=" in text:
        return {key: values[0] for key, values in parse_qs(text, keep_blank_values=True).items()}
    return document


def existing_paths(document: Any, *, limit: int = _PATHS_SHOWN) -> list[str]:
    """The paths of texts and numbers in a document, those that end in an id first."""
    found = []
    for path in _leaves(document, ""):
        found.append(path)
        if len(found) >= 200:
            break
    ranked = sorted(
        found, key=lambda path: (not path.lower().rstrip('"').endswith(("id", "key", "uuid")), path.count("."))
    )
    return ranked[:limit]


def _leaves(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            step = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)
            yield from _leaves(inner, f"{path}.{step}" if path else step)
    elif isinstance(value, list):
        for number, inner in enumerate(value[:3]):
            yield from _leaves(inner, f"{path}[{number}]")
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and path:
        yield path


def read_rejected(
    path: str, answer: Answer, keys: Sequence[str], items: Sequence[str] | None
) -> tuple[tuple[str, str], ...]:
    """The members that an answer refused, with its reason: (key, reason).

    An entry is an id, or an object that holds one; it is looked for among the keys and among the texts of each item,
    as it was sent, then without regard to case.
    """
    document = answer.json()
    entries = None if document is NOT_JSON else search(path, document)
    if entries is None or entries == [] or isinstance(entries, bool):
        return ()
    if isinstance(entries, dict):
        entries = [
            {"id": key, "reason": value} if not isinstance(value, (dict, list)) else value
            for key, value in entries.items()
        ]
    elif not isinstance(entries, list):
        entries = [entries]
    known = _identities(keys, items)
    found: dict[str, str] = {}
    for entry in _flat(entries):
        texts = list(_scalars(entry))
        key = next((known[text] for text in texts if text in known), None)
        key = key or next((known[text.lower()] for text in texts if text.lower() in known), None)
        if key is not None:
            found.setdefault(key, _reason(entry, texts))
    return tuple(found.items())


def _flat(entries: list[Any]) -> Iterator[Any]:
    for entry in entries:
        if isinstance(entry, list):
            yield from _flat(entry)
        else:
            yield entry


def _identities(keys: Sequence[str], items: Sequence[str] | None) -> dict[str, str]:
    exact: dict[str, str] = {}
    folded: dict[str, str] = {}
    for number, key in enumerate(keys):
        texts = [key, *(_scalars(json.loads(items[number])) if items is not None else ())]
        for text in texts:
            exact.setdefault(text, key)
            folded.setdefault(text.lower(), key)
    return {**folded, **exact}


def _scalars(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _scalars(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scalars(inner)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield json.dumps(value)


def _reason(entry: Any, texts: list[str]) -> str:
    if isinstance(entry, dict):
        for name in ("reason", "message", "error", "detail", "code", "error_code", "status"):
            for key, value in entry.items():
                if key.lower() == name and isinstance(value, (str, int)):
                    return str(value)
    return "Rejected by the destination"
