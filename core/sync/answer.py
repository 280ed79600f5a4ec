"""Reads an answer: its JSON, the id of the list it created, the members it refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jmespath
from jmespath.exceptions import JMESPathError

from core.integration.models import CreateListEndpoint
from core.request import HttpRequest

NOT_JSON = object()
_PATHS_SHOWN = 12
_REASONS = ("reason", "message", "error", "detail", "code", "error_code", "status")
_NOT_IDS = (*_REASONS, "index", "row", "line", "position")
_UNKNOWN = "Rejected by the destination, but not among the users sent"
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
        return json.loads(text.removeprefix("\ufeff"))
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
        return _from_document(path, _sent(request), "the request")
    document = answer.json()
    if document is NOT_JSON:
        what = "HTML" if answer.body.lstrip()[:1] == "<" else "an empty body" if not answer.body.strip() else "no JSON"
        headers = ("header:Location",) if answer.header("location") else ()
        return ListId(None, f'The list id should be at "{path}", but the answer has {what}.', headers)
    return _from_document(path, document, "the answer")


def _from_header(name: str, answer: Answer) -> ListId:
    value = (answer.header(name) or "").strip()
    if not value:
        present = ", ".join(dict.fromkeys(key for key, _ in answer.headers)) or "none"
        return ListId(None, f"The answer has no header {name}. Its headers: {present}.")
    if "/" in value:
        segments = [segment for segment in urlsplit(value).path.split("/") if segment]
        return ListId(unquote(segments[-1])) if segments else ListId(None, f"The header {name} holds no path: {value}")
    return ListId(value)


def _from_document(path: str, document: Any, where: str) -> ListId:
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

    What is found at the path may be an id, an object that holds one, an object with ids as its keys, or lists of
    these. Ids are looked for among the keys and among the texts of each item as it was sent, then without regard to
    case. An entry that fits no member comes back as it is written: the destination refused something all the same.
    """
    document = answer.json()
    found = None if document is NOT_JSON else search(path, document)
    if not found or isinstance(found, bool):
        return ()
    known = _identities(keys, items)
    refused: dict[str, str] = {}
    for key, reason in _refusals(found, known, listed=isinstance(found, str)):
        refused.setdefault(key, reason or "Rejected by the destination")
    return tuple(refused.items())


def _refusals(entry: Any, known: Mapping[str, str], *, listed: bool) -> Iterator[tuple[str, str]]:
    """Members in an entry with the reasons given; of a `listed` entry that names none, the entry itself."""
    if isinstance(entry, list):
        for inner in entry:
            yield from _refusals(inner, known, listed=True)
    elif isinstance(entry, dict):
        yield from _of_object(entry, known, listed)
    elif (text := _as_text(entry)) is not None:
        key = _member(text, known)
        if key is not None:
            yield key, ""
        elif listed and text:
            yield text, _UNKNOWN


def _of_object(entry: dict[str, Any], known: Mapping[str, str], listed: bool) -> Iterator[tuple[str, str]]:
    """An object is a refusal when one of its values is an id, else it maps ids to reasons or holds refusals."""
    reason = _reason(entry)
    named = sorted(entry.items(), key=lambda pair: not _names_an_id(pair[0]))
    texts = [text for name, value in named if name.lower() not in _NOT_IDS and (text := _as_text(value)) is not None]
    key = next((key for text in texts if (key := _member(text, known)) is not None), None)
    if key is not None:
        yield key, reason
        return
    found = []
    for name, value in entry.items():
        key = _member(name, known)
        if key is not None:
            found.append((key, _reason(value) if isinstance(value, dict) else _as_text(value) or ""))
        elif isinstance(value, (dict, list)):
            found += _refusals(value, known, listed=False)
    if listed:
        found = [pair for pair in found if pair[1] != _UNKNOWN] or found
    if listed and not found:
        found.append((next(iter(texts), json.dumps(entry, ensure_ascii=False))[:200], _UNKNOWN))
    yield from ((key, inner or reason) for key, inner in found)


def _identities(keys: Sequence[str], items: Sequence[str] | None) -> dict[str, str]:
    """Texts that stand for one member and no other: its key, and what only its item holds; also in lower case."""
    owners: dict[str, str | None] = {}
    for number, key in enumerate(keys):
        for text in _scalars(json.loads(items[number])) if items is not None else ():
            owners[text] = key if owners.get(text, key) == key else None
    owners |= {key: key for key in keys}
    exact = {text: key for text, key in owners.items() if key is not None}
    return {text.lower(): key for text, key in exact.items()} | exact


def _member(text: str, known: Mapping[str, str]) -> str | None:
    return known.get(text) or known.get(text.lower())


def _names_an_id(name: str) -> bool:
    return name.lower().endswith(("id", "key", "uuid", "user", "email"))


def _scalars(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _scalars(inner)
    elif (text := _as_text(value)) is not None:
        yield text


def _as_text(value: Any) -> str | None:
    """The text of a string or a number; None for anything else."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _reason(entry: Mapping[str, Any]) -> str:
    for name in _REASONS:
        for key, value in entry.items():
            if key.lower() == name and isinstance(value, (str, int)):
                return str(value)
    return ""
