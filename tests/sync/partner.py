"""A partner's side for tests of delivery: its integration, a destination in memory, a clock that nobody waits for."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pandas as pd

from core.integration import Integration
from core.request import Cohort, Connection, RequestBuilder
from core.sync import Change, Clock, Delivery, RetrySchedule, SyncRun, run_sync

BASE = "https://api.example.test"
TOKEN = "s3cr3t-token/with+signs="
Answer = Callable[[httpx.Request, int], httpx.Response | None]

LIST: dict[str, Any] = {
    "display_name": "Acme",
    "auth": {"method": "bearer", "token": "$bearer_token"},
    "custom_fields": [{"variable": "bearer_token", "display_name": "Bearer Token", "secret": True}],
    "mapping_fields": [
        {"variable": "user", "display_name": "User ID"},
        {"variable": "email", "display_name": "Email", "required": False},
    ],
    "endpoints": {
        "create_list": {"url": f"{BASE}/lists", "payload": '{"name": "$amp_cohort_name"}'},
        "add_users": {
            "url": f"{BASE}/lists/$list_id/add",
            "payload": '{"ids": $items, "message": "$message_id"}',
            "item": '"$user"',
        },
        "remove_users": {
            "url": f"{BASE}/lists/$list_id/remove",
            "payload": '{"ids": $items, "message": "$message_id"}',
            "item": '"$user"',
        },
    },
}
PROPERTY: dict[str, Any] = {
    "type": "property",
    "display_name": "Northwind",
    "mapping_fields": LIST["mapping_fields"],
    "endpoints": {
        "update_users": {
            "url": f"{BASE}/users",
            "payload": '{"users": $items}',
            "item": '{"id": "$user", "member": $in_cohort, "by": "$operation"}',
        }
    },
}
PER_USER: dict[str, Any] = {
    "type": "property",
    "display_name": "One by one",
    "mapping_fields": LIST["mapping_fields"],
    "endpoints": {
        "update_users": {
            "method": "PUT",
            "url": f"{BASE}/users/$user",
            "payload": '{"member": $in_cohort, "email": "$email"}',
        }
    },
}


def document(base: dict[str, Any] = LIST, **changes: Any) -> Integration:
    """The integration with values replaced by path: `document(add_users__batch_size=2, delivery__concurrency=1)`.

    A path that begins with the name of an endpoint is one of that endpoint; `users__…` is of all but list creation.
    """
    whole = copy.deepcopy(base)
    for path, value in changes.items():
        first, *steps = path.split("__")
        names = [name for name in whole["endpoints"] if name != "create_list"] if first == "users" else [first]
        for name in names:
            way = [*(["endpoints"] if name in whole["endpoints"] else []), name, *steps]
            place = whole
            for step in way[:-1]:
                place = place.setdefault(step, {})
            place[way[-1]] = value
    return Integration.model_validate(whole)


def connection(integration: Integration, **changes: Any) -> Connection:
    fields = {field.variable: TOKEN for field in integration.custom_fields}
    cohort = Cohort(id="c1", name="Power users", url="https://app.example.com/c1")
    return Connection(fields=fields, cohort=cohort).model_copy(update=changes)


def builder(integration: Integration | None = None, **changes: Any) -> RequestBuilder:
    integration = integration or document()
    return RequestBuilder(integration, connection(integration, **changes))


def frame(users: Sequence[str], emails: Sequence[str] | None = None) -> pd.DataFrame:
    emails = [""] * len(users) if emails is None else emails
    return pd.DataFrame({"user": pd.array(list(users), "str"), "email": pd.array(list(emails), "str")})


def change(added: Sequence[str] = (), removed: Sequence[str] = (), unchanged: int = 1_000) -> Change:
    return Change(frame(added), frame(removed), "user", unchanged)


def users(count: int, start: int = 0) -> list[str]:
    return [f"u{number}" for number in range(start, start + count)]


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.time += seconds

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)


class Destination:
    """Keeps members by list and records every request. `answer` may answer in its place; None leaves it to it."""

    def __init__(self, answer: Answer | None = None, *, list_id: str | int = "L1") -> None:
        self.list_id = list_id
        self.members: set[str] = set()
        self.requests: list[httpx.Request] = []
        self._answer = answer or (lambda _request, _number: None)
        self._lock = threading.Lock()

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    def ids(self, path: str) -> list[list[str]]:
        """The ids of each request whose path ends like this."""
        return [json.loads(one.content)["ids"] for one in self.requests if one.url.path.endswith(path)]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.requests.append(request)
            number = len(self.requests) - 1
        answer = self._answer(request, number)
        if answer is not None and not answer.is_success:
            return answer
        body = json.loads(request.content or b"{}")
        ids = {json.dumps(one) if isinstance(one, dict) else one for one in body.get("ids", [])}
        with self._lock:
            self.members = self.members - ids if request.url.path.endswith("/remove") else self.members | ids
        return answer or httpx.Response(200, json={"listId": self.list_id} if request.url.path == "/lists" else {})


def sync(
    destination: Destination,
    what: Change,
    integration: Integration | None = None,
    *,
    built: RequestBuilder | None = None,
    clock: FakeClock | None = None,
    schedule: RetrySchedule | None = None,
    deliveries: list[Delivery] | None = None,
    **extra: Any,
) -> SyncRun:
    """A run against a destination in memory, in no time."""
    listener = None if deliveries is None else (lambda delivery, _run: deliveries.append(delivery))
    extra.setdefault("listener", listener)
    return run_sync(
        built or builder(integration),
        what,
        schedule=schedule or RetrySchedule(jitter=0),
        clock=(clock or FakeClock()).clock,
        transport=destination.transport,
        **extra,
    )
