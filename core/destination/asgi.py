"""Serves sandboxes over HTTP (ASGI): one alone, or many, each under a key of its own.

Below a sandbox's address everything is the destination, except `/_sandbox/...`, which shows what it holds and sets its
faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from core.destination.control import CONTROL, control
from core.destination.exchange import Answer, json_answer
from core.destination.registry import SandboxRegistry
from core.destination.sandbox import Sandbox

MAX_BODY = 64 * 1024 * 1024
"""Bytes; a larger request body is answered 413 without being kept."""

_SECURITY = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_MISSING = {"error": "There is no such sandbox, or it has been put away. Open it again in the portal."}

_Answering = Callable[[str, str, str, list[tuple[str, str]], bytes], Answer]
"""Method, path, query, headers, body -> answer."""


def sandbox_app(sandbox: Sandbox, *, max_body: int = MAX_BODY) -> ASGIApp:
    """The ASGI application of one sandbox."""
    return _Application(lambda *request: answered(sandbox, *request), max_body)


def registry_app(registry: SandboxRegistry, *, max_body: int = MAX_BODY) -> ASGIApp:
    """The ASGI application of many: `/KEY/the/destination's/path`. Can be mounted at any path."""

    def answer(method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        key, slash, rest = path.removeprefix("/").partition("/")
        sandbox = registry.get(key)
        if sandbox is None:
            return json_answer(404, _MISSING)
        result = answered(sandbox, method, slash + rest, query, headers, body)
        registry.keep_within_bounds()
        return result

    return _Application(answer, max_body)


def answered(
    sandbox: Sandbox, method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes
) -> Answer:
    """The answer to one call of the destination or of its control surface."""
    if path == CONTROL or path.startswith(f"{CONTROL}/"):
        return control(sandbox, method, path[len(CONTROL) :], body)
    return sandbox.handle(method, path, query, headers, body)


class _Application:
    def __init__(self, answer: _Answering, max_body: int) -> None:
        self._answer = answer
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            body = await self._body(request)
        except ClientDisconnect:
            return
        if body is None:
            error = f"The body has more than {self._max_body:,} bytes."
            await _send(json_answer(413, {"error": error}, (("Connection", "close"),)), send)
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        query = scope["query_string"].decode("latin-1")
        answer = await run_in_threadpool(self._answer, scope["method"], relative_path(scope), query, headers, body)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        await _send(answer, send)

    async def _body(self, request: Request) -> bytes | None:
        """The whole body, or None as soon as it is known to be too large."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_body:
            return None
        chunks, size = [], 0
        async for chunk in request.stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > self._max_body:
                return None
        return b"".join(chunks)


def relative_path(scope: Scope) -> str:
    """The path below the place where the application is mounted, still percent-encoded as the client sent it."""
    raw = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    path: str = raw.decode("latin-1").partition("?")[0]
    return path.removeprefix(quote(scope.get("root_path", "")))


async def _send(answer: Answer, send: Send) -> None:
    length = len(answer.body)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    # A broken-off answer promises twice what it sends; returning before the end makes the server close the connection.
    promised = max(2 * length, 64) if answer.cut_short else length
    headers += [(b"content-length", str(promised).encode()), *_SECURITY]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": answer.cut_short})
