"""The guard between the client and the network: what it looks up, what it connects to, and what it never touches."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import httpcore
import httpx
import pytest

from core.integration import DeliverySettings
from core.request import HttpRequest
from core.sync import ANYWHERE, NetworkPolicy, open_client, run_sync
from core.sync.addresses import Address
from core.sync.network import GuardedTransport, system_connect
from core.sync.transport import Exchange, exchange
from tests.sync.loopback import reply, serving
from tests.sync.partner import FakeClock, builder, change, document, users
from tests.sync.tls import tls_server

PUBLIC_ONLY = NetworkPolicy(allow_private=False)
LIMITS = httpx.Limits(max_connections=4, max_keepalive_connections=4)


@dataclass
class FakeNetwork:
    """A DNS with one answer after the other for each name, the last one for good; connections end at `port` of this
    machine, or are refused without one.
    """

    names: dict[str, list[list[str]]] = field(default_factory=dict)
    port: int | None = None
    asked: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    unreachable: frozenset[str] = frozenset()

    def resolve(self, host: str, _port: int) -> Sequence[Address]:
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(-2, "Name or service not known")
        answers = self.names[host]
        return [ip_address(one) for one in (answers.pop(0) if len(answers) > 1 else answers[0])]

    def connect(self, address: Address, port: int, timeout: float | None) -> httpcore.NetworkStream:
        self.connected.append((str(address), port))
        if self.port is None or str(address) in self.unreachable:
            raise httpcore.ConnectError("Connection refused")
        return system_connect(ip_address("127.0.0.1"), self.port, timeout)

    def transport(self, policy: NetworkPolicy, trusted: ssl.SSLContext | None = None) -> GuardedTransport:
        return GuardedTransport(policy, LIMITS, resolve=self.resolve, connect=self.connect, verify=trusted)

    def send(self, url: str, policy: NetworkPolicy = PUBLIC_ONLY, trusted: ssl.SSLContext | None = None) -> Exchange:
        with open_client(DeliverySettings(), transport=self.transport(policy, trusted)) as client:
            return exchange(client, HttpRequest("GET", url, (), None), deadline_seconds=10)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


LOCAL_NAMES = {
    "localhost": [["127.0.0.1", "::1"]],
    "localhost.": [["127.0.0.1"]],
    "mixed.example": [["8.8.8.8", "10.0.0.1"]],
    "mapped.example": [["::ffff:10.0.0.1"]],
    "nat64.example": [["64:ff9b::a00:1"]],
    "xn--bcher-kva.example": [["192.168.1.1"]],
    "metadata.google.internal": [["8.8.8.8"]],
    "imds.example": [["169.254.169.254"]],
}


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:9200/_search",
        "http://LOCALHOST./",
        "http://127.0.0.1:22/",
        "http://127．0．0．1/",
        "http://127。0。0｡1/",
        "https://[::1]/",
        "http://[::]:80/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/latest/meta-data/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://0.0.0.0:8501/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://imds.example/",
        "http://mixed.example/",
        "http://mapped.example/",
        "http://nat64.example/",
        "http://bücher.example/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://8.8.8.8@127.0.0.1/",
        "http://127%2e0%2e0%2e1/",
        "http://[fe80::1%25eth0]/",
        "http://8.8.8.8:0/",
        "http://8.8.8.8:65616/",
    ],
)
def test_no_packet_leaves_for_a_host_that_is_not_allowed(url: str) -> None:
    network = FakeNetwork(dict(LOCAL_NAMES))
    found = network.send(url)
    assert (found.answer, found.unusable, found.lost) == (None, True, False)
    assert network.connected == []


def test_an_address_that_is_no_name_is_not_looked_up() -> None:
    network = FakeNetwork()
    assert network.send("http://8.8.8.8:8080/").answer is None
    assert (network.asked, network.connected) == ([], [("8.8.8.8", 8080)])


def test_a_metadata_name_is_not_even_looked_up() -> None:
    network = FakeNetwork(dict(LOCAL_NAMES))
    assert network.send("http://metadata.google.internal./", ANYWHERE).unusable
    assert network.asked == []


def test_a_name_that_is_rebound_is_connected_to_where_it_was_checked() -> None:
    with serving(reply()) as server:
        network = FakeNetwork({"rebind.example": [["8.8.8.8"], ["127.0.0.1"]]}, port_of(server.url))
        assert network.send("http://rebind.example:81/").answer is not None
        assert network.send("http://rebind.example:81/").unusable
    assert network.asked == ["rebind.example", "rebind.example"]
    assert network.connected == [("8.8.8.8", 81)]
    assert [heard.headers["host"] for heard in server.heard] == ["rebind.example:81"]


def test_the_next_address_is_tried_when_one_takes_no_connection() -> None:
    with serving(reply()) as server:
        names = {"two.example": [["2606:4700::1", "8.8.8.8"]]}
        network = FakeNetwork(names, port_of(server.url), unreachable=frozenset({"2606:4700::1"}))
        assert network.send("http://two.example/").answer is not None
    assert network.connected == [("2606:4700::1", 80), ("8.8.8.8", 80)]


def test_a_name_without_addresses_was_not_found() -> None:
    network = FakeNetwork({"empty.example": [[]]})
    assert "was not found" in network.send("http://empty.example/").fault
    assert "was not found" in network.send("http://unknown.example/").fault


def test_private_hosts_are_fine_where_the_operator_allows_them_but_metadata_is_not() -> None:
    with serving(reply()) as server:
        network = FakeNetwork({"api.corp.example": [["10.0.0.1"]]}, port_of(server.url))
        assert network.send("http://api.corp.example/", ANYWHERE).answer is not None
        assert network.send("http://[::ffff:169.254.169.254]/", ANYWHERE).unusable
    assert network.connected == [("10.0.0.1", 80)]


def test_the_portals_own_sandbox_is_reached_although_private_hosts_are_refused() -> None:
    with serving(reply()) as server, serving(reply()) as other:
        policy = NetworkPolicy(allow_private=False, also=("127.0.0.1", port_of(server.url)))
        with open_client(DeliverySettings(), policy=policy) as client:
            answers = [
                exchange(client, HttpRequest("GET", url, (), None), deadline_seconds=10).answer
                for url in (server.url, other.url)
            ]
    assert (answers[0] is not None, answers[1], len(other.heard)) == (True, None, 0)


def test_a_refused_host_fails_at_once_and_says_what_to_do() -> None:
    clock = FakeClock()
    integration = document(users__url="http://127.0.0.1:9/add")
    run = run_sync(builder(integration), change(["u1"]), list_id="L1", clock=clock.clock, policy=PUBLIC_ONLY)
    assert (run.outcome, run.requests, clock.slept) == ("failed", 1, [])
    assert "127.0.0.1 is a loopback address" in run.errors[0].reason
    assert "PORTAL_ALLOW_PRIVATE_HOSTS=1" in run.errors[0].reason


def test_a_host_is_looked_up_once_a_connection_however_many_requests_it_carries() -> None:
    with serving(reply(200, b'{"listId": 7}')) as server:
        network = FakeNetwork({"api.example.com": [["8.8.8.8"]]}, port_of(server.url))
        integration = document(users__url="http://api.example.com/add", users__batch_size=1, delivery__concurrency=2)
        run = run_sync(builder(integration), change(users(30)), list_id="L1", transport=network.transport(PUBLIC_ONLY))
    assert (run.outcome, run.added) == ("succeeded", 30)
    assert 1 <= len(network.asked) <= 2
    assert len(network.connected) == len(network.asked)


def test_a_look_up_that_takes_too_long_is_left_behind() -> None:
    over = threading.Event()

    def stuck(_host: str, _port: int) -> Sequence[Address]:
        over.wait(30)
        return []

    transport = GuardedTransport(PUBLIC_ONLY, LIMITS, resolve=stuck)
    with open_client(DeliverySettings(), transport=transport) as client:
        found = exchange(client, HttpRequest("GET", "http://slow.example/", (), None), deadline_seconds=0.1)
    over.set()
    assert "could not be looked up in time" in found.fault
    assert not found.lost


@pytest.mark.parametrize("url", ["https://api.example.com/", "https://api.example.com./"])
def test_tls_is_about_the_name_although_the_connection_is_made_to_an_address(url: str, tmp_path: Path) -> None:
    asked: list[str | None] = []
    with tls_server(tmp_path, "api.example.com", asked) as (port, trusted):
        network = FakeNetwork({"api.example.com": [["8.8.8.8"]], "api.example.com.": [["8.8.8.8"]]}, port)
        found = network.send(url, trusted=trusted)
    assert found.answer is not None
    assert asked == ["api.example.com"]
    assert network.connected == [("8.8.8.8", 443)]


@pytest.mark.parametrize("certified", ["other.example.com", "8.8.8.8"])
def test_a_certificate_for_another_name_is_not_trusted(certified: str, tmp_path: Path) -> None:
    with tls_server(tmp_path, certified, []) as (port, trusted):
        found = FakeNetwork({"api.example.com": [["8.8.8.8"]]}, port).send("https://api.example.com/", trusted=trusted)
    assert "certificate of api.example.com cannot be trusted" in found.fault


def test_a_certificate_that_nobody_signed_is_not_trusted(tmp_path: Path) -> None:
    with tls_server(tmp_path, "api.example.com", []) as (port, _trusted):
        found = FakeNetwork({"api.example.com": [["8.8.8.8"]]}, port).send("https://api.example.com/")
    assert "certificate of api.example.com cannot be trusted" in found.fault
