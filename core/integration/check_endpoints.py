"""Checks of the endpoints: templates, paths, error rules, and whether together they can sync a cohort."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import jmespath

from core.integration.check_fields import check_headers
from core.integration.compiled import compile_template, content_type_fault
from core.integration.finding import Finding, error, warning
from core.integration.models import (
    CreateListEndpoint,
    Endpoint,
    EndpointName,
    Integration,
    is_form,
)
from core.integration.variables import (
    ALIASES,
    ENDPOINT_TITLES,
    add_endpoint,
    endpoint_names,
    endpoints_of,
    is_per_user,
    remove_endpoint,
    template_texts,
    uses_items,
)
from core.template import JsonTemplate, TemplateError, names_in
from core.template.json_parser import Object

_STATUS = re.compile(r"[1-5](?:\d\d|xx)", re.IGNORECASE)
_NEGATED_PATH = re.compile(r"!\s*([A-Za-z_]\w*(?:\[[^\]]*\]|\.[A-Za-z_]\w*)+)")
_ARRAY_AROUND_ITEMS = re.compile(r"\[\s*\$(?:items\b|\{\s*items\s*\})\s*\]")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_endpoints(integration: Integration) -> Iterator[Finding]:
    configured = endpoints_of(integration)
    for name in endpoint_names(integration):
        optional = name == "create_list" or (integration.type == "property" and name == "remove_users")
        if name not in configured and not optional:
            title = ENDPOINT_TITLES[name]
            message = f"A {integration.type}-based integration needs the endpoint {title}."
            yield error("endpoint-missing", f"endpoints.{name}", title, message, "Configure it.")
    for name, endpoint in configured.items():
        yield from _check_templates(integration, name, endpoint)
        yield from _check_users_sent(integration, name, endpoint)
        yield from _check_address(name, endpoint)
        yield from _check_body(name, endpoint)
        yield from _check_paths(name, endpoint)
        yield from _check_rules(name, endpoint)
        place, title = f"endpoints.{name}", ENDPOINT_TITLES[name]
        yield from check_headers(endpoint.headers or [], f"{place}.headers", f"{title} › ")
    if integration.type == "list":
        yield from _check_list_id(integration, configured)
    yield from _check_leavers(integration, configured)


def _check_templates(integration: Integration, name: EndpointName, endpoint: Endpoint) -> Iterator[Finding]:
    for template in template_texts(integration, name, endpoint):
        where = template.title if template.shared else f"{ENDPOINT_TITLES[name]} › {template.title}"
        try:
            compiled = compile_template(integration, template, endpoint)
        except TemplateError as fault:
            for mistake in fault.mistakes:
                yield Finding(
                    f"{template.part}.{mistake.code}", "error", template.place, where,
                    mistake.message, mistake.hint, mistake.line, mistake.column,
                )  # fmt: skip
            continue
        is_object = isinstance(compiled, JsonTemplate) and isinstance(compiled.root, Object)
        if template.part == "payload" and is_form(endpoint) and not is_object:
            message = "A form needs a JSON object at its top level, one key a field."
            yield error("payload.not-a-form", template.place, where, message, 'Write it like {"ids": $items}.')
        if template.part == "item" and isinstance(compiled, JsonTemplate) and not compiled.is_plain_value:
            joined = re.search(r"\$\{\s*items\s*\|\s*(join|query):", f"{endpoint.payload or ''} {endpoint.url}")
            if joined:
                message = f'"{joined[1]}" needs items that are plain values, but the item is an object or an array.'
                yield error("item.not-plain", template.place, where, message, 'Write one value, e.g. "$user_id".')


def _check_users_sent(integration: Integration, name: EndpointName, endpoint: Endpoint) -> Iterator[Finding]:
    place, title = f"endpoints.{name}", ENDPOINT_TITLES[name]
    if uses_items(endpoint):
        if endpoint.item is None or not endpoint.item.strip():
            if endpoint.item is None:
                message = "$items is used, but there is no template for one item."
                yield error("item-missing", f"{place}.item", f"{title} › Item", message, 'Write one, e.g. "$user_id".')
            return
        mapped = {field.variable for field in integration.mapping_fields}
        if mapped and not any(written in mapped for written, _ in names_in(endpoint.item)):
            message = "The item names no mapping variable, so every user would look the same."
            yield error(
                "item-constant", f"{place}.item", f"{title} › Item", message, "Use the user id's variable in it."
            )
    elif name != "create_list":
        if not is_per_user(integration, name, endpoint):
            message = "The request names no user: it has neither $items nor a mapping variable."
            remedy = 'Use $items in the payload, e.g. {"userIds": $items}.'
            yield error("no-users", f"{place}.payload", f"{title} › Payload", message, remedy)
        elif endpoint.item is not None:
            message = "The item template is not used: this endpoint is called once per user."
            yield warning(
                "item-unused",
                f"{place}.item",
                f"{title} › Item",
                message,
                "Clear the item, or use $items to send batches.",
            )
    if _ARRAY_AROUND_ITEMS.search(endpoint.payload or ""):
        message = "$items is an array already; in brackets it becomes an array in an array."
        yield warning("payload.items-in-array", f"{place}.payload", f"{title} › Payload", message, "Drop the brackets.")
    if endpoint.method == "GET" and endpoint.payload is not None:
        message = "Many servers ignore the body of a GET request."
        yield warning(
            "get-with-body", f"{place}.method", f"{title} › Method", message, "Use POST, or remove the payload."
        )


def _check_address(name: EndpointName, endpoint: Endpoint) -> Iterator[Finding]:
    if endpoint.url.lower().startswith("http://"):
        try:
            host = urlsplit(endpoint.url).hostname or ""
        except ValueError:
            return
        if host not in _LOOPBACK:
            message = "The URL is not encrypted: credentials and user ids can be read on the way."
            where = f"{ENDPOINT_TITLES[name]} › URL"
            yield warning("url-not-https", f"endpoints.{name}.url", where, message, "Use https://.")


def _check_body(name: EndpointName, endpoint: Endpoint) -> Iterator[Finding]:
    if endpoint.payload is not None and (fault := content_type_fault(endpoint.content_type)):
        where = f"{ENDPOINT_TITLES[name]} › Content type"
        yield error("content-type", f"endpoints.{name}.content_type", where, f"{fault}.", "Write application/json.")


def _check_leavers(integration: Integration, configured: dict[EndpointName, Endpoint]) -> Iterator[Finding]:
    """Users who left must be told apart from those who joined: by another request, or by a variable in the same."""
    joined, left = add_endpoint(integration), remove_endpoint(integration)
    if joined not in configured or left not in configured:
        return
    texts = {
        name: [(text.part, text.text) for text in template_texts(integration, name, configured[name])]
        for name in (joined, left)
    }
    same = texts[joined] == texts[left] and configured[joined].method == configured[left].method
    tells = any(name in ("in_cohort", "operation") for _, text in texts[joined] for name, _ in names_in(text))
    if same and not tells:
        message = "Users who left are sent exactly as users who joined."
        remedy = "Use $in_cohort (true or false) or $operation (add or remove), or configure another call for leavers."
        yield error("leavers-look-like-joiners", f"endpoints.{left}", ENDPOINT_TITLES[left], message, remedy)


def _check_paths(name: EndpointName, endpoint: Endpoint) -> Iterator[Finding]:
    place, title = f"endpoints.{name}", ENDPOINT_TITLES[name]
    paths: list[tuple[str, str, str | None]] = [
        ("success_when", "Success when", endpoint.success_when),
        ("rejected_path", "Path to rejected members", endpoint.rejected_path),
    ]
    if isinstance(endpoint, CreateListEndpoint):
        path = endpoint.list_id_path.strip()
        in_header = path.lower().startswith("header:")
        if not path:
            message = "The path to the list id is missing."
            where = f"{title} › Path to the list id"
            yield error("list-id-path-missing", f"{place}.list_id_path", where, message, "Write it, e.g. listId.")
        elif in_header and endpoint.list_id_source == "request":
            message = "A header holds the list id in a response only."
            yield error("list-id-path", f"{place}.list_id_path", f"{title} › Path to the list id", message)
        elif not in_header:
            paths.append(("list_id_path", "Path to the list id", path))
        elif not path[len("header:") :].strip():
            message = "The path names no header."
            where = f"{title} › Path to the list id"
            yield error("list-id-path", f"{place}.list_id_path", where, message, "Write it like header:Location.")
    for key, label, expression in paths:
        if expression is None or not expression.strip():
            continue
        try:
            jmespath.compile(expression.strip().removeprefix("$."))
        except Exception as fault:  # JMESPath raises several unrelated types
            token = getattr(fault, "token_value", None)
            why = f': "{token}" cannot stand where it does' if token else ""
            message = f'"{expression.strip()}" is not a path{why}.'
            remedy = "Write it like data.id or lists[0].id (JMESPath)."
            yield error(f"{key.replace('_', '-')}", f"{place}.{key}", f"{title} › {label}", message, remedy)
    negated = _NEGATED_PATH.search(endpoint.success_when or "")
    if negated:
        message = f"JMESPath reads !{negated[1]} as the negation of its first step alone, which is never true."
        where = f"{title} › Success when"
        yield warning("success-when-negation", f"{place}.success_when", where, message, f"Write !({negated[1]}).")


def _check_rules(name: EndpointName, endpoint: Endpoint) -> Iterator[Finding]:
    title = ENDPOINT_TITLES[name]
    seen: set[str] = set()
    for number, rule in enumerate(endpoint.errors):
        place, where = f"endpoints.{name}.errors.{number}", f"{title} › Error rule {number + 1}"
        if not _STATUS.fullmatch(str(rule.status)):
            message = f'"{rule.status}" is not a status.'
            yield error(
                "rule-status", f"{place}.status", where, message, "Write a code such as 400, or a class such as 4xx."
            )
        if not rule.reason.strip():
            yield warning("rule-reason", f"{place}.reason", where, "The rule has no reason.", "Name what went wrong.")
        if rule.action in ("fail", "stop") and not rule.message.strip():
            message = "The rule does not tell the customer what to do."
            yield warning("rule-message", f"{place}.message", where, message, "Write a sentence for the customer.")
        key = f"{rule.status} {json.dumps(rule.body, sort_keys=True)}".lower()
        if key in seen:
            yield error("rule-twice", place, where, "Another rule matches the same answer.", "Remove one of the two.")
        seen.add(key)


def _check_list_id(integration: Integration, configured: dict[EndpointName, Endpoint]) -> Iterator[Finding]:
    users = {}
    for name, endpoint in configured.items():
        if name == "create_list":
            continue
        texts = template_texts(integration, name, endpoint)
        users[name] = any(
            ALIASES.get(written, written) == "list_id" for text in texts for written, _ in names_in(text.text)
        )
    declared = any(field.variable == "list_id" for field in integration.custom_fields)
    title = ENDPOINT_TITLES["create_list"]
    if "create_list" in configured and users and not any(users.values()):
        message = "A list is created, but no other endpoint uses $list_id."
        yield warning("list-id-unused", "endpoints.create_list", title, message, "Use $list_id to add users to it.")
    if "create_list" not in configured and any(users.values()) and not declared:
        message = "$list_id is used, but there is no call that creates a list."
        remedy = "Configure list creation, or add a custom field list_id."
        yield error("list-id-unknown", "endpoints.create_list", title, message, remedy)
