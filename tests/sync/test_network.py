"""What a real network does to a delivery: refused, reset, too slow, cut off, encoded wrongly."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from typing import Any

import pytest

from core.integration import DeliverySettings
from core.request import HttpRequest
from core.sync import RetrySchedule, SyncRun, open_client, run_sync
from core.sync.transport import BODY_CAP, Exchange, exchange
from tests.sync.loopback import Conversation, Heard, reply, serving
from tests.sync.partner import FakeClock, builder, change, document


def send(
    url: str,
    *,
    seconds: float = 30,
    deadline: float = 60,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes | None = None,
) -> Exchange:
    request = HttpRequest("GET" if body is None else "POST", url, headers, body)
    with open_client(DeliverySettings(timeout_seconds=seconds)) as client:
        return exchange(client, request, deadline_seconds=deadline)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def drop(_connection: socket.socket, _heard: Heard) -> None:
    raise ConnectionResetError


def reset(connection: socket.socket, _heard: Heard) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    raise ConnectionResetError


def test_a_refused_connection_is_a_fault_and_nothing_was_lost() -> None:
    found = send(f"http://127.0.0.1:{closed_port()}/")
    assert found.answer is None
    assert "refused the connection" in found.fault
    assert not found.lost


@pytest.mark.parametrize(
    "url",
    [
        f"http://{'a' * 64}.example/",
        "http://a..example/",
        "http://[::1/",
        "http://xn--/",
        "http://127.0.0.1:1/é",
        "http://127.0.0.1:99999999/",
        "nonsense",
        "ftp://example.com/",
    ],
)
def test_a_url_that_cannot_be_used_is_a_fault_and_no_crash(url: str) -> None:
    found = send(url)
    assert found.answer is None
    assert found.fault
    assert not found.lost


def test_a_host_name_that_cannot_be_used_is_not_tried_again() -> None:
    clock = FakeClock()
    integration = document(users__url=f"http://{'a' * 64}.example/add")
    run = run_sync(builder(integration), change(["u1"]), list_id="L1", clock=clock.clock)
    assert (run.outcome, run.requests, clock.slept) == ("failed", 1, [])
    assert "not the name of a host" in run.errors[0].reason


@pytest.mark.parametrize("conversation", [drop, reset])
def test_a_connection_that_breaks_may_have_been_acted_upon(conversation: Conversation) -> None:
    with serving(conversation) as server:
        found = send(server.url, body=b"{}")
    assert found.answer is None
    assert found.lost
    assert "broke" in found.fault


def test_an_answer_that_never_comes_times_out() -> None:
    over = threading.Event()
    with serving(lambda *_: over.wait(30) and None) as server:
        found = send(server.url, seconds=0.1)
        over.set()
    assert "did not answer in time" in found.fault
    assert found.lost


def test_an_answer_that_comes_drop_by_drop_ends_at_a_deadline() -> None:
    over = threading.Event()

    def drip(connection: socket.socket, _heard: Heard) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not over.wait(0.02):
            connection.sendall(b"x")

    with serving(drip) as server:
        found = send(server.url, deadline=0.3)
        over.set()
    assert "not complete after 0.3 s" in found.fault
    assert found.lost


HEADERS_FOR_EVER = (b"HTTP/1.1 200 OK\r\nX-", b"x")
INTERIM_ANSWERS_FOR_EVER = (b"", b"HTTP/1.1 100 Continue\r\n\r\n")
PACKED_NOTHING_FOR_EVER = (b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n", b"\0\0\0\xff\xff")


@pytest.mark.parametrize(
    ("start", "drop"), [HEADERS_FOR_EVER, INTERIM_ANSWERS_FOR_EVER, PACKED_NOTHING_FOR_EVER], ids=["X-", "100", "0"]
)
def test_headers_that_come_drop_by_drop_end_at_the_same_deadline(start: bytes, drop: bytes) -> None:
    over = threading.Event()

    def drip(connection: socket.socket, _heard: Heard) -> None:
        connection.sendall(start)
        while not over.wait(0.02):
            connection.sendall(drop)

    with serving(drip) as server:
        found = send(server.url, deadline=0.3)
        over.set()
    assert found.answer is None
    assert "not complete after 0.3 s" in found.fault
    assert found.lost


def test_a_destination_that_sips_a_large_request_does_not_hold_it_beyond_the_deadline() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def sip() -> None:
            with listener.accept()[0] as connection:
                while not over.wait(0.02):
                    connection.recv(4_096)

        thread = threading.Thread(target=sip)
        thread.start()
        found = send(f"http://127.0.0.1:{listener.getsockname()[1]}/", deadline=0.3, body=bytes(32 * 1024 * 1024))
        over.set()
        thread.join()
    assert "not complete after 0.3 s" in found.fault
    assert found.lost


def test_a_tls_handshake_that_comes_drop_by_drop_ends_at_the_deadline() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB is to come
                try:
                    while not over.wait(0.02):
                        connection.sendall(b"\x02")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        found = send(f"https://127.0.0.1:{listener.getsockname()[1]}/", deadline=0.3)
        over.set()
        thread.join()
    assert "did not accept a connection in time" in found.fault
    assert not found.lost


def test_an_endless_answer_is_read_up_to_a_cap() -> None:
    over = threading.Event()

    def flood(connection: socket.socket, _heard: Heard) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            connection.sendall(b"x" * 65_536)

    with serving(flood) as server:
        found = send(server.url)
        over.set()
    assert found.answer is not None
    assert (len(found.answer.body), found.cut) == (BODY_CAP, True)


@pytest.mark.parametrize(
    "charset", ["idna", "undefined", "hex", "punycode", "unicode_escape", "nonsense", "rot13", '"', ""]
)
def test_whatever_encoding_an_answer_claims_it_is_read(charset: str) -> None:
    body = b'{"a": "\xff\\x"}'
    with serving(reply(200, body, f"Content-Type: application/json; charset={charset}")) as server:
        found = send(server.url)
    assert found.answer is not None
    assert '"a"' in found.answer.body


def test_an_answer_is_read_in_its_encoding_and_unpacked() -> None:
    packed = gzip.compress("héllo".encode("latin-1"))
    headers = ("Content-Type: text/plain; charset=iso-8859-1", "Content-Encoding: gzip")
    with serving(reply(200, packed, *headers)) as server:
        found = send(server.url)
    assert found.answer is not None
    assert found.answer.body == "héllo"


def test_an_answer_that_unpacks_to_a_thousand_times_its_size_is_read_up_to_a_cap() -> None:
    bomb = gzip.compress(bytes(64 * BODY_CAP))
    with serving(reply(200, bomb, "Content-Encoding: gzip")) as server:
        found = send(server.url)
    assert found.answer is not None
    assert (len(found.answer.body), found.cut) == (BODY_CAP, True)


def test_an_answer_that_is_packed_twice_is_a_fault() -> None:
    bomb = gzip.compress(gzip.compress(bytes(64 * BODY_CAP)))
    with serving(reply(200, bomb, "Content-Encoding: gzip, gzip")) as server:
        found = send(server.url)
    assert "not encoded as its headers say" in found.fault


def test_an_answer_that_is_not_packed_as_it_says_is_a_fault() -> None:
    with serving(reply(200, b"plain", "Content-Encoding: gzip")) as server:
        found = send(server.url)
    assert "not encoded as its headers say" in found.fault


def test_what_is_no_http_is_a_fault() -> None:
    with serving(lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")) as server:
        assert send(server.url).answer is None


def test_the_bytes_on_the_wire_are_those_that_were_rendered() -> None:
    body = '{"name": "héllo \\ud800"}'.encode()
    headers = (("X-Api-Version", "2"), ("Content-Type", "application/json"), ("accept-encoding", "identity"))
    with serving(reply()) as server:
        send(f"{server.url}/lists/a%2Fb//c?x=%20&y=a+b", headers=headers, body=body)
    (heard,) = server.heard
    assert (heard.method, heard.target, heard.body) == ("POST", "/lists/a%2Fb//c?x=%20&y=a+b", body)
    assert {name: heard.headers[name.lower()] for name, _ in headers} == dict(headers)
    assert heard.headers["host"] == server.url.removeprefix("http://")


def test_a_redirect_is_not_followed() -> None:
    with serving(reply(302, b"", "Location: /elsewhere")) as server:
        found = send(server.url)
    assert found.answer is not None
    assert (found.answer.status, len(server.heard)) == (302, 1)


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port()}")
    with serving(reply()) as server:
        assert send(server.url).answer is not None


def run_against(url: str, clock: FakeClock | None = None, **changes: Any) -> SyncRun:
    integration = document(create_list__url=f"{url}/lists", users__url=f"{url}/lists/$list_id/add", **changes)
    return run_sync(
        builder(integration),
        change(["u1"]),
        clock=(clock or FakeClock()).clock,
        schedule=RetrySchedule((1, 1), 0),
    )


@pytest.mark.parametrize("conversation", [drop, reset])
def test_list_creation_whose_answer_was_lost_is_not_repeated(conversation: Conversation) -> None:
    with serving(conversation) as server:
        run = run_against(server.url)
    assert len(server.heard) == 1
    assert (run.outcome, run.requests, run.list_id) == ("stopped", 1, None)
    assert "may have been created" in run.errors[0].message


def test_list_creation_marked_idempotent_is_repeated() -> None:
    def first_lost(connection: socket.socket, heard: Heard) -> None:
        (drop if heard.number == 0 else reply(200, b'{"listId": 7}'))(connection, heard)

    with serving(first_lost) as server:
        run = run_against(server.url, create_list__idempotent=True)
    assert [heard.target for heard in server.heard] == ["/lists", "/lists", "/lists/7/add"]
    assert server.heard[0].body == server.heard[1].body
    assert (run.outcome, run.retries) == ("succeeded", 1)


def test_list_creation_that_never_reached_the_destination_is_tried_again() -> None:
    clock = FakeClock()
    run = run_against(f"http://127.0.0.1:{closed_port()}", clock)
    assert (run.outcome, run.requests, clock.slept) == ("failed", 3, [1, 1])


def test_additions_whose_answer_was_lost_are_sent_again_with_the_same_id() -> None:
    def second_lost(connection: socket.socket, heard: Heard) -> None:
        (drop if heard.number == 1 else reply(200, b'{"listId": 7}'))(connection, heard)

    with serving(second_lost) as server:
        run = run_against(server.url)
    assert [heard.target for heard in server.heard] == ["/lists", "/lists/7/add", "/lists/7/add"]
    assert server.heard[1].body == server.heard[2].body
    assert (run.outcome, run.added, run.retries) == ("succeeded", 1, 1)
