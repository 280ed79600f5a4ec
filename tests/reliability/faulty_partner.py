"""A partner's server on a loopback port that keeps lists and members, and does one thing wrong, once or always."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.sync.loopback import Conversation, Heard, Server, reply, serving

HTML = b"<!doctype html><h1>Bad Gateway</h1>"
WRONG_KEY = b'{"error": {"code": "KEY_REVOKED"}}'


@dataclass
class Partner:
    """`lists` are those created so far; `held` the members of all of them; `calls` what was heard, by path."""

    held: set[str]
    server: Server | None = None
    lists: int = 0
    calls: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        assert self.server is not None
        return self.server.url

    def act(self, heard: Heard, *, refuse: frozenset[str] = frozenset()) -> None:
        """Does what a call says, but for the members it refuses."""
        if heard.target == "/lists":
            self.lists += 1
            return
        users = {user["id"]: user["in"] for user in json.loads(heard.body)["users"] if user["id"] not in refuse}
        self.held |= {user for user, joins in users.items() if joins}
        self.held -= {user for user, joins in users.items() if not joins}

    def works(self, connection: socket.socket, heard: Heard) -> None:
        self.act(heard)
        reply(200, b'{"listId": "L1", "rejected": []}')(connection, heard)


Fault = Callable[[Partner, socket.socket, Heard], None]


def _status(status: int, body: bytes = b"{}", *headers: str) -> Fault:
    """Answers so and does nothing."""
    return lambda _partner, connection, heard: reply(status, body, *headers)(connection, heard)


def _html_after_acting(partner: Partner, connection: socket.socket, heard: Heard) -> None:
    partner.act(heard)
    reply(200, HTML, "Content-Type: text/html")(connection, heard)


def _reset(_partner: Partner, connection: socket.socket, _heard: Heard) -> None:
    """Breaks off in the middle of an answer, with a TCP reset."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"listId"')
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionError


def _lost(partner: Partner, _connection: socket.socket, heard: Heard) -> None:
    """Does what was asked and hangs up without a word."""
    partner.act(heard)
    raise ConnectionError


def _silent(partner: Partner, _connection: socket.socket, _heard: Heard) -> None:
    partner.done.wait(30)
    raise ConnectionError


def _elsewhere(partner: Partner, connection: socket.socket, heard: Heard) -> None:
    partner.act(heard)
    reply(200, b'{"created": {"identifier": "L1"}}')(connection, heard)


def _not_all(partner: Partner, connection: socket.socket, heard: Heard) -> None:
    partner.act(heard, refuse=frozenset({"b"}))
    reply(200, b'{"rejected": [{"id": "b", "reason": "unknown"}]}')(connection, heard)


FAULTS: dict[str, Fault] = {
    "reset mid-body": _reset,
    "time-out": _silent,
    "408": _status(408),
    "425": _status(425),
    "429": _status(429),
    "429 Retry-After": _status(429, b"{}", "Retry-After: 7"),
    "500": _status(500),
    "503": _status(503),
    "413": _status(413),
    "400": _status(400),
    "401": _status(401, WRONG_KEY),
    "404": _status(404),
    "409": _status(409),
    "502 HTML": _status(502, HTML, "Content-Type: text/html"),
    "200 HTML": _html_after_acting,
    "wrong list-id path": _elsewhere,
    "200 with rejected": _not_all,
    "lost after acting": _lost,
}
"""By name; `refused` is missing here, because there is no server then."""


@contextmanager
def faulty(fault: str, path: str, held: set[str], *, always: bool) -> Iterator[Partner]:
    """A partner that holds these members and has a fault at one path: at the first call to it, or at each."""
    partner = Partner(set(held))
    lock = threading.Lock()

    def converse(connection: socket.socket, heard: Heard) -> None:
        with lock:
            partner.calls.append(heard.target)
            first = partner.calls.count(heard.target) == 1
        at_fault = heard.target == path and (always or first)
        conversation: Conversation = partner.works
        if at_fault:
            FAULTS[fault](partner, connection, heard)
        else:
            conversation(connection, heard)

    with serving(converse) as server:
        partner.server = server
        try:
            yield partner
        finally:
            partner.done.set()


def closed_port() -> str:
    """The URL of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
