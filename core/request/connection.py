"""A connection: one customer's filled-in Connect form, and whether it fits the integration.

`SETTINGS.json` of the command line is the same document. Source of the names: the product's design, section 9.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from core.errors import DocumentError
from core.integration.models import CustomField, Integration, MappingField
from core.template import Scalar, header_fault, slug
from core.template.filters import UnreadableValue, convert

ENVIRONMENT_PREFIX = "env:"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cohort(_Model):
    """The cohort that is sent, as the platform names it."""

    id: str = ""
    name: str = ""
    url: str = ""


class Connection(_Model):
    """Field values by variable, mappings from variable to user property (a column of the snapshot)."""

    name: str = ""
    fields: dict[str, str | int | float | bool | None] = {}
    mappings: dict[str, str | None] = {}
    cohort: Cohort = Cohort()
    list_id: str | int | None = None


@dataclass(frozen=True, slots=True)
class ConnectionProblem:
    """What is wrong with one field of the form. `variable` names the field, `title` is its label."""

    variable: str
    title: str
    message: str

    def __str__(self) -> str:
        return f"{self.title}: {self.message}"


def with_environment(connection: Connection, environment: Mapping[str, str]) -> Connection:
    """The connection with `env:NAME` values looked up. Raises `DocumentError` for a name that is not set."""
    fields: dict[str, Scalar] = {}
    for variable, value in connection.fields.items():
        if isinstance(value, str) and value.startswith(ENVIRONMENT_PREFIX):
            name = value.removeprefix(ENVIRONMENT_PREFIX)
            if name not in environment:
                raise DocumentError(
                    f"the environment variable {name} is not set.",
                    where=f"settings › fields › {variable}",
                    remedy=f"Set it, e.g. export {name}=…",
                )
            value = environment[name]
        fields[variable] = value
    return connection.model_copy(update={"fields": fields})


def field_value(field: CustomField, connection: Connection) -> Scalar:
    """What a field stands for: the value filled in, or the default; None when there is neither."""
    value = connection.fields.get(field.variable)
    if value is None or value == "":
        value = field.default
    return None if value == "" else value


def cohort_name(integration: Integration, connection: Connection) -> str:
    """The cohort's name as it is sent: slugified if the integration says so."""
    name = connection.cohort.name
    return slug(name) if integration.slugify_cohort_name else name


def mapped_column(field: MappingField, connection: Connection, columns: Collection[str]) -> str | None:
    """The column that feeds a mapping field: the one chosen, else one that bears the variable's name."""
    chosen = connection.mappings.get(field.variable) or None
    if chosen is None and field.variable in columns:
        return field.variable
    return chosen


def problems_of(
    integration: Integration, connection: Connection, columns: Collection[str] | None = None
) -> tuple[ConnectionProblem, ...]:
    """Everything that keeps a connection from being used; mappings are judged when the columns are known."""
    found: list[ConnectionProblem] = []
    for field in integration.custom_fields:
        message = _field_problem(field, field_value(field, connection))
        if message:
            found.append(ConnectionProblem(field.variable, field.display_name or field.variable, message))
    known = {field.variable for field in integration.custom_fields}
    for variable in connection.fields.keys() - known:
        found.append(ConnectionProblem(variable, variable, "The integration has no such field."))
    if columns is not None:
        for mapping in integration.mapping_fields:
            column = mapped_column(mapping, connection, columns)
            message = _mapping_problem(mapping, column, columns)
            if message:
                found.append(ConnectionProblem(mapping.variable, mapping.display_name or mapping.variable, message))
    return tuple(found)


def _field_problem(field: CustomField, value: Scalar) -> str | None:
    if value is None:
        return "Fill in this field." if field.required else None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    allowed = [option.value for option in field.options]
    if field.field_type != "string" and text not in allowed:
        return f"Choose one of: {', '.join(option.label for option in field.options)}."
    try:
        convert(text, field.value_type)
    except UnreadableValue as fault:
        return "The value cannot be read." if field.secret else f"{fault}."
    if field.pattern and not _matches(field.pattern, text):
        return f"The value does not have the expected form ({field.pattern})."
    if header_fault(text) and any(char in text for char in "\r\n\0"):
        return "The value has a line break in it; was it pasted with one?"
    return None


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True  # the pattern itself is reported as a mistake of the integration


def _mapping_problem(field: MappingField, column: str | None, columns: Collection[str]) -> str | None:
    if column is None:
        return "Choose the user property that feeds this field." if field.required else None
    if column not in columns:
        return f'The cohort has no property "{column}". It has: {", ".join(columns)}.'
    return None
