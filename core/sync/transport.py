"""One HTTP exchange: the rendered bytes out, the answer up to a cap back, and in plain words why none came."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import httpx

from core.integration.models import DeliverySettings
from core.request import HttpRequest
from core.sync.answer import Answer
from core.sync.deadline import deadline, is_over
from core.sync.hosts import problem
from core.sync.network import GuardedTransport, HostRefused
from core.sync.policy import ANYWHERE, NetworkPolicy
from core.sync.unpacking import NotPacked, read_body

BODY_CAP = 1024 * 1024
"""Bytes of an answer that are read, as they come and unpacked; the rest is left."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Either an answer or a fault. `lost`: the request may have been acted upon, but no answer came back.

    `unusable`: nothing was sent, and nothing can be until the URL is another or its host is allowed.
    """

    answer: Answer | None
    elapsed_ms: int
    fault: str = ""
    lost: bool = False
    cut: bool = False
    unusable: bool = False


class DirectClient(httpx.Client):
    """A client that can also hand a request to the network as it is, without what a browser does around it: cookies,
    redirects, authentication, hooks. That is a fifth of the time of a small request (`benchmarks/send.py`).
    """

    def __init__(self, network: httpx.BaseTransport, timeout: httpx.Timeout) -> None:
        super().__init__(timeout=timeout, trust_env=False, transport=network)
        self._network = network
        self._seconds = timeout.as_dict()

    def direct(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body not yet read. Whoever asks closes it. Raises what the network raises."""
        request.extensions["timeout"] = self._seconds
        return self._network.handle_request(request)


@contextmanager
def open_client(
    delivery: DeliverySettings, *, policy: NetworkPolicy = ANYWHERE, transport: httpx.BaseTransport | None = None
) -> Iterator[DirectClient]:
    """A client with as many connections as requests may be in flight, made only where `policy` allows. Redirects are
    not followed, proxies not read from the environment; `transport` replaces the network, and its guard, in tests.
    """
    limits = httpx.Limits(max_connections=delivery.concurrency, max_keepalive_connections=delivery.concurrency)
    seconds = delivery.timeout_seconds
    timeout = httpx.Timeout(seconds, connect=min(10.0, seconds))
    network = transport or GuardedTransport(policy, limits)
    with DirectClient(network, timeout) as client:
        yield client


def exchange(client: DirectClient, request: HttpRequest, *, deadline_seconds: float) -> Exchange:
    """Sends exactly the rendered bytes. Never raises for what a network or a destination does.

    With the look-up of the host, the connection, the request and the answer it takes no longer than the deadline.
    """
    started = time.perf_counter()

    def elapsed() -> int:
        return round((time.perf_counter() - started) * 1000)

    try:
        outgoing = _outgoing(request)
    except (httpx.InvalidURL, ValueError) as error:
        return Exchange(None, 0, f"The URL cannot be used: {error}", unusable=True)
    with deadline(deadline_seconds):
        try:
            response = client.direct(outgoing)
            try:
                body, cut = _read(response)
            finally:
                response.close()
        except HostRefused as error:
            return Exchange(None, elapsed(), str(error), unusable=True)
        except NotPacked:
            fault = f"The answer of {outgoing.url.netloc.decode()} is not encoded as its headers say"
            return Exchange(None, elapsed(), fault, lost=True)
        except httpx.HTTPError as error:
            if is_over() and isinstance(error, (httpx.ReadTimeout, httpx.WriteTimeout)):
                fault = f"The answer was not complete after {deadline_seconds:g} s"
                return Exchange(None, elapsed(), fault, lost=True)
            fault, lost = _explain(error, outgoing.url.netloc.decode())
            return Exchange(None, elapsed(), fault, lost)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
    return Exchange(Answer(response.status_code, headers, _text(body, response)), elapsed(), cut=cut)


def _outgoing(request: HttpRequest) -> httpx.Request:
    """Raises ValueError, with a reason, for a URL to which nothing can be sent."""
    url, target = _place(request.url)
    given = {name.lower() for name, _ in request.headers}
    own = [("Accept-Encoding", "gzip, deflate"), ("Connection", "keep-alive")]
    headers = [*request.headers, *(pair for pair in own if pair[0].lower() not in given)]
    return httpx.Request(request.method, url, headers=headers, content=request.body, extensions={"target": target})


@lru_cache(maxsize=64)
def _place(text: str) -> tuple[httpx.URL, bytes]:
    """The URL, and the target of the request line as it is written. Kept, because the batches of a stage share it."""
    url = httpx.URL(text)
    reason = problem(url)
    if reason:
        raise ValueError(reason)
    parts = urlsplit(text)
    return url, f"{parts.path or '/'}{f'?{parts.query}' if '?' in text else ''}".encode("ascii")


def _read(response: httpx.Response) -> tuple[bytes, bool]:
    if response.is_stream_consumed:  # an answer that was made in memory, and is unpacked
        return response.content[:BODY_CAP], len(response.content) > BODY_CAP
    return read_body(_until_the_end(response.iter_raw()), response.headers.get("content-encoding", ""), BODY_CAP)


def _until_the_end(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if is_over():
            raise httpx.ReadTimeout("")
        yield piece


def _text(body: bytes, response: httpx.Response) -> str:
    """The body in the encoding that its headers name, if that is one for texts; else in UTF-8."""
    try:
        return body.decode(response.charset_encoding or "utf-8", "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _explain(error: httpx.HTTPError, host: str) -> tuple[str, bool]:
    """The fault in words, and whether the request may have reached the destination."""
    text = str(error)
    if isinstance(error, httpx.ConnectTimeout):
        if "name resolution" in text:
            return f"The host {host} could not be looked up in time", False
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
    return f"The connection to {host} broke before the answer was complete", True
