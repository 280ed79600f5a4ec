"""A stand-in of the platform's cohort download API, and of the storage it redirects to, on loopback ports."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY, SECRET = "the-api-key", "the-secret"
FILE = b'"amplitude_id","user_id","email"\n"101","u1","a@example.com"\n"102","u2",""\n'


@dataclass
class StandIn:
    """How the platform behaves; `asked` holds (path, Authorization header) of all requests, storage's included."""

    file: bytes = FILE
    pending: int = 2
    refuse: list[int] = field(default_factory=list)
    retry_after: str = ""
    to_storage: bool = False
    storage_refuses: list[int] = field(default_factory=list)
    location: str = ""
    file_type: str = "text/csv"
    encoding: str = ""
    missing_bytes: int = 0
    state: str = "JOB COMPLETED"
    request_id: Any = "req-7"
    cohorts: Any = None
    url: str = ""
    storage: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    behaviour: StandIn
    is_storage: bool

    def do_GET(self) -> None:
        platform = self.behaviour
        authorization = self.headers.get("Authorization", "")
        platform.asked.append(("storage:" * self.is_storage + self.path, authorization))
        if self.is_storage:
            status = platform.storage_refuses.pop(0) if platform.storage_refuses else 200
            return self._send(status, platform.file, platform.file_type)
        if platform.refuse:
            return self._json(platform.refuse.pop(0), {"error": {"message": f"no, {SECRET}"}})
        if authorization != "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode():
            return self._json(401, {"error": {"type": "invalid_credentials"}})
        if self.path == "/api/3/cohorts":
            return self._json(200, {"cohorts": platform.cohorts})
        if self.path == "/api/5/cohorts/request/7khm89cz?props=1":
            return self._json(202, {"request_id": platform.request_id, "cohort_id": "7khm89cz"})
        if self.path == "/api/5/cohorts/request-status/req-7":
            platform.pending -= 1
            if platform.pending >= 0:
                return self._json(202, {"async_status": "JOB INPROGRESS"})
            return self._json(200, {"async_status": platform.state})
        if self.path == "/api/5/cohorts/request/req-7/file":
            if platform.to_storage:
                return self._send(302, b"", "text/html", platform.location or f"{platform.storage}/file?signature=s")
            return self._send(200, platform.file, platform.file_type)
        return self._json(404, {})

    def _json(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str, location: str = "") -> None:
        platform = self.behaviour
        if status == 429 and platform.retry_after:
            self.send_response(status)
            self.send_header("Retry-After", platform.retry_after)
        else:
            self.send_response(status)
        if platform.encoding and status == 200:
            self.send_header("Content-Encoding", platform.encoding)
            body = gzip.compress(body)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) + (platform.missing_bytes if kind == "text/csv" else 0)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(platform.missing_bytes)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running() -> Iterator[StandIn]:
    """The stand-in, with the address of the platform and that of its storage filled in."""
    behaviour = StandIn()
    servers = []
    for is_storage in (False, True):
        handler = type("Handler", (_Handler,), {"behaviour": behaviour, "is_storage": is_storage})
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
    behaviour.url, behaviour.storage = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    try:
        yield behaviour
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
