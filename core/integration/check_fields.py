"""Checks of the fields that a partner declares: custom fields, mapping fields, headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.integration.finding import Finding, error, warning
from core.integration.models import CustomField, Header, Integration, MappingField
from core.integration.variables import ALIASES, PREDEFINED
from core.template import header_fault
from core.template.filters import UnreadableValue, convert

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_OURS_TO_SET = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "trailer"})


def check_custom_fields(integration: Integration) -> Iterator[Finding]:
    for number, field in enumerate(integration.custom_fields):
        place, where = f"custom_fields.{number}", f"Custom field {number + 1}{_named(field.variable)}"
        yield from _check_variable_name(integration, field, place, where)
        yield from _check_choice(field, place, where)
        yield from _check_pattern(field, place, where)
    yield from _check_twice(integration)


def check_mapping_fields(integration: Integration) -> Iterator[Finding]:
    if not integration.mapping_fields:
        message = "Without a mapping field no request can name a user."
        yield error("mapping-missing", "mapping_fields", "Mapping fields", message, "Add one, e.g. for the user id.")
    for number, field in enumerate(integration.mapping_fields):
        place, where = f"mapping_fields.{number}", f"Mapping field {number + 1}{_named(field.variable)}"
        yield from _check_variable_name(integration, field, place, where)
        if number == 0 and not field.required:
            message = "The first mapping field identifies the user, so it cannot be optional."
            yield error("key-optional", f"{place}.required", where, message, "Make it required.")


def _named(variable: str) -> str:
    return f" ({variable})" if variable else ""


def _check_variable_name(
    integration: Integration, field: CustomField | MappingField, place: str, where: str
) -> Iterator[Finding]:
    name = field.variable
    at = f"{place}.variable"
    if not name:
        yield error("variable-missing", at, where, "The field has no variable name.", "Name it, e.g. api_key.")
    elif not _NAME.fullmatch(name):
        wish = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "field"
        message = f'"{name}" cannot be used as a variable: letters, digits and _ only, no digit first.'
        yield error("variable-name", at, where, message, f"Write {wish}.")
    elif name in PREDEFINED and not (name == "list_id" and integration.endpoints.create_list is None):
        message = f"${name} is pre-defined and cannot be declared again."
        yield error("variable-predefined", at, where, message, "Choose another name.")
    elif name in ALIASES:
        message = f"${name} is another spelling of the pre-defined ${ALIASES[name]}; your field will be used instead."
        yield warning("variable-alias", at, where, message, "Choose another name to keep them apart.")
    if not field.display_name.strip():
        message = "The field has no display name: the customer would see an empty label."
        yield error("label-missing", f"{place}.display_name", where, message, "Give it one.")


def _check_choice(field: CustomField, place: str, where: str) -> Iterator[Finding]:
    if field.field_type == "string":
        if field.options:
            yield warning(
                "options-unused", f"{place}.options", where, "A string field shows no options.", "Remove them."
            )
        return
    values = [option.value for option in field.options]
    if not values:
        yield error(
            "options-missing", f"{place}.options", where, "There is nothing to choose from.", "Add two options."
        )
    if any(not option.label.strip() for option in field.options):
        yield error("option-label", f"{place}.options", where, "An option has no label.", "Give every option one.")
    if len(set(values)) < len(values):
        yield error("option-twice", f"{place}.options", where, "Two options have the same value.", "Make them differ.")
    if field.default and field.default not in values:
        message = f'The default "{field.default}" is not one of the options.'
        yield error("default-unknown", f"{place}.default", where, message, f"Choose one of: {', '.join(values)}.")


def _check_pattern(field: CustomField, place: str, where: str) -> Iterator[Finding]:
    if field.pattern:
        try:
            compiled = re.compile(field.pattern)
        except re.error as fault:
            message = f"The pattern is not a regular expression: {fault}."
            yield error("pattern-invalid", f"{place}.pattern", where, message, "Mend it, or remove it.")
            return
        if field.default and not compiled.fullmatch(field.default):
            yield error("default-pattern", f"{place}.default", where, "The default does not match the pattern.")
    if field.default:
        try:
            convert(field.default, field.value_type)
        except UnreadableValue as fault:
            yield error("default-type", f"{place}.default", where, f"The default cannot be used: {fault}.")


def _check_twice(integration: Integration) -> Iterator[Finding]:
    seen: set[str] = set()
    fields: list[tuple[str, CustomField | MappingField]] = [
        *((f"custom_fields.{number}", field) for number, field in enumerate(integration.custom_fields)),
        *((f"mapping_fields.{number}", field) for number, field in enumerate(integration.mapping_fields)),
    ]
    for place, field in fields:
        if field.variable and field.variable in seen:
            where = f"{'Custom' if place.startswith('custom') else 'Mapping'} field ({field.variable})"
            message = f"${field.variable} is declared twice."
            yield error("variable-twice", f"{place}.variable", where, message, "Rename or remove one of them.")
        seen.add(field.variable)


def check_headers(headers: Sequence[Header], place: str, prefix: str) -> Iterator[Finding]:
    """`prefix` is the endpoint's title and a separator, or empty for the integration's own headers."""
    seen: set[str] = set()
    for number, header in enumerate(headers):
        at, where = f"{place}.{number}", f"{prefix}Header {number + 1}{_named(header.name)}"
        name = header.name.lower()
        if not header.name:
            yield error("header-name-missing", f"{at}.name", where, "The header has no name.", "Name or remove it.")
        elif not _TOKEN.fullmatch(header.name):
            message = "A header name has letters, digits and hyphens only."
            yield error("header-name", f"{at}.name", where, message, "Remove spaces, colons and other characters.")
        elif name in _NOT_OURS_TO_SET:
            message = f"{header.name} is set for each request and cannot be configured."
            yield error("header-reserved", f"{at}.name", where, message, "Remove it.")
        elif name in seen:
            yield error("header-twice", f"{at}.name", where, f"{header.name} is there twice.", "Keep one of the two.")
        elif name == "content-type":
            message = (
                "The endpoint's content type decides how the body is written; this header only overrides its name."
            )
            yield warning(
                "header-content-type", f"{at}.name", where, message, "Set the endpoint's content type instead."
            )
        seen.add(name)
        if fault := header_fault(header.value):
            yield error("header-value", f"{at}.value", where, f"{fault[0].upper()}{fault[1:]}.")
