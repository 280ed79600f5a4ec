"""One endpoint seen from the other side: does this request have its shape, and what does it say?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.destination.credentials import HeaderCheck, KnownValues, media_type
from core.destination.exchange import Call, Refusal, Understood
from core.destination.payload import form_document, json_document, plain_value
from core.integration import ENDPOINT_TITLES, EndpointName, Integration, add_endpoint, compile_endpoint, remove_endpoint
from core.integration.models import FORM_CONTENT_TYPE
from core.integration.variables import endpoints_of
from core.template import Kind, Reference
from core.template.json_match import JsonMatcher
from core.template.match import MISSING, Mismatch, Pair, Values, as_text, described, gathered
from core.template.url_match import UrlMatcher


class EndpointShape:
    """Matchers for everything an endpoint's request is made of. `prefix` may stand before its path.

    Raises `DocumentError` when a template of the endpoint does not compile.
    """

    def __init__(
        self,
        integration: Integration,
        name: EndpointName,
        known: KnownValues | None,
        *,
        prefix: str = "",
        kinds: Mapping[str, Kind] | None = None,
    ) -> None:
        self.name = name
        self.compiled = compile_endpoint(integration, name)
        self.endpoint = self.compiled.endpoint
        self.title = ENDPOINT_TITLES[name]
        self._urls = [UrlMatcher(self.compiled.url, prefix)] if prefix else []
        self._urls.append(UrlMatcher(self.compiled.url))
        self._headers = HeaderCheck(integration, self.compiled, known)
        self._payload = JsonMatcher(self.compiled.payload, kinds) if self.compiled.payload else None
        self._item = JsonMatcher(self.compiled.item, kinds) if self.compiled.item else None
        self._kinds = kinds or {}
        self._is_form = media_type(self.endpoint.content_type) == FORM_CONTENT_TYPE
        fields = integration.mapping_fields
        self._identity = identity_variable(integration)
        self._mapped = {field.variable for field in fields}
        self._removes = _removes(integration, name)

    @property
    def path_form(self) -> str:
        return self._urls[0].path_form

    @property
    def variables_in_path(self) -> int:
        return self._urls[0].variables

    def url_matcher(self, path: str) -> UrlMatcher | None:
        """The matcher whose path this is, or None when it is not this endpoint's."""
        return next((url for url in self._urls if not isinstance(url.path(path), Mismatch)), None)

    def read(self, call: Call) -> Understood | Refusal:
        """What a call with this endpoint's path and method says, or the first thing about it that is wrong."""
        url = self.url_matcher(call.path) or self._urls[0]
        path, query = url.path(call.path), url.query(call.query)
        if isinstance(path, Mismatch) or isinstance(query, Mismatch):
            fault = path if isinstance(path, Mismatch) else query
            return self._at(
                1, Refusal(400, "The URL is not as expected.", fault if isinstance(fault, Mismatch) else None)
            )
        auth = self._headers.authentication(call)
        if isinstance(auth, Refusal):
            return self._at(2, auth)
        others = self._headers.others(call)
        if isinstance(others, Refusal):
            return self._at(3, others)
        document = self._document(call)
        if isinstance(document, Refusal):
            return self._at(4, document)
        body: list[Pair] | Mismatch = self._payload.pairs(document) if self._payload else []
        if isinstance(body, Mismatch):
            return self._at(5, Refusal(422, f"The body does not have the shape of {self.title}.", body))
        values = gathered([*path, *query, *auth, *others, *body])
        if isinstance(values, Mismatch):
            return self._at(6, Refusal(422, "The request contradicts itself.", values))
        return self._with_members(values, document)

    def _at(self, progress: int, refusal: Refusal) -> Refusal:
        return replace(refusal, progress=progress, endpoint=self.name)

    def _document(self, call: Call) -> Any:
        """The payload as JSON, or a `Refusal`."""
        if self.compiled.payload is None:
            return None if not call.body else Refusal(400, f"{self.title} expects no body.")
        if call.headers.get("content-encoding", "identity").lower() != "identity":
            return Refusal(415, "Compressed bodies are not supported here.")
        if refusal := self._headers.content_type(call):
            return refusal
        largest = self.endpoint.max_bytes
        if largest is not None and len(call.body) > largest:
            return Refusal(413, f"The body has {len(call.body):,} bytes; {largest:,} are allowed.")
        if self._is_form:
            return form_document(call.body, self.compiled.payload, self.compiled.item, self._kinds)
        return json_document(call.body)

    def _with_members(self, values: Values, document: Any) -> Understood | Refusal:
        members: list[str] = []
        sent: list[Any] = []
        if self._item is not None:
            items = self._items(values.pop("items", []))
            if not items:
                return self._at(7, Refusal(400, "The batch is empty."))
            if len(items) > self.endpoint.batch_size:
                error = f"The batch has {len(items):,} members; {self.endpoint.batch_size:,} are allowed."
                return self._at(7, Refusal(413, error))
            rows = self._item.rows(items)
            if isinstance(rows, Mismatch):
                return self._at(
                    7, Refusal(422, f"An item does not have the shape of {self.title}.", rows.under("item "))
                )
            common = self._common(values, rows)
            if isinstance(common, Mismatch):
                return self._at(7, Refusal(422, "The items contradict the request.", common))
            values = common
            members, sent = self._identities(items, rows)
        elif self.compiled.per_user:
            value = values.get(self._identity)
            if value is None:
                value = {name: found for name, found in values.items() if name in self._mapped}
            members, sent = [as_text(value)], [value]
        unread = _unreadable_operation(self.compiled.references, values)
        if unread is not None:
            return self._at(8, Refusal(422, "The operation is not one that exists.", unread))
        said = _says_remove(values)
        if said is not None and self._removes is not None and said != self._removes:
            wanted, other = ("remove", "add") if self._removes else ("add", "remove")
            fault = Mismatch("operation", wanted, other)
            return self._at(8, Refusal(422, f"{self.title} is the call to {wanted} users.", fault))
        remove = said if self._removes is None else self._removes
        return Understood(self.name, values, members, sent, document, bool(remove) if members else None)

    def _items(self, found: Any) -> list[Any]:
        """The items as JSON values; those joined into a text or spread over a query are plain texts at first."""
        places = {reference.place for reference in self.compiled.references if reference.name == "items"}
        joined = [
            reference for reference in self.compiled.references if reference.name == "items" and reference.filters
        ]
        if places == {"value"} and not joined:
            return list(found)
        return [plain_value(text, self.compiled.item, self._kinds) if isinstance(text, str) else text for text in found]

    def _identities(self, items: list[Any], rows: list[list[Any]]) -> tuple[list[str], list[Any]]:
        """The variable that identifies a user, of each item; the item itself where it does not hold it."""
        references = self._item.references if self._item else ()
        uses = [number for number, reference in enumerate(references) if reference.name == self._identity]
        uses.sort(key=lambda number: len(references[number].filters))
        sent = []
        for item, row in zip(items, rows, strict=True):
            value = row[uses[0]] if uses else MISSING
            sent.append(item if value is MISSING else value)
        return [value if type(value) is str else as_text(value) for value in sent], sent

    def _common(self, values: Values, rows: list[list[Any]]) -> Values | Mismatch:
        """The values with those that every item repeats, such as `$list_id`; they must agree."""
        references = self._item.references if self._item else ()
        for number, reference in enumerate(references):
            if reference.variable.per_member:
                continue
            texts = {as_text(row[number]): row[number] for row in rows if row[number] is not MISSING}
            if reference.name in values and not reference.filters:
                texts.setdefault(as_text(values[reference.name]), values[reference.name])
            if len(texts) > 1:
                first, second = list(texts)[:2]
                return Mismatch(
                    f"${reference.written}", f"{described(first)} everywhere", f"{described(second)} as well"
                )
            if texts and (reference.name not in values or not reference.filters):
                values = {**values, reference.name: next(iter(texts.values()))}
        return values


def identity_variable(integration: Integration) -> str:
    """The mapping variable by which users are known: the first that every call about users sends, so that a removal by
    address finds whom an addition by id and address has brought; else the first of all.
    """
    names = [name for name in endpoints_of(integration) if name != "create_list"]
    sent = [{one.name for one in compile_endpoint(integration, name).member_references} for name in names]
    fields = [field.variable for field in integration.mapping_fields]
    return next((field for field in fields if all(field in found for found in sent)), fields[0] if fields else "")


def _removes(integration: Integration, name: EndpointName) -> bool | None:
    """Whether this endpoint is for users who left; None when the request itself tells."""
    if name == remove_endpoint(integration):
        return None if name == add_endpoint(integration) else True
    return False


def _unreadable_operation(references: Sequence[Reference], values: Values) -> Mismatch | None:
    if any(reference.name == "operation" and reference.filters for reference in references):
        return None
    operation = values.get("operation", "add")
    if operation in ("add", "remove"):
        return None
    return Mismatch("$operation", "add or remove", described(operation))


def _says_remove(values: Values) -> bool | None:
    """What `$operation` or `$in_cohort` say, if they stand in the request."""
    words = {"remove": True, "add": False, "true": False, "false": True}
    for name in ("operation", "in_cohort"):
        if name in values and as_text(values[name]).lower() in words:
            return words[as_text(values[name]).lower()]
    return None
