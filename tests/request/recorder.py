"""A server on loopback that records each request as it came and answers 200."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

NOISE = frozenset({"host", "connection", "accept-encoding", "expect", "content-length"})
"""Headers that each client writes in its own way."""


@dataclass(frozen=True)
class Seen:
    """`headers` without those that clients write in their own way, names in lower case; `length` is Content-Length."""

    method: str
    target: str
    headers: dict[str, str]
    length: str | None
    body: bytes


@dataclass
class Recorder:
    base: str
    seen: list[Seen] = field(default_factory=list)

    def take(self) -> Seen:
        """The one request that came since the last call."""
        (only,) = self.seen
        self.seen.clear()
        return only


@contextmanager
def recording_server() -> Iterator[Recorder]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items() if name.lower() not in NOISE}
            recorder.seen.append(Seen(self.command, self.path, headers, self.headers.get("Content-Length"), body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorder = Recorder(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
