"""Document + connection + batch -> request. What is previewed, exported, tested and synced all comes from here."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import DocumentError
from core.integration.compiled import CompiledEndpoint, compile_endpoint
from core.integration.models import BasicAuth, BearerAuth, EndpointName, HeaderAuth, Integration, is_form
from core.integration.variables import endpoints_of, is_predefined
from core.request.connection import Connection, cohort_name, field_value, mapped_column, problems_of
from core.request.form import NotAnObject, form_body
from core.request.rendered import HttpRequest, RenderedRequest
from core.template import (
    Items,
    Reference,
    Scalar,
    Scope,
    Secret,
    ValueFault,
    has_mark,
    nothing_left,
    to_bytes,
)
from core.template.values import evaluate

if TYPE_CHECKING:
    from core.template.columns import Column, Columns
    from core.template.members import RenderedMembers

USER_AGENT = "Amplitude-Developer-Portal/1.0"
LIST_ID_PLACEHOLDER = "LIST_ID"
_OF_A_BATCH = ("items", "message_id")
_ENVELOPES = 16


@dataclass(frozen=True, slots=True)
class BatchValues:
    """The values that differ from batch to batch. `computed_time` in Unix seconds."""

    operation: str = "add"
    list_id: str | int | None = None
    message_id: str = ""
    computed_time: int = 0


class RequestBuilder:
    """Renders requests of one integration for one connection.

    Raises `DocumentError` when the connection does not fit the integration; endpoints compile when they are first used.
    """

    def __init__(self, integration: Integration, connection: Connection, *, columns: Collection[str] | None = None):
        self.integration = integration
        self.connection = connection
        problems = problems_of(integration, connection, columns)
        if problems:
            pairs = tuple((problem.title, problem.message) for problem in problems)
            raise DocumentError(problems[0].message, problems=pairs, where=problems[0].title)
        self._endpoints: dict[EndpointName, CompiledEndpoint] = {}
        self._envelopes: dict[tuple[EndpointName, bool, BatchValues], HttpRequest] = {}
        values = {
            field.variable: field_value(field, connection)
            for field in integration.custom_fields
            if not is_predefined(integration, field.variable)
        }
        self._secret_names = {
            field.variable for field in integration.custom_fields if field.secret and values.get(field.variable)
        }
        self._fields = values

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret values of this connection, to be masked wherever they come back."""
        return tuple(str(self._fields[name]) for name in sorted(self._secret_names))

    @property
    def configured(self) -> tuple[EndpointName, ...]:
        return tuple(endpoints_of(self.integration))

    def endpoint(self, name: EndpointName) -> CompiledEndpoint:
        """The compiled endpoint. Raises `DocumentError` with all mistakes of its templates."""
        if name not in self._endpoints:
            self._endpoints[name] = compile_endpoint(self.integration, name)
        return self._endpoints[name]

    def columns(self, frame: Mapping[str, Column]) -> dict[str, Column]:
        """The columns of a snapshot under the names of the mapping variables they feed; unmapped ones are empty.

        `frame` maps column names to values: a pandas frame, or a dict of Arrow arrays or lists of one length.
        """
        available = list(frame.keys())
        length = len(frame[available[0]]) if available else 0
        found: dict[str, Column] = {}
        for field in self.integration.mapping_fields:
            column = mapped_column(field, self.connection, available)
            found[field.variable] = [None] * length if column is None else frame[column]
        return found

    def render_items(
        self, name: EndpointName, columns: Columns, count: int, values: BatchValues, *, marked: bool = False
    ) -> RenderedMembers:
        """The JSON text of each member's item, and the reasons of those that cannot be sent."""
        item = self.endpoint(name).item
        if item is None:
            raise AssertionError(f"{name} sends no items")
        return item.render_members(columns, self._scope(values, marked=marked), count, must_name=True)

    def items_show_secrets(self, name: EndpointName) -> bool:
        """Whether items quote a secret, so that `request` needs them marked as well."""
        item = self.endpoint(name).item
        return item is not None and self._shows_secrets(item.references)

    def request(
        self,
        name: EndpointName,
        values: BatchValues,
        *,
        items: Sequence[str] | None = None,
        marked_items: Sequence[str] | None = None,
        member: Mapping[str, str | None] | None = None,
    ) -> RenderedRequest:
        """One request: for a batch of rendered items, for one member, or for the list alone.

        Raises `ValueFault` when a value is missing or has no place in the request.
        """
        compiled = self.endpoint(name)
        scope = self._request_scope(values, items, member, marked=False)
        _refuse_nobody(compiled, scope)
        shared = None if member else replace(values, message_id="")
        wire = self._rendered(compiled, scope, shared, marked=False)
        marked = wire
        if self._shows_secrets(compiled.references):
            shown = items if marked_items is None else marked_items
            scope = self._request_scope(values, shown, member, marked=True)
            in_body = self._shows_secrets(compiled.body_references)
            marked = self._rendered(compiled, scope, shared, marked=True, body=None if in_body else wire.body)
        members = len(items) if items is not None else int(member is not None)
        return RenderedRequest(name, wire, marked, members)

    def uses(self, name: EndpointName, variable: str) -> bool:
        """Whether any template of an endpoint uses this variable."""
        return any(reference.name == variable for reference in self.endpoint(name).references)

    def _rendered(
        self,
        compiled: CompiledEndpoint,
        scope: Scope,
        shared: BatchValues | None,
        *,
        marked: bool,
        body: bytes | None = None,
    ) -> HttpRequest:
        """The request; with `body`, that is its body. What is the same for all batches of a stage, which have the
        values `shared`, is rendered once.
        """
        if body is None:
            body = _body(compiled, scope)
        if shared is None or any(one.name in _OF_A_BATCH for one in compiled.envelope_references):
            return _with_body(_envelope(compiled, scope), body)
        known = (compiled.name, marked, shared)
        if known not in self._envelopes:
            if len(self._envelopes) >= _ENVELOPES:
                self._envelopes.clear()
            self._envelopes[known] = _envelope(compiled, scope)
        return _with_body(self._envelopes[known], body)

    def _shows_secrets(self, references: Iterable[Reference]) -> bool:
        return any(reference.name in self._secret_names for reference in references)

    def _request_scope(
        self,
        values: BatchValues,
        items: Sequence[str] | None,
        member: Mapping[str, str | None] | None,
        *,
        marked: bool,
    ) -> Scope:
        scope = {**self._scope(values, marked=marked), **(member or {})}
        if items is not None:
            scope["items"] = Items(items)
        return scope

    def _scope(self, values: BatchValues, *, marked: bool) -> dict[str, Scalar | Items | Secret]:
        scope: dict[str, Scalar | Items | Secret] = {
            "amp_cohort_name": cohort_name(self.integration, self.connection),
            "amp_cohort_id": self.connection.cohort.id,
            "amp_cohort_url": self.connection.cohort.url,
            "list_id": values.list_id,
            "in_cohort": values.operation == "add",
            "operation": values.operation,
            "message_id": values.message_id,
            "computed_time": values.computed_time,
        }
        for name, value in self._fields.items():
            hidden = marked and name in self._secret_names
            scope[name] = Secret(name, value or "") if hidden else value
        return scope


def _refuse_nobody(compiled: CompiledEndpoint, scope: Scope) -> None:
    """A call for one user whose URL, or which as a whole, names no user would be about everybody, or about nobody."""
    if not compiled.per_user:
        return
    in_url = [reference for reference in compiled.url.references if reference.variable.per_member]
    for naming in (in_url, compiled.member_references):
        if naming and all(evaluate(reference, scope)[0] is None for reference in naming):
            raise ValueFault(naming[0].name, nothing_left(naming[0].name))


def _with_body(envelope: HttpRequest, body: bytes | None) -> HttpRequest:
    return HttpRequest(envelope.method, envelope.url, envelope.headers, body, envelope.basic)


def _body(compiled: CompiledEndpoint, scope: Scope) -> bytes | None:
    if compiled.payload is None:
        return None
    if not is_form(compiled.endpoint):
        return compiled.payload.render_bytes(scope)
    text = compiled.payload.render(scope)
    try:
        secrets = {name: value.raw for name, value in scope.items() if isinstance(value, Secret)}
        return to_bytes(form_body(text, secrets))
    except NotAnObject as error:
        raise ValueFault("items", f"Payload: {error}") from None


def _envelope(compiled: CompiledEndpoint, scope: Scope) -> HttpRequest:
    """The request without its body."""
    endpoint = compiled.endpoint
    headers: dict[str, tuple[str, str]] = {}

    def put(name: str, value: str) -> None:
        headers[name.lower()] = (name, value)

    put("User-Agent", USER_AGENT)
    put("Accept", "*/*")
    if compiled.payload is not None:
        put("Content-Type", endpoint.content_type)
    basic = None
    match compiled.auth:
        case BasicAuth():
            basic = (compiled.auth_texts[0].render(scope), compiled.auth_texts[1].render(scope))
            put("Authorization", _basic_header(*basic))
        case HeaderAuth(name=name):
            if value := compiled.auth_texts[0].render(scope).strip(" \t"):
                put(name, value)
        case BearerAuth():
            if value := compiled.auth_texts[0].render(scope).strip(" \t"):
                put("Authorization", f"Bearer {value}")
    for name, template in compiled.headers:
        value = template.render(scope).strip(" \t")
        if value:
            if name.lower() == "authorization":
                basic = None
            put(name, value)
    return HttpRequest(endpoint.method, compiled.url.render(scope), tuple(headers.values()), None, basic)


def _basic_header(username: str, password: str) -> str:
    """RFC 7617: Base64 of `username:password` in UTF-8; a user name with a colon would be read as another."""
    if has_mark(username) or has_mark(password):
        return "Basic ***"
    if ":" in username:
        raise ValueFault("username", "the user name of basic authentication cannot contain a colon")
    try:
        return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
    except UnicodeEncodeError:
        raise ValueFault("username", "the user name or password has half a character (a lone surrogate)") from None
