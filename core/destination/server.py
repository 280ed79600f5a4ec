"""Runs a sandbox on a loopback port: in a thread for tests, or in the foreground for the command line."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from core.destination.asgi import sandbox_app
from core.destination.example import EXAMPLE
from core.destination.sandbox import Sandbox
from core.integration import Integration
from core.request import Connection

HOST = "127.0.0.1"
_START_SECONDS = 10
_SHUTDOWN_SECONDS = 2


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """`url` has scheme, host and port, without a slash at the end."""

    url: str
    sandbox: Sandbox


@contextmanager
def start_sandbox(
    integration: Integration | None = None, connection: Connection | None = None, *, port: int = 0
) -> Iterator[RunningSandbox]:
    """Serves a sandbox while the context is open; port 0 takes a free one. Raises `OSError` for a port in use."""
    sandbox = Sandbox(EXAMPLE if integration is None else integration, connection)
    with serving(sandbox_app(sandbox), port=port) as url:
        yield RunningSandbox(url, sandbox)


@contextmanager
def serving(app: ASGIApp, *, port: int = 0) -> Iterator[str]:
    """Serves an ASGI application on the loopback address while the context is open; yields its URL."""
    with _listening(port) as listener:
        server = _server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        _wait_until_started(server, thread)
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


def serve(
    integration: Integration | None,
    port: int,
    connection: Connection | None = None,
    *,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serves until interrupted (Ctrl-C). `ready` is called once with the URL when calls are accepted.

    Raises `DocumentError` for an integration that does not compile, `OSError` for a port in use.
    """
    sandbox = Sandbox(EXAMPLE if integration is None else integration, connection)
    with _listening(port) as listener, suppress(KeyboardInterrupt):
        if ready is not None:
            ready(_url(listener))
        _server(sandbox_app(sandbox)).run(sockets=[listener])


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # Named as TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms for an acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
        yield listener


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",  # a dropped connection is a fault that was asked for, not news
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    return uvicorn.Server(config)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            server.should_exit = True
            raise RuntimeError("the sandbox's server did not start")
        time.sleep(0.005)
