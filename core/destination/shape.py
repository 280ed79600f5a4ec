"""The shape that a sandbox takes from an integration: which call is which, and what a successful answer looks like."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import jmespath
from jmespath.exceptions import JMESPathError

from core.destination.credentials import KnownValues, known_values
from core.destination.endpoint_shape import EndpointShape
from core.destination.exchange import Call, Refusal, Understood
from core.destination.placing import CannotPlace, place, place_all, satisfy
from core.destination.rebase import path_prefixes
from core.integration import CreateListEndpoint, EndpointName, Integration
from core.integration.variables import endpoints_of
from core.request import Connection, Masker, RequestBuilder
from core.template import Kind, header_name_fault
from core.template.match import output_kind

HEADER = "header:"
_PROPERTY_VARIABLES = ("amp_cohort_id", "amp_cohort_name", "amp_cohort_url")


class Shape:
    """An integration as the destination sees it; immutable. `connection` is the one whose calls it accepts, None = any.

    Raises `DocumentError` for templates that do not compile, and for a connection that does not fit.
    """

    def __init__(self, integration: Integration, connection: Connection | None = None) -> None:
        self.integration = integration
        self.connection = connection
        self.mask = Masker(())
        known: KnownValues | None = None
        if connection is not None:
            self.mask = Masker(RequestBuilder(integration, connection).secrets)
            known = known_values(integration, connection)
        create = integration.endpoints.create_list
        declared = any(field.variable == "list_id" for field in integration.custom_fields)
        self.create: CreateListEndpoint | None = create if integration.type == "list" else None
        self.gives_ids = self.create is not None and self.create.list_id_source == "response"
        self.knows_all_lists = self.create is not None and not declared
        names = tuple(endpoints_of(integration))
        prefixes = path_prefixes(integration)
        self.endpoints = self._compiled(names, known, prefixes, {})
        self.numeric_ids = self.gives_ids and not declared and any(map(_wants_number, self.endpoints))
        if self.numeric_ids:
            self.endpoints = self._compiled(names, known, prefixes, {"list_id": "number"})
        self.property_variable = self._shared_variable()

    def _compiled(
        self, names: tuple[EndpointName, ...], known: KnownValues | None, prefixes: dict[EndpointName, str],
        kinds: dict[str, Kind],
    ) -> tuple[EndpointShape, ...]:  # fmt: skip
        shapes = [
            EndpointShape(self.integration, name, known, prefix=prefixes.get(name, ""), kinds=kinds) for name in names
        ]
        return tuple(sorted(shapes, key=lambda shape: shape.variables_in_path))

    def _shared_variable(self) -> str | None:
        """The variable by which all calls name the property; None when there is none."""
        used = [{reference.name for reference in shape.compiled.references} for shape in self.endpoints]
        return next((name for name in _PROPERTY_VARIABLES if all(name in names for names in used)), None)

    def read(self, call: Call) -> Understood | Refusal:
        """Finds the endpoint that a call is for and reads it, or says what is wrong with it."""
        at_path = [shape for shape in self.endpoints if shape.url_matcher(call.path)]
        known = [f"{shape.endpoint.method} {shape.path_form}" for shape in self.endpoints]
        if not at_path:
            return Refusal(404, "There is no endpoint with this path.", details={"known": known})
        candidates = [shape for shape in at_path if shape.endpoint.method == call.method]
        if not candidates:
            allowed = ", ".join(dict.fromkeys(shape.endpoint.method for shape in at_path))
            error = f"{call.method} is not allowed at this path; {allowed} is."
            return Refusal(405, error, headers=(("Allow", allowed),), details={"known": known})
        refusals: list[Refusal] = []
        for shape in candidates:
            result = shape.read(call)
            if isinstance(result, Understood):
                return result
            refusals.append(result)
        return _furthest(refusals)

    def endpoint(self, name: EndpointName) -> EndpointShape:
        return next(shape for shape in self.endpoints if shape.name == name)

    def requested_id(self, understood: Understood) -> str | int | None:
        """The list id in the request, where the integration takes it from there; None when it is not to be found."""
        try:
            found = jmespath.search(self.id_path, understood.document)
        except JMESPathError:
            return None
        return found if isinstance(found, (str, int)) and not isinstance(found, bool) and found != "" else None

    @property
    def id_path(self) -> str:
        return self.create.list_id_path.strip().removeprefix("$.") if self.create else ""

    def success(self, understood: Understood, rejected: list[Any]) -> Any:
        """The body of a success: what `success_when` asks for, and the rejected ids at `rejected_path`."""
        endpoint = self.endpoint(understood.endpoint).endpoint
        document: Any = {}
        if endpoint.success_when:
            document = _tried(satisfy, endpoint.success_when, document)
        if rejected and endpoint.rejected_path:
            document = _tried(place_all, endpoint.rejected_path, document, rejected)
        return document

    def with_list_id(
        self, document: Any, list_id: str | int, url: str, *, misplaced: bool
    ) -> tuple[Any, tuple[tuple[str, str], ...]]:
        """The body and the headers in which a new list's id stands; elsewhere than expected when `misplaced`."""
        if misplaced:
            return {**(document if isinstance(document, dict) else {}), "moved": {"identifier": list_id}}, ()
        if self.id_path.lower().startswith(HEADER):
            name = self.id_path[len(HEADER) :].strip()
            if header_name_fault(name):
                return document, ()
            last = quote(str(list_id), safe="")
            return document, ((name, f"{url}/{last}" if name.lower() in ("location", "content-location") else last),)
        return (_tried(place, self.id_path, document, list_id) if self.gives_ids else document), ()


def _tried(change: Any, expression: str, document: Any, *values: Any) -> Any:
    try:
        return change(expression.strip().removeprefix("$."), document, *values)
    except CannotPlace:
        return document


def _furthest(refusals: list[Refusal]) -> Refusal:
    """The refusal of the endpoint that the call was nearest to; the others are mentioned when they came as far."""
    best = max(refusals, key=lambda refusal: refusal.progress)
    equals = [refusal for refusal in refusals if refusal.progress == best.progress and refusal is not best]
    if not equals or best.mismatch is None:
        return best
    others = [refusal.sentence for refusal in equals]
    return replace(best, details={**best.details, "or": others})


def _wants_number(shape: EndpointShape) -> bool:
    """Whether an endpoint sends the list id as a JSON number, or cannot send one that is not a number."""
    for reference in shape.compiled.references:
        if reference.name == "list_id":
            bare = reference.place == "value" and not reference.filters
            if bare or output_kind(reference) == "number" or any(call.name == "number" for call in reference.filters):
                return True
    return False
