"""One HTTP exchange: the rendered bytes out, the answer up to a cap back, and in plain words why none came."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from core.integration.models import DeliverySettings
from core.request import HttpRequest
from core.sync.answer import Answer

BODY_CAP = 1024 * 1024
"""Bytes of an answer that are read; the rest is left."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Either an answer or a fault. `lost`: the request may have been acted upon, but no answer came back.

    `unusable`: nothing was sent, and nothing can be until the URL is another.
    """

    answer: Answer | None
    elapsed_ms: int
    fault: str = ""
    lost: bool = False
    cut: bool = False
    unusable: bool = False


@contextmanager
def open_client(delivery: DeliverySettings, *, transport: httpx.BaseTransport | None = None) -> Iterator[httpx.Client]:
    """A client with as many connections as requests may be in flight. Redirects are not followed, proxies not read
    from the environment; `transport` replaces the network in tests.
    """
    limits = httpx.Limits(max_connections=delivery.concurrency, max_keepalive_connections=delivery.concurrency)
    timeout = httpx.Timeout(delivery.timeout_seconds, connect=min(10.0, delivery.timeout_seconds), pool=None)
    with httpx.Client(limits=limits, timeout=timeout, trust_env=False, transport=transport) as client:
        yield client


def exchange(client: httpx.Client, request: HttpRequest, *, deadline_seconds: float) -> Exchange:
    """Sends exactly the rendered bytes. Never raises for what a network or a destination does."""
    started = time.perf_counter()

    def elapsed() -> int:
        return round((time.perf_counter() - started) * 1000)

    try:
        outgoing = _outgoing(request)
    except (httpx.InvalidURL, ValueError) as error:
        return Exchange(None, 0, f"The URL cannot be used: {error}", unusable=True)
    try:
        response = client.send(outgoing, stream=True)
        try:
            body, cut = _read(response, started + deadline_seconds)
        finally:
            response.close()
    except httpx.HTTPError as error:
        fault, lost = _explain(error, request.url)
        return Exchange(None, elapsed(), fault, lost)
    except UnicodeError:
        fault = f"The URL cannot be used: {urlsplit(request.url).netloc} is not the name of a host"
        return Exchange(None, elapsed(), fault, unusable=True)
    except _TooSlow:
        return Exchange(None, elapsed(), f"The answer was not complete after {deadline_seconds:g} s", lost=True)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
    return Exchange(Answer(response.status_code, headers, _text(body, response)), elapsed(), cut=cut)


def _outgoing(request: HttpRequest) -> httpx.Request:
    given = {name.lower() for name, _ in request.headers}
    own = [("Accept-Encoding", "gzip, deflate"), ("Connection", "keep-alive")]
    headers = [*request.headers, *(pair for pair in own if pair[0].lower() not in given)]
    outgoing = httpx.Request(request.method, request.url, headers=headers, content=request.body)
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if "?" in request.url else "")
    outgoing.extensions["target"] = target.encode("ascii")
    return outgoing


class _TooSlow(Exception):
    pass


def _read(response: httpx.Response, deadline: float) -> tuple[bytes, bool]:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > BODY_CAP:
            return bytes(body[:BODY_CAP]), True
        if time.perf_counter() > deadline:
            raise _TooSlow
    return bytes(body), False


def _text(body: bytes, response: httpx.Response) -> str:
    """The body in the encoding that its headers name, if that is one for texts; else in UTF-8."""
    try:
        return body.decode(response.charset_encoding or "utf-8", "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _explain(error: httpx.HTTPError, url: str) -> tuple[str, bool]:
    """The fault in words, and whether the request may have reached the destination."""
    host = urlsplit(url).netloc
    text = str(error)
    if isinstance(error, httpx.ConnectTimeout):
        return f"{host} did not accept a connection in time", False
    if isinstance(error, httpx.ConnectError):
        if "CERTIFICATE" in text.upper():
            return f"The certificate of {host} cannot be trusted: {text}", False
        if "SSL" in text.upper():
            return f"{host} does not speak HTTPS on this port: {text}", False
        if "refused" in text.lower():
            return f"{host} refused the connection; is the server running on this port?", False
        if any(word in text.lower() for word in ("name or service", "getaddrinfo", "nodename", "name resolution")):
            return f"The host {host} was not found; is its name right?", False
        return f"{host} cannot be reached: {text}", False
    if isinstance(error, httpx.PoolTimeout):
        return "No connection was free in time", False
    if isinstance(error, (httpx.ReadTimeout, httpx.WriteTimeout)):
        return f"{host} did not answer in time", True
    if isinstance(error, httpx.UnsupportedProtocol):
        return "The URL needs http:// or https://", False
    if isinstance(error, httpx.DecodingError):
        return f"The answer of {host} is not encoded as its headers say", True
    return f"The connection to {host} broke before the answer was complete", True
