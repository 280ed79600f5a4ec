"""A transport for httpx that hands requests to a sandbox without a network."""

from __future__ import annotations

import httpx

from core.destination.sandbox import Sandbox


class DirectTransport(httpx.BaseTransport):
    """Answers every request from one sandbox, whatever host it is for; the sandbox's latency is not waited for."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raw = request.extensions.get("target") or request.url.raw_path
        path, _, query = raw.decode("ascii").partition("?")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        answer = self._sandbox.handle(request.method, path, query, headers, request.read())
        if answer.cut_short:
            raise httpx.RemoteProtocolError("the answer broke off", request=request)
        return httpx.Response(answer.status, headers=list(answer.headers), content=answer.body)
