"""Sends what the request builder renders to a sandbox on a loopback port, as a sync would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import jmespath

from core.destination import RunningSandbox, Sandbox, sandboxed, start_sandbox
from core.integration import EndpointName, Integration, add_endpoint, load_integration, remove_endpoint
from core.request import BatchValues, Cohort, Connection, HttpRequest, RequestBuilder

COHORT = Cohort(id="7khm89cz", name='Power "users" & héllo', url="https://app.example.com/cohort/7khm89cz")
User = dict[str, str]


class Caller:
    """One connection's calls. `list_id` is what the last list creation gave."""

    def __init__(self, integration: Integration, connection: Connection, base_url: str) -> None:
        self.builder = RequestBuilder(sandboxed(integration, base_url), connection)
        self.client = httpx.Client(trust_env=False, timeout=10)
        self.list_id: Any = None

    def rendered(self, name: EndpointName, users: Sequence[User] = (), operation: str = "add") -> list[HttpRequest]:
        """The requests of one endpoint for these users: one, or one a user for a per-user call."""
        values = BatchValues(operation, self.list_id, "m-1", 1_700_000_000)
        fields = self.builder.integration.mapping_fields
        frame = {field.variable: [user.get(field.variable, "") for user in users] for field in fields}
        columns = self.builder.columns(frame)
        compiled = self.builder.endpoint(name)
        if compiled.sends_items:
            items = self.builder.render_items(name, columns, len(users), values)
            assert items.faults == {}
            return [self.builder.request(name, values, items=[text for text in items.texts if text is not None]).wire]
        if compiled.per_user:
            members = [{key: column[row] for key, column in columns.items()} for row in range(len(users))]
            return [self.builder.request(name, values, member=member).wire for member in members]
        return [self.builder.request(name, values).wire]

    def send(self, request: HttpRequest) -> httpx.Response:
        return self.client.request(
            request.method, request.url, headers=list(request.headers), content=request.body or b""
        )

    def create(self, users: Sequence[User] = ()) -> httpx.Response:
        """Creates the list and takes the id from where the integration says that it is."""
        (request,) = self.rendered("create_list", users)
        response = self.send(request)
        create = self.builder.integration.endpoints.create_list
        assert create is not None
        path = create.list_id_path.removeprefix("$.")
        if response.is_success and path.lower().startswith("header:"):
            self.list_id = response.headers[path[7:]].rpartition("/")[2]
        elif response.is_success:
            source = response.content if create.list_id_source == "response" else request.body or b""
            self.list_id = jmespath.search(path, httpx.Response(200, content=source).json())
        return response

    def add(self, *users: User) -> list[httpx.Response]:
        return [self.send(request) for request in self.rendered(add_endpoint(self.builder.integration), users)]

    def remove(self, *users: User) -> list[httpx.Response]:
        name = remove_endpoint(self.builder.integration)
        return [self.send(request) for request in self.rendered(name, users, "remove")]


@contextmanager
def calling(
    integration: Integration, connection: Connection, *, known: bool = True
) -> Iterator[tuple[Caller, Sandbox]]:
    """A caller and the sandbox that it calls; `known` = the sandbox knows the connection's credentials."""
    with start_sandbox(integration, connection if known else None) as running:
        caller = Caller(integration, connection, running.url)
        with caller.client:
            yield caller, running.sandbox


def document(**parts: Any) -> Integration:
    """An integration from its JSON document, through the same door as a partner's."""
    return load_integration(httpx.Request("POST", "http://x", json={"schema_version": 1, **parts}).content)


def statuses(responses: Sequence[httpx.Response]) -> list[int]:
    return [response.status_code for response in responses]


__all__ = ["COHORT", "Caller", "RunningSandbox", "User", "calling", "document", "statuses"]
