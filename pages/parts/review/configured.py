"""An integration as it was configured, to be read and not changed: what the partner filled in, section by section.

`aside(place)` is called at the end of each section's heading, for what belongs to a place in the document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import streamlit as st

from core.integration import (
    ENDPOINT_TITLES,
    BasicAuth,
    BearerAuth,
    CreateListEndpoint,
    CustomField,
    Endpoint,
    EndpointName,
    ErrorRule,
    Header,
    HeaderAuth,
    Integration,
    MappingField,
    endpoints_of,
)
from core.integration.models import Auth
from pages.parts.configure.error_rules import ACTIONS
from pages.parts.configure.indented import indented
from pages.parts.configure.spans import cell, mono, table
from pages.parts.labels import TYPES
from pages.parts.text import md

Aside = Callable[[str], None]
_FIELD_TYPES = {"string": "String", "single_select": "Single select", "button_group": "Button group"}


def show(integration: Integration, aside: Aside = lambda place: None) -> None:
    """All sections but the listing, in the order of the Configure page."""
    with _section("auth", "Authentication", aside):
        st.markdown(_auth(integration.auth))
    with _section("custom_fields", "Custom fields", aside):
        _fields(integration.custom_fields, "The customer fills in nothing.")
    with _section("headers", "Additional headers", aside):
        _headers(integration.headers)
    with _section("mapping_fields", "Mapping fields", aside):
        _fields(integration.mapping_fields, "No user property is mapped.")
    for name, endpoint in endpoints_of(integration).items():
        with _section(f"endpoints.{name}", ENDPOINT_TITLES[name], aside):
            _endpoint(name, endpoint)
    with _section("delivery", "Type and delivery", aside):
        st.markdown(_delivery(integration))


def _section(place: str, title: str, aside: Aside) -> st.delta_generator.DeltaGenerator:
    box = st.container(border=True, key=f"configured_{place.replace('.', '-')}")
    with box, st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.header(title, anchor=False, width="content")
        aside(place)
    return box


def _auth(auth: Auth) -> str:
    if isinstance(auth, BasicAuth):
        return f"Basic: user name {mono(auth.username)}, password {mono(auth.password)}"
    if isinstance(auth, HeaderAuth):
        return f"Header {mono(auth.name)} with {mono(auth.value)}"
    if isinstance(auth, BearerAuth):
        return f"Bearer token {mono(auth.token)}"
    return "None: requests carry no credentials."


def _fields(fields: Sequence[CustomField | MappingField], none: str) -> None:
    if not fields:
        st.caption(none)
        return
    mapped = any(isinstance(field, MappingField) for field in fields)
    head = ("Variable", "Display name", "Becomes" if mapped else "Kind", "Filled in", "Default, form and help")
    st.markdown(table(head, (_field(field) for field in fields)))


def _field(field: CustomField | MappingField) -> tuple[str, ...]:
    kind = md(field.target_name) or "–" if isinstance(field, MappingField) else _FIELD_TYPES[field.field_type]
    if field.value_type != "string":
        kind = f"{kind}, sent as a {field.value_type}"
    need = "Required" if field.required else "Optional"
    return (
        cell(f"${field.variable}"),
        md(field.display_name) or "–",
        kind,
        f"{need}, secret" if field.secret else need,
        _more(field),
    )


def _more(field: CustomField | MappingField) -> str:
    parts = []
    if field.options:
        parts.append(", ".join(f"{md(option.label)} = {cell(option.value)}" for option in field.options))
    if field.default:
        parts.append(f"default {cell(field.default)}")
    if field.pattern:
        parts.append(f"matches {cell(field.pattern)}")
    if field.help:
        parts.append(md(field.help))
    return "; ".join(parts) or "–"


def _headers(headers: Sequence[Header]) -> None:
    if not headers:
        st.caption("None.")
        return
    st.markdown(table(("Header", "Value"), ((cell(header.name), cell(header.value)) for header in headers)))


def _endpoint(name: EndpointName, endpoint: Endpoint) -> None:
    st.code(f"{endpoint.method} {endpoint.url}", language=None, wrap_lines=True)
    if endpoint.payload:
        st.code(indented(endpoint.payload) or endpoint.payload, language="json", wrap_lines=True)
    else:
        st.caption("No body is sent.")
    if endpoint.item:
        st.caption("One user inside `$items`")
        st.code(indented(endpoint.item) or endpoint.item, language="json", wrap_lines=True)
    st.markdown(" · ".join(_facts(endpoint)))
    if endpoint.auth is not None:
        st.markdown(f"Authentication of its own. {_auth(endpoint.auth)}")
    if endpoint.headers is not None:
        st.caption("Headers of its own")
        _headers(endpoint.headers)
    _rules(endpoint.errors)


def _facts(endpoint: Endpoint) -> list[str]:
    facts = [mono(endpoint.content_type), f"up to {endpoint.batch_size:,} users in a request"]
    if endpoint.max_bytes:
        facts.append(f"at most {endpoint.max_bytes:,} bytes")
    if isinstance(endpoint, CreateListEndpoint):
        source = "response" if endpoint.list_id_source == "response" else "request"
        facts.append(f"list id in the {source} at {mono(endpoint.list_id_path)}")
        if endpoint.idempotent:
            facts.append("may be repeated")
    if endpoint.success_when:
        facts.append(f"succeeds when {mono(endpoint.success_when)}")
    if endpoint.rejected_path:
        facts.append(f"rejected users at {mono(endpoint.rejected_path)}")
    return facts


def _rules(rules: Sequence[ErrorRule]) -> None:
    if not rules:
        st.caption("No error rules: every error tells the customer to contact support.")
        return
    with st.expander(f"Error rules ({len(rules)})", type="compact"):
        st.markdown(table(("Answer", "Reason", "What the customer reads", "Then"), (_rule(rule) for rule in rules)))


def _rule(rule: ErrorRule) -> tuple[str, ...]:
    answer = cell(str(rule.status))
    if rule.body is not None:
        answer = f"{answer} with {cell(json.dumps(rule.body, ensure_ascii=False))}"
    return answer, md(rule.reason) or "–", md(rule.message) or "–", ACTIONS[rule.action]


def _delivery(integration: Integration) -> str:
    delivery = integration.delivery
    parts = [
        TYPES[integration.type],
        f"{delivery.concurrency} at once",
        f"time-out {delivery.timeout_seconds:g} s",
        f"{delivery.max_retries} retries",
    ]
    if delivery.rate_limit is not None:
        limit = delivery.rate_limit
        parts.append(f"{limit.requests:,} requests per {limit.per_seconds:g} s")
    if delivery.isolate_refused:
        parts.append("refused batches are halved until the users at fault are found")
    if integration.slugify_cohort_name:
        parts.append("the cohort's name is slugified")
    return " · ".join(parts)
