"""A real server on a loopback port that answers with the very bytes a test wants, or breaks off."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Conversation = Callable[[socket.socket, "Heard"], None]


@dataclass(frozen=True)
class Heard:
    """One request as it came over the wire; `number` counts from 0."""

    number: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """`heard` has every request in the order in which it came."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def reply(status: int = 200, body: bytes = b"{}", *headers: str) -> Conversation:
    """Answers properly."""

    def answer(connection: socket.socket, _heard: Heard) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
        connection.sendall("\r\n".join(lines).encode("latin-1") + body)

    return answer


@contextmanager
def serving(converse: Conversation) -> Iterator[Server]:
    """Runs the conversation once a request; the connection is closed when it raises `ConnectionError`."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}")
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(connection)
            thread = threading.Thread(target=_talk, args=(connection, server, converse))
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for connection in connections:
            _close(connection)
        for thread in threads:
            thread.join()


def _talk(connection: socket.socket, server: Server, converse: Conversation) -> None:
    buffer = b""
    with connection:
        try:
            while True:
                while b"\r\n\r\n" not in buffer:
                    buffer += _more(connection)
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                length = int(headers.get("content-length", "0"))
                while len(buffer) < length:
                    buffer += _more(connection)
                body, buffer = buffer[:length], buffer[length:]
                method, target, _ = first.split(" ")
                with server.lock:
                    heard = Heard(len(server.heard), method, target, headers, body)
                    server.heard.append(heard)
                converse(connection, heard)
        except OSError:
            _close(connection)


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise ConnectionError
    return received


def _close(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
