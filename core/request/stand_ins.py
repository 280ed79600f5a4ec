"""Stand-ins for what nobody has filled in yet, so that a request can be shown, and tried in the sandbox, before."""

from __future__ import annotations

from core.integration.models import CustomField, Integration
from core.request.connection import Connection, field_value

_BY_TYPE = {"number": "0", "boolean": "true"}


def with_stand_ins(
    integration: Integration, connection: Connection
) -> tuple[Integration, Connection, tuple[CustomField, ...]]:
    """The connection with a stand-in for each required field that is empty, and those fields.

    The integration comes back without the patterns of these fields, which no stand-in can be made to match.
    """
    missing = tuple(
        field for field in integration.custom_fields if field.required and field_value(field, connection) is None
    )
    names = {field.variable for field in missing}
    fields = [
        field.model_copy(update={"pattern": None}) if field.variable in names else field
        for field in integration.custom_fields
    ]
    values = {**connection.fields, **{field.variable: _stand_in(field) for field in missing}}
    relaxed = integration.model_copy(update={"custom_fields": fields})
    return relaxed, connection.model_copy(update={"fields": values}), missing


def _stand_in(field: CustomField) -> str:
    if field.options:
        return field.options[0].value
    return _BY_TYPE.get(field.value_type, field.variable.upper() or "VALUE")
