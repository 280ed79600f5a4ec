"""The network under the client: looks a host up once, has every address checked, connects to what was checked.

An answer of the DNS that changes between check and connection cannot matter: there is one answer, and the connection
is made to an address in it, while Host header, TLS server name and certificate keep to the name. All that is waited
for, from the look-up to the last byte, ends at the deadline (core/sync/deadline.py).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from threading import Thread
from typing import Any

import httpcore
import httpx

from core.sync.addresses import Address
from core.sync.deadline import left
from core.sync.hosts import literal
from core.sync.policy import NetworkPolicy

Resolve = Callable[[str, int], Sequence[Address]]
"""Every address of a host. Raises OSError; may take its time."""
Connect = Callable[[Address, int, float | None], httpcore.NetworkStream]
"""A TCP connection to an address and port, within seconds. Raises httpcore's ConnectError or ConnectTimeout."""


class HostRefused(Exception):
    """Nothing was sent, because the policy does not allow the host; the text is a sentence for the user."""


def system_resolve(host: str, port: int) -> list[Address]:
    """What the system says, each address once, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(entry[4][0])) for entry in found))


def system_connect(address: Address, port: int, timeout: float | None) -> httpcore.NetworkStream:
    return httpcore.SyncBackend().connect_tcp(str(address), port, timeout)


class GuardedBackend(httpcore.NetworkBackend):
    """Makes the connections of a pool, as the policy allows."""

    def __init__(
        self, policy: NetworkPolicy, resolve: Resolve = system_resolve, connect: Connect = system_connect
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._connect = connect

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes one. Raises `HostRefused`, or httpcore's errors."""
        self._check(host, port, ())
        addresses = self._addresses(host, port, timeout)
        self._check(host, port, addresses)
        fault: Exception = httpcore.ConnectError("name resolution gave no address")
        for address in addresses:
            try:
                return _Stream(self._connect(address, port, left(timeout, httpcore.ConnectTimeout)))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault

    def _check(self, host: str, port: int, addresses: Sequence[Address]) -> None:
        refusal = self._policy.refusal(host, port, addresses)
        if refusal:
            raise HostRefused(refusal)

    def _addresses(self, host: str, port: int, timeout: float | None) -> Sequence[Address]:
        address = literal(host)
        if address is not None:
            return (address,)
        try:
            return _in_time(lambda: self._resolve(host, port), left(timeout, httpcore.ConnectTimeout))
        except TimeoutError:
            raise httpcore.ConnectTimeout("name resolution took too long") from None
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None


def _in_time(look_up: Callable[[], Sequence[Address]], seconds: float | None) -> Sequence[Address]:
    """What was looked up; the system's resolver cannot be interrupted, so it works in a thread that may be left."""
    found: Future[Sequence[Address]] = Future()

    def work() -> None:
        try:
            found.set_result(look_up())
        except BaseException as error:
            found.set_exception(error)

    Thread(target=work, name="look-up", daemon=True).start()
    return found.result(seconds)


class _Stream(httpcore.NetworkStream):
    """A connection whose every operation keeps to the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Not the stream's own: that allows the time-out anew for each piece that the other side is pleased to take.
        connection = self._stream.get_extra_info("socket")
        rest = memoryview(buffer)
        try:
            while rest:
                connection.settimeout(left(timeout, httpcore.WriteTimeout))
                rest = rest[connection.send(rest) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from None
        except OSError as error:
            raise httpcore.WriteError(str(error)) from None

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        name = server_hostname.removesuffix(".") if server_hostname else None  # RFC 6066, section 3
        return _Stream(self._stream.start_tls(ssl_context, name, left(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedTransport(httpx.BaseTransport):
    """A pool of guarded connections for an `httpx.Client`. `verify` decides which certificates are trusted."""

    def __init__(
        self,
        policy: NetworkPolicy,
        limits: httpx.Limits,
        *,
        resolve: Resolve = system_resolve,
        connect: Connect = system_connect,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify or _trusted(),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=GuardedBackend(policy, resolve, connect),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        outgoing = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        with _as_httpx():
            answer = self._pool.handle_request(outgoing)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()


@cache
def _trusted() -> ssl.SSLContext:
    """The usual certificate authorities. Reading them takes longer than sending a few batches, so it is done once."""
    return httpx.create_ssl_context(trust_env=False)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """httpx has an error of the same name for each of httpcore's."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise getattr(httpx, type(error).__name__, httpx.TransportError)(str(error)) from error
