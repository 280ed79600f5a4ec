"""A connection: one customer's filled-in Connect form, and whether it fits the integration.

`SETTINGS.json` of the command line is the same document. Source of the names: the product's design, section 9.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from core.errors import DocumentError
from core.integration.models import CustomField, Integration, MappingField
from core.integration.variables import ALIASES
from core.template import Scalar, slug
from core.template.filters import UnreadableValue, convert, matching

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


def field_value(field: CustomField, connection: Connection) -> str | None:
    """What a field stands for, as text: the value filled in, or the default; None when there is neither.

    A number or a boolean of the settings becomes text as well: the field's value type says how it is sent.
    """
    value = connection.fields.get(field.variable)
    if value is None or value == "":
        value = field.default
    return value or None if isinstance(value, str | None) else json.dumps(value)


def cohort_name(integration: Integration, connection: Connection) -> str:
    """The cohort's name as it is sent: slugified if the integration says so."""
    name = connection.cohort.name
    return slug(name) if integration.slugify_cohort_name else name


def mapped_column(field: MappingField, connection: Connection, columns: Collection[str]) -> str | None:
    """The column that feeds a mapping field: the one chosen, else the default's, else one of the variable's name."""
    chosen = connection.mappings.get(field.variable) or None
    likely = (name for name in (field.default, field.variable) if name and name in columns)
    return chosen or next(likely, None)


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
    mapped = {field.variable for field in integration.mapping_fields}
    for given, declared in ((connection.fields, known), (connection.mappings, mapped)):
        for variable in given:
            if variable not in declared:
                found.append(ConnectionProblem(variable, variable, "The integration has no such field."))
    if columns is not None:
        for mapping in integration.mapping_fields:
            column = mapped_column(mapping, connection, columns)
            message = _mapping_problem(mapping, column, columns)
            if message:
                found.append(ConnectionProblem(mapping.variable, mapping.display_name or mapping.variable, message))
    return tuple(found)


def _field_problem(field: CustomField, text: str | None) -> str | None:
    if text is None:
        return "Fill in this field." if field.required else None
    allowed = [option.value for option in field.options]
    if field.field_type != "string" and text not in allowed:
        return f"Choose one of: {', '.join(option.label for option in field.options)}."
    try:
        convert(text, field.value_type)
    except UnreadableValue as fault:
        return "The value cannot be read." if field.secret else f"{fault}."
    if any(char in text for char in "\r\n\0"):
        return "The value has a line break in it; was it pasted with one?"
    try:
        if field.pattern:
            matching(text, field.pattern)
    except UnreadableValue:
        return f"The value does not have the expected form ({field.pattern})."
    return None


def _mapping_problem(field: MappingField, column: str | None, columns: Collection[str]) -> str | None:
    if column is None:
        return "Choose the user property that feeds this field." if field.required else None
    if column not in columns:
        return f'The cohort has no property "{column}". It has: {", ".join(columns)}.'
    return None


def key_column(integration: Integration, connection: Connection, columns: Collection[str]) -> str:
    """The column that identifies a user: the one that feeds the first mapping field. Raises `DocumentError`."""
    if not integration.mapping_fields:
        raise DocumentError("There is no mapping field.", where="Mapping fields", remedy="Add one for the user id.")
    first = integration.mapping_fields[0]
    column = mapped_column(first, connection, columns)
    title = first.display_name or first.variable
    if column is None:
        remedy = f"Choose one of: {', '.join(columns)}."
        raise DocumentError("No user property is chosen for this mapping.", where=title, remedy=remedy)
    return column


def with_own_columns(integration: Integration, connection: Connection, columns: Collection[str]) -> Connection:
    """The connection for a file whose columns are named after the variables: those columns win over the mappings."""
    own = {field.variable: field.variable for field in integration.mapping_fields if field.variable in columns}
    return connection.model_copy(update={"mappings": {**connection.mappings, **own}})


def with_constants(integration: Integration, connection: Connection, constants: Mapping[str, str]) -> Connection:
    """The connection with what an operations file says in every row: the cohort's name, id and link, and fields
    that are not filled in otherwise. Columns of other names are left aside.
    """
    names = {"amp_cohort_name": "name", "amp_cohort_id": "id", "amp_cohort_url": "url"}
    said = {names[ALIASES.get(key, key)]: value for key, value in constants.items() if ALIASES.get(key, key) in names}
    declared = {field.variable for field in integration.custom_fields}
    fields = {key: value for key, value in constants.items() if key in declared and value}
    return connection.model_copy(
        update={
            "cohort": connection.cohort.model_copy(update={key: value for key, value in said.items() if value}),
            "fields": {**fields, **{key: value for key, value in connection.fields.items() if value not in (None, "")}},
        }
    )
