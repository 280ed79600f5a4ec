"""A sandbox on a loopback port that writes down who was sent in each call, and can be held still."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from core.destination import EXAMPLE, Sandbox, sandbox_app, sandboxed
from core.destination.server import serving
from core.integration import Integration
from core.request import Connection
from tests.commands.terminal import Desk

BATCH = 10
TOKEN = "s3cr3t-0123456789"


@dataclass
class Watched:
    """`sent` has each call's operation and members, in the order in which they came.

    `before` and `after` are called around what a call does; they run in a thread of the server.
    """

    url: str
    sandbox: Sandbox
    sent: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    before: Callable[[str], None] | None = None
    after: Callable[[str], None] | None = None

    def reset(self) -> None:
        self.sandbox.reset()
        self.sent.clear()
        self.before = self.after = None

    def wait_for(self, calls: int, ended: Callable[[], bool]) -> None:
        """Until so many calls came, or it has ended that sends them."""
        end = time.monotonic() + 60
        while len(self.sent) < calls and not ended() and time.monotonic() < end:
            time.sleep(0.0005)

    @property
    def members(self) -> frozenset[str]:
        return frozenset().union(*(self.sandbox.held(one.id) for one in self.sandbox.lists))


class _Watching(Sandbox):
    watched: Watched

    def handle(self, method: str, path: str, query: str, headers: Any, body: bytes) -> Any:
        operation = path.rpartition("/")[2]
        members = tuple(json.loads(body).get("userIds", []))
        if self.watched.before:
            self.watched.before(operation)
        self.watched.sent.append((operation, members))
        answer = super().handle(method, path, query, headers, body)
        if self.watched.after:
            self.watched.after(operation)
        return answer


@contextmanager
def watched_sandbox() -> Iterator[Watched]:
    sandbox = _Watching(EXAMPLE)
    with serving(sandbox_app(sandbox)) as url:
        sandbox.watched = Watched(url, sandbox)
        yield sandbox.watched


def integration(url: str, **delivery: Any) -> Integration:
    """The example destination at this address, with batches of ten."""
    document = sandboxed(EXAMPLE, url).model_dump(mode="json")
    for name in ("add_users", "remove_users"):
        document["endpoints"][name]["batch_size"] = BATCH
    document["delivery"] = {"concurrency": 4, "max_retries": 0, **delivery}
    return Integration.model_validate(document)


def write_files(desk: Desk, url: str, **delivery: Any) -> None:
    desk.write("integration.json", integration(url, **delivery).model_dump(mode="json"))
    write_settings(desk)


def write_settings(desk: Desk, list_id: str | int | None = None) -> None:
    connection = Connection.model_validate(
        {"fields": {"bearer_token": TOKEN}, "cohort": {"id": "c1", "name": "Power users"}, "list_id": list_id}
    )
    desk.write("settings.json", connection.model_dump(mode="json"))


def write_day(desk: Desk, name: str, users: list[str]) -> None:
    desk.write(name, "user_id\n" + "".join(f"{user}\n" for user in users))
