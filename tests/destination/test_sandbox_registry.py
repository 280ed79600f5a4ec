"""Many sandboxes behind one mount: each under its key, bounded in number and in what they hold."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from core.destination import Answer, Sandbox, SandboxRegistry, registry_app, sandbox_app, sandboxed, start_sandbox
from core.destination.server import serving
from core.integration import Integration
from core.request import BatchValues, RequestBuilder
from tests.destination.sandbox_partners import PLAIN, plain_list


@pytest.fixture
def registry() -> SandboxRegistry:
    return SandboxRegistry(max_sandboxes=3, max_members=20)


@pytest.fixture
def client(registry: SandboxRegistry) -> Iterator[httpx.Client]:
    app = Starlette(routes=[Mount("/sandbox", registry_app(registry))])
    with serving(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def send(client: httpx.Client, integration: Integration, key: str, users: list[str]) -> list[httpx.Response]:
    """Creates a list L1 and adds users to it, at the sandbox with this key."""
    builder = RequestBuilder(sandboxed(integration, f"{client.base_url}/sandbox/{key}"), PLAIN)
    items = [json.dumps(user) for user in users]
    requests = [
        builder.request("create_list", BatchValues()).wire,
        builder.request("add_users", BatchValues(list_id="L1"), items=items).wire,
    ]
    return [
        client.request(request.method, request.url, headers=dict(request.headers), content=request.body)
        for request in requests
    ]


def test_each_key_is_a_destination_of_its_own(registry: SandboxRegistry, client: httpx.Client) -> None:
    first, second = registry.open(plain_list(), PLAIN), registry.open(plain_list())
    assert first != second
    assert len(first) >= 20
    answers = send(client, plain_list(), first, ["a", "slash/and%"])
    assert [answer.status_code for answer in answers] == [201, 200]
    one, other = registry.get(first), registry.get(second)
    assert one is not None
    assert other is not None
    assert one.held("L1") == {"a", "slash/and%"}
    assert other.lists == ()
    assert client.get(f"/sandbox/{first}/_sandbox/state").json()["counts"]["added"] == 2


@pytest.mark.parametrize("path", ["/sandbox/unknown/lists", "/sandbox/", "/sandbox"])
def test_an_unknown_key_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 404


def test_a_sandbox_that_was_closed_is_gone(registry: SandboxRegistry, client: httpx.Client) -> None:
    key = registry.open(plain_list())
    registry.close(key)
    assert client.get(f"/sandbox/{key}/_sandbox/state").status_code == 404


def test_what_was_not_used_for_longest_is_put_away(registry: SandboxRegistry) -> None:
    keys = [registry.open(plain_list()) for _ in range(3)]
    registry.get(keys[0])
    registry.open(plain_list())
    assert [registry.get(key) is not None for key in keys] == [True, False, True]
    assert len(registry) == 3


def test_all_sandboxes_together_hold_only_so_many_members(registry: SandboxRegistry, client: httpx.Client) -> None:
    first, second = registry.open(plain_list()), registry.open(plain_list())
    many = [str(number) for number in range(15)]
    assert send(client, plain_list(), first, many)[-1].status_code == 200
    assert send(client, plain_list(), second, many)[-1].status_code == 200
    assert registry.get(first) is None
    held = registry.get(second)
    assert held is not None
    assert held.held("L1") == set(many)


def test_a_body_beyond_the_cap_is_refused_whether_or_not_it_is_announced() -> None:
    sandbox = Sandbox(plain_list())
    app = sandbox_app(sandbox, max_body=1000)
    with serving(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.post("/lists", content=b"x" * 1001).status_code == 413
        assert client.post("/lists", content=iter([b"x" * 600, b"x" * 600])).status_code == 413
        assert client.post("/lists", content=b"x" * 1000).status_code == 401
    assert sandbox.counts.requests == 1


def test_a_port_that_is_taken_is_an_error() -> None:
    with start_sandbox() as running:
        port = int(running.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), start_sandbox(port=port):
            pass
    with start_sandbox(port=port) as again:
        assert again.url == running.url


def test_the_command_line_server_says_when_it_is_ready_and_ends_on_ctrl_c() -> None:
    script = "from core.destination import serve; serve(None, 0, ready=lambda url: print(url, flush=True))"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        headers = {"Authorization": "Bearer any"}
        created = httpx.post(f"{url}/lists", json={"name": "x"}, headers=headers, trust_env=False)
        assert (created.status_code, created.json()) == (201, {"listId": "L1"})
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert process.stdout.read() == ""


def test_calls_from_many_threads_lose_nothing() -> None:
    sandbox = Sandbox(plain_list(), PLAIN)
    headers = [
        ("Authorization", "Bearer pat-0123456789"),
        ("X-Api-Version", "2026-07-15"),
        ("Content-Type", "application/json"),
    ]
    sandbox.handle("POST", "/lists", "", headers, b'{"name": "[Amplitude] x"}')

    def add(number: int) -> Answer:
        users = json.dumps({"userIds": [f"{number}-{user}" for user in range(50)]}).encode()
        return sandbox.handle("POST", "/lists/L1/add", "", headers, users)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(add, range(100)))
    assert {answer.status for answer in answers} == {200}
    assert len(sandbox.held("L1")) == sandbox.counts.added == 5_000
    assert sandbox.counts.requests == 101
