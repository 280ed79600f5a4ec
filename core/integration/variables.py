"""Which variables an integration has, and which of them may stand where.

Pre-defined variables and their other spellings: the product's design, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.integration.models import (
    Auth,
    BasicAuth,
    BearerAuth,
    CustomField,
    Endpoint,
    EndpointName,
    HeaderAuth,
    Integration,
)
from core.template import Kind, Names, Variable, names_in

LIST_ENDPOINTS: tuple[EndpointName, ...] = ("create_list", "add_users", "remove_users")
PROPERTY_ENDPOINTS: tuple[EndpointName, ...] = ("update_users", "remove_users")
ENDPOINT_TITLES: dict[EndpointName, str] = {
    "create_list": "List creation",
    "add_users": "Add users",
    "remove_users": "Remove users",
    "update_users": "Update users",
}


@dataclass(frozen=True, slots=True)
class Predefined:
    kind: Kind
    summary: str
    required: bool = True


PREDEFINED: dict[str, Predefined] = {
    "amp_cohort_name": Predefined("string", "Name of the cohort"),
    "amp_cohort_id": Predefined("string", "Id of the cohort"),
    "amp_cohort_url": Predefined("string", "Link to the cohort", required=False),
    "list_id": Predefined("string", "Id of the list, from the list creation call"),
    "items": Predefined("items", "The users of this batch, as a JSON array"),
    "in_cohort": Predefined("boolean", "true for users who joined, false for users who left"),
    "operation": Predefined("string", "add or remove"),
    "message_id": Predefined("string", "Id of this batch, the same on every retry"),
    "computed_time": Predefined("number", "When the difference was computed, in Unix seconds"),
}
ALIASES: dict[str, str] = {
    "listId": "list_id",
    "list_Id": "list_id",
    "amplitude_cohort_name": "amp_cohort_name",
    "cohort_name": "amp_cohort_name",
    "amplitude_cohort_id": "amp_cohort_id",
    "cohort_id": "amp_cohort_id",
}

AUTH_FIELDS: dict[str, tuple[CustomField, ...]] = {
    "none": (),
    "basic": (
        CustomField(variable="api_key", display_name="API Key", secret=True),
        CustomField(variable="api_secret", display_name="API Secret", secret=True, required=False),
    ),
    "header": (CustomField(variable="api_key", display_name="API Key", secret=True),),
    "bearer": (CustomField(variable="bearer_token", display_name="Bearer Token", secret=True),),
}
"""The custom fields that choosing an authentication method adds."""

Part = Literal["url", "header", "auth", "payload", "item"]


@dataclass(frozen=True, slots=True)
class TemplateText:
    """One template of an integration as it is written. `place` is its path in the document.

    `shared` says that it belongs to the integration and is only used by this endpoint.
    """

    endpoint: EndpointName
    part: Part
    place: str
    title: str
    text: str
    shared: bool = False


def endpoint_names(integration: Integration) -> tuple[EndpointName, ...]:
    """The endpoints that this type of integration has, in the order in which a sync calls them."""
    return LIST_ENDPOINTS if integration.type == "list" else PROPERTY_ENDPOINTS


def endpoints_of(integration: Integration) -> dict[EndpointName, Endpoint]:
    """The endpoints that are configured and that this type uses."""
    found = {name: getattr(integration.endpoints, name) for name in endpoint_names(integration)}
    return {name: endpoint for name, endpoint in found.items() if endpoint is not None}


def add_endpoint(integration: Integration) -> EndpointName:
    """The endpoint that receives users who joined the cohort."""
    return "add_users" if integration.type == "list" else "update_users"


def remove_endpoint(integration: Integration) -> EndpointName:
    """The endpoint that receives users who left: for a property, the update call unless there is one for leavers."""
    if integration.type == "property" and integration.endpoints.remove_users is None:
        return "update_users"
    return "remove_users"


def template_texts(integration: Integration, name: EndpointName, endpoint: Endpoint) -> Iterator[TemplateText]:
    """Every template that takes part in this endpoint's request, in the order of the page."""
    base = f"endpoints.{name}"
    yield TemplateText(name, "url", f"{base}.url", "URL", endpoint.url)
    auth, shared = (integration.auth, True) if endpoint.auth is None else (endpoint.auth, False)
    prefix = "" if shared else f"{base}."
    for key, title, text in auth_texts(auth):
        yield TemplateText(name, "auth", f"{prefix}auth.{key}", f"Authentication › {title}", text, shared)
    headers, shared = (integration.headers, True) if endpoint.headers is None else (endpoint.headers, False)
    prefix = "" if shared else f"{base}."
    for number, header in enumerate(headers):
        title = f"Header {header.name or number + 1}"
        yield TemplateText(name, "header", f"{prefix}headers.{number}.value", title, header.value, shared)
    if endpoint.payload is not None:
        yield TemplateText(name, "payload", f"{base}.payload", "Payload", endpoint.payload)
    if endpoint.item is not None and uses_items(endpoint):
        yield TemplateText(name, "item", f"{base}.item", "Item", endpoint.item)


def auth_texts(auth: Auth) -> Iterator[tuple[str, str, str]]:
    """The templates of an authentication: key in the document, label, text."""
    match auth:
        case BasicAuth(username=username, password=password):
            yield "username", "User name", username
            yield "password", "Password", password
        case HeaderAuth(value=value):
            yield "value", "Header value", value
        case BearerAuth(token=token):
            yield "token", "Token", token


def uses_items(endpoint: Endpoint) -> bool:
    """Whether the endpoint sends users as a batch."""
    texts = (endpoint.payload or "", endpoint.url)
    return any(name == "items" for text in texts for name, _ in names_in(text))


def is_per_user(integration: Integration, name: EndpointName, endpoint: Endpoint) -> bool:
    """Whether the endpoint is called once a user: no $items, but a mapping variable in URL, headers or payload."""
    if uses_items(endpoint):
        return False
    mapped = {field.variable for field in integration.mapping_fields}
    texts = template_texts(integration, name, endpoint)
    return any(written in mapped for template in texts for written, _ in names_in(template.text))


def is_predefined(integration: Integration, variable: str) -> bool:
    """Whether a field cannot bear this name; `list_id` is free when no call creates a list."""
    return variable in PREDEFINED and not (variable == "list_id" and integration.endpoints.create_list is None)


def host_safe(field: CustomField) -> bool:
    """Whether a field's value may be part of a host: fixed options, or a pattern without . / @ and :"""
    if field.field_type != "string":
        return bool(field.options)
    return bool(field.pattern) and not any(char in (field.pattern or "") for char in "./@:")


def names_for(integration: Integration, name: EndpointName, endpoint: Endpoint, part: Part) -> Names:
    """What may stand in one template of an endpoint, and why other known names may not."""
    variables = {
        key: Variable(key, predefined.kind, predefined.required)
        for key, predefined in PREDEFINED.items()
        if key not in ("items", "list_id")
    }
    forbidden: dict[str, str] = {}
    _place_list_id(integration, name, variables, forbidden)
    if part == "item":
        forbidden["items"] = "an item is one user of $items."
        del variables["message_id"]
        forbidden["message_id"] = "it is the id of the whole batch; use it in the payload or in a header."
    elif part in ("header", "auth"):
        forbidden["items"] = "the batch can stand in the payload or in the URL only."
    else:
        variables["items"] = Variable("items", "items")
    for field in integration.custom_fields:
        if not is_predefined(integration, field.variable):
            has_options = field.field_type != "string"
            variables[field.variable] = Variable(
                field.variable, field.value_type, field.required, host_safe=host_safe(field), host_dots=has_options
            )
            forbidden.pop(field.variable, None)
    _place_mappings(integration, name, endpoint, part, variables, forbidden)
    return Names(variables, ALIASES, forbidden)


def _place_list_id(
    integration: Integration, name: EndpointName, variables: dict[str, Variable], forbidden: dict[str, str]
) -> None:
    if integration.type == "property":
        forbidden["list_id"] = "a property-based integration has no list."
    elif name == "create_list":
        forbidden["list_id"] = "the list has no id before this call has created it."
    else:
        variables["list_id"] = Variable("list_id")


def _place_mappings(
    integration: Integration,
    name: EndpointName,
    endpoint: Endpoint,
    part: Part,
    variables: dict[str, Variable],
    forbidden: dict[str, str],
) -> None:
    for field in integration.mapping_fields:
        if is_predefined(integration, field.variable):
            continue
        if part != "item" and uses_items(endpoint):
            forbidden[field.variable] = (
                "it differs per user; use it in the item template, or leave $items out to make one call per user."
            )
        elif name == "create_list" and part != "item":
            forbidden[field.variable] = "the list is created before any user is sent."
        else:
            variables[field.variable] = Variable(
                field.variable, field.value_type, field.required, per_member=True, pattern=field.pattern or None
            )
