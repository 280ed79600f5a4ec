"""Checks of the fields that a partner declares: custom fields, mapping fields, headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.integration.finding import Finding, error, warning
from core.integration.models import CustomField, Header, Integration, MappingField
from core.integration.variables import ALIASES, is_predefined
from core.template import header_name_fault
from core.template.filters import UnreadableValue, convert, matching
from core.template.patterns import pattern_fault

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NOT_OURS_TO_SET = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "trailer"})


def check_custom_fields(integration: Integration) -> Iterator[Finding]:
    for number, field in enumerate(integration.custom_fields):
        place, where = f"custom_fields.{number}", f"Custom field {number + 1}{_named(field.variable)}"
        yield from _check_variable_name(integration, field, place, where)
        yield from _check_choice(field, place, where)
        yield from _check_pattern(field, place, where)
        yield from _check_default(field, place, where)
        yield from _check_secret(field, place, where)
    yield from _check_twice(integration)


def check_mapping_fields(integration: Integration) -> Iterator[Finding]:
    if not integration.mapping_fields:
        message = "Without a mapping field no request can name a user."
        yield error("mapping-missing", "mapping_fields", "Mapping fields", message, "Add one, e.g. for the user id.")
    for number, field in enumerate(integration.mapping_fields):
        place, where = f"mapping_fields.{number}", f"Mapping field {number + 1}{_named(field.variable)}"
        yield from _check_variable_name(integration, field, place, where)
        yield from _check_pattern(field, place, where)
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
    elif is_predefined(integration, name):
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
    if "" in values:
        yield error("option-value", f"{place}.options", where, "An option has no value.", "Give every option one.")
    for value in filter(None, values):
        if fault := _unreadable(value, field):
            message = f"An option cannot be used: {fault}."
            yield error("option-type", f"{place}.options", where, message, "Mend it, or change the value type.")
    if len(set(values)) < len(values):
        yield error("option-twice", f"{place}.options", where, "Two options have the same value.", "Make them differ.")
    if field.default and field.default not in values:
        message = f'The default "{field.default}" is not one of the options.'
        yield error("default-unknown", f"{place}.default", where, message, f"Choose one of: {', '.join(values)}.")


def _unreadable(value: str, field: CustomField) -> str | None:
    try:
        convert(value, field.value_type)
    except UnreadableValue as fault:
        return str(fault)
    return None


def _check_pattern(field: CustomField | MappingField, place: str, where: str) -> Iterator[Finding]:
    if fault := pattern_fault(field.pattern or ""):
        message = f"The pattern cannot be used: {fault}."
        yield error("pattern-invalid", f"{place}.pattern", where, message, "Mend it, or remove it.")


def _check_default(field: CustomField, place: str, where: str) -> Iterator[Finding]:
    """The default is what the form shows at first, so it must be a value that the form takes."""
    if not field.default:
        return
    if field.pattern:
        try:
            matching(field.default, field.pattern)
        except UnreadableValue:
            message, remedy = "The default does not match the pattern.", "Change one of the two."
            yield error("default-pattern", f"{place}.default", where, message, remedy)
    if fault := _unreadable(field.default, field):
        message, remedy = f"The default cannot be used: {fault}.", "Mend it, or change the value type."
        yield error("default-type", f"{place}.default", where, message, remedy)


def _check_secret(field: CustomField, place: str, where: str) -> Iterator[Finding]:
    if field.secret and field.default:
        message = "The default of a secret field can be read by everyone who sees the integration."
        yield error("secret-default", f"{place}.default", where, message, "Remove the default.")
    if field.secret and field.value_type != "string":
        message = "A secret is kept and masked as a text."
        yield error("secret-type", f"{place}.value_type", where, message, "Set the value type to string.")


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
        if found := check_header_name(header.name, f"{at}.name", where):
            yield found
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


def check_header_name(name: str, place: str, where: str) -> Finding | None:
    """What is wrong with the name of a header, be it an additional one or that of the authentication."""
    if not name:
        return error("header-name-missing", place, where, "The header has no name.", "Name or remove it.")
    if header_name_fault(name):
        message = "A header name has letters, digits and hyphens only."
        return error("header-name", place, where, message, "Remove spaces, colons and other characters.")
    if name.lower() in _NOT_OURS_TO_SET:
        message = f"{name} is set for each request and cannot be configured."
        return error("header-reserved", place, where, message, "Remove it.")
    return None
