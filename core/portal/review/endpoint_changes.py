"""What a change of requests means for customers: endpoints, authentication, headers. Rows are those of changes.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from core.integration.models import Auth, CreateListEndpoint, Endpoint, Header

Row = tuple[Literal["breaking", "notice", "info"], str, str, Any, Any, str]

_ORIGIN = re.compile(r"[a-z]+://(?:\$\{[^}]*\}|[^/?#])*", re.IGNORECASE)
_SENT = "Syncs send it in another form."
_READ = "The answer is read in another way."
_NOTICED: tuple[tuple[str, str, str], ...] = (
    ("method", "Method", _SENT),
    ("payload", "Payload", _SENT),
    ("item", "Item", _SENT),
    ("content_type", "Content type", _SENT),
    ("success_when", "Success when", _READ),
    ("rejected_path", "Path to rejected members", _READ),
)
_OF_LISTS: tuple[tuple[str, str, str], ...] = (
    ("list_id_source", "Where the list id is", _READ),
    ("list_id_path", "Path to the list id", _READ),
)
_BY_THE_WAY: tuple[tuple[str, str], ...] = (
    ("batch_size", "Batch size"),
    ("max_bytes", "Largest body"),
    ("idempotent", "Idempotent"),
)


def endpoint_changes(place: str, title: str, old: Endpoint, new: Endpoint) -> Iterator[Row]:
    """`title` is the endpoint's on the page."""
    yield from _address(place, title, old.url, new.url)
    yield from auth_changes(f"{place}.auth", f"{title} › Authentication", old.auth, new.auth)
    yield from header_changes(f"{place}.headers", f"{title} › ", old.headers or [], new.headers or [])
    of_lists = _OF_LISTS if isinstance(new, CreateListEndpoint) else ()
    for name, label, meaning in (*_NOTICED, *of_lists):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield "notice", f"{place}.{name}", f"{title} › {label}", before, after, meaning
    for name, label in _BY_THE_WAY:
        before, after = getattr(old, name, None), getattr(new, name, None)
        if before != after:
            yield "info", f"{place}.{name}", f"{title} › {label}", before, after, "Requests are divided differently."
    if old.errors != new.errors:
        meaning = "Errors are explained in other words, or answered in another way."
        yield "info", f"{place}.errors", f"{title} › Error rules", len(old.errors), len(new.errors), meaning


def auth_changes(place: str, title: str, old: Auth | None, new: Auth | None) -> Iterator[Row]:
    """None stands for the integration's own, where an endpoint has none."""
    if old == new:
        return
    before, after = (None if auth is None else auth.method for auth in (old, new))
    if before != after:
        meaning = "The destination is logged in to in another way: customers may need other credentials."
        yield "breaking", place, title, before, after, meaning
    else:
        said = [None if auth is None else auth.model_dump(mode="json", exclude={"method"}) for auth in (old, new)]
        yield "notice", place, title, said[0], said[1], "The credentials are sent in another form."


def header_changes(place: str, prefix: str, old: Sequence[Header], new: Sequence[Header]) -> Iterator[Row]:
    """`prefix` is the endpoint's title and a separator, or empty for the integration's own headers."""
    had = {header.name.lower(): header for header in old}
    has = {header.name.lower(): header for header in new}
    for key in dict.fromkeys((*had, *has)):
        before, after = had.get(key), has.get(key)
        values = [header.value if header else None for header in (before, after)]
        if values[0] != values[1]:
            name = (after or before or Header(name=key, value="")).name
            meaning = "Syncs send it in another form." if before and after else "Syncs send it."
            meaning = meaning if after else "Syncs send it no more."
            yield "notice", place, f"{prefix}Header {name}", values[0], values[1], meaning


def _address(place: str, title: str, old: str, new: str) -> Iterator[Row]:
    if old == new:
        return
    before, after = (_origin(url) for url in (old, new))
    if before.lower() != after.lower():
        meaning = "Users and credentials go to another host: customers may have to allow it."
        yield "breaking", f"{place}.url", f"{title} › Host", before, after, meaning
    rest = old[len(before) :], new[len(after) :]
    if rest[0] != rest[1]:
        yield "notice", f"{place}.url", f"{title} › URL", old, new, "Syncs call another address of the destination."


def _origin(url: str) -> str:
    found = _ORIGIN.match(url)
    return found[0] if found else ""
