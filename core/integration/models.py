"""The integration document: what a partner configures, as one JSON document with a version.

The models hold the *structure* (names, types, ranges); what a document *means* - whether its templates compile, its
variables are declared, its URLs are usable - is judged in `checks.py`, so that a half-finished draft can always be
saved and read back as it is.

Source of the names: the product's design, section 3. Any change to them is a change of `schema_version`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_BATCH_SIZE = 10_000
FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"

Category = Literal[
    "messaging",
    "ad_networks",
    "analytics",
    "attribution",
    "crm",
    "customer_support",
    "data_pipeline",
    "experimentation",
    "feature_flagging",
    "storage",
    "surveys",
    "other",
]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
FieldType = Literal["string", "single_select", "button_group"]
ValueType = Literal["string", "number", "boolean"]
EndpointName = Literal["create_list", "add_users", "remove_users", "update_users"]
ENDPOINT_NAMES: tuple[EndpointName, ...] = ("create_list", "add_users", "remove_users", "update_users")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoAuth(_Model):
    method: Literal["none"] = "none"


class BasicAuth(_Model):
    method: Literal["basic"]
    username: str = "$api_key"
    password: str = "$api_secret"  # noqa: S105 - a template, not a secret


class HeaderAuth(_Model):
    method: Literal["header"]
    name: str = "Authorization"
    value: str = "$api_key"


class BearerAuth(_Model):
    method: Literal["bearer"]
    token: str = "$bearer_token"  # noqa: S105 - a template, not a secret


Auth = Annotated[NoAuth | BasicAuth | HeaderAuth | BearerAuth, Field(discriminator="method")]


class Option(_Model):
    """One choice of a single select or a button group."""

    label: str
    value: str


class _Variable(_Model):
    variable: str
    display_name: str
    field_type: FieldType = "string"
    options: list[Option] = []
    default: str | None = None
    required: bool = True
    secret: bool = False
    help: str | None = None
    pattern: str | None = Field(None, description="Regular expression (RE2 syntax) that the whole value must match.")
    value_type: ValueType = "string"


class CustomField(_Variable):
    """A value that the customer fills in once, in the Connect form."""


class MappingField(_Variable):
    """A value that differs per user: the customer picks the user property that feeds it."""

    target_name: str = Field("", description="What the partner's side calls this value.")


class Header(_Model):
    name: str
    value: str


class ErrorRule(_Model):
    """What a response means. The most specific match wins: body over none, exact status over class."""

    status: int | str = Field(description='A status code such as 400, or a class such as "4xx".')
    body: dict[str, Any] | None = Field(None, description="Matches when it is a subset of the response's JSON.")
    reason: str = ""
    message: str = Field("", description="What the customer should do.")
    action: Literal["fail", "retry", "rate_limited", "ignore", "stop"] = "fail"


class Endpoint(_Model):
    """One call to the destination."""

    method: Method = "POST"
    url: str = ""
    payload: str | None = Field(None, description="JSON template; null sends no body.")
    item: str | None = Field(None, description="JSON template of one user inside $items.")
    batch_size: int = Field(DEFAULT_BATCH_SIZE, ge=1, le=100_000)
    max_bytes: int | None = Field(None, ge=1, description="Largest body in bytes; a batch that exceeds it is divided.")
    content_type: str = "application/json"
    auth: Auth | None = Field(None, description="null = as the integration's.")
    headers: list[Header] | None = Field(None, description="null = as the integration's.")
    success_when: str | None = Field(None, description="JMESPath over the response body; falsy = the call failed.")
    rejected_path: str | None = Field(None, description="JMESPath to the ids that a 2xx response did not accept.")
    errors: list[ErrorRule] = []


def is_form(endpoint: Endpoint) -> bool:
    """Whether the payload is sent as an HTML form."""
    return endpoint.content_type.partition(";")[0].strip().lower() == FORM_CONTENT_TYPE


class CreateListEndpoint(Endpoint):
    """The call that creates the list, on the first sync only."""

    list_id_source: Literal["response", "request"] = "response"
    list_id_path: str = "listId"
    idempotent: bool = Field(False, description="True when repeating the call cannot create a second list.")


class Endpoints(_Model):
    create_list: CreateListEndpoint | None = None
    add_users: Endpoint | None = None
    remove_users: Endpoint | None = None
    update_users: Endpoint | None = None


class RateLimit(_Model):
    requests: int = Field(ge=1)
    per_seconds: float = Field(gt=0, le=86_400)


class DeliverySettings(_Model):
    concurrency: int = Field(4, ge=1, le=64)
    timeout_seconds: float = Field(30, gt=0, le=600)
    max_retries: int = Field(8, ge=0, le=20)
    rate_limit: RateLimit | None = None
    isolate_refused: bool = Field(False, description="Halve a refused batch until the members at fault are found.")


class Integration(_Model):
    schema_version: Literal[1] = 1
    display_name: str = ""
    category: Category = "other"
    summary: str = ""
    description: str = Field("", description="Markdown.")
    type: Literal["list", "property"] = "list"
    auth: Auth = NoAuth()
    custom_fields: list[CustomField] = []
    headers: list[Header] = []
    mapping_fields: list[MappingField] = []
    slugify_cohort_name: bool = False
    endpoints: Endpoints = Endpoints()
    delivery: DeliverySettings = DeliverySettings()
