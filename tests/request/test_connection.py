"""A filled-in Connect form: what its values stand for, and everything that keeps it from being used."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import DocumentError
from core.integration import CustomField, Integration, MappingField
from core.request import Connection, RequestBuilder, problems_of, with_environment
from core.request.connection import cohort_name, field_value, mapped_column
from core.template import Scalar


def problem(value: Scalar, **field: Any) -> str | None:
    """What the form says about a value of one field."""
    declared = CustomField(variable="note", display_name="Note", **field)
    connection = Connection(fields={"note": value})
    found = problems_of(Integration(custom_fields=[declared]), connection)
    assert all(item.variable == "note" and str(item) == f"Note: {item.message}" for item in found)
    return found[0].message if found else None


OPTIONS = {
    "field_type": "button_group",
    "options": [{"label": "iOS", "value": "ios"}, {"label": "Web", "value": "true"}],
}


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        (None, {}, "Fill in this field."),
        ("", {}, "Fill in this field."),
        ("", {"required": False}, None),
        ("", {"default": "x"}, None),
        ("x", {}, None),
        ("ios", OPTIONS, None),
        (True, OPTIONS, None),
        ("IOS", OPTIONS, "Choose one of: iOS, Web."),
        ("12", {"value_type": "number"}, None),
        (12, {"value_type": "number"}, None),
        ("x", {"value_type": "number"}, '"x" is not a number.'),
        ("x", {"value_type": "number", "secret": True}, "The value cannot be read."),
        (float("nan"), {"value_type": "number"}, '"NaN" is not a number.'),
        ("maybe", {"value_type": "boolean"}, '"maybe" is neither true nor false.'),
        ("abc", {"pattern": "[a-z]+"}, None),
        ("abc\n", {"pattern": "[a-z]+"}, "The value has a line break in it; was it pasted with one?"),
        ("abc1", {"pattern": "[a-z]+"}, "The value does not have the expected form ([a-z]+)."),
        ("x", {"pattern": "["}, None),
        ("tok\r\nen", {}, "The value has a line break in it; was it pasted with one?"),
        ("a\0", {}, "The value has a line break in it; was it pasted with one?"),
        ("tokén", {}, None),
    ],
)
def test_a_value_is_judged_by_its_field(value: Scalar, field: dict[str, Any], message: str | None) -> None:
    assert problem(value, **field) == message


def test_a_secret_is_not_quoted_by_what_is_said_about_it() -> None:
    for field in ({"value_type": "number"}, {"pattern": "[0-9]+"}, OPTIONS):
        assert "hunter2" not in (problem("hunter2", secret=True, **field) or "hunter2")


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "5"), (True, "true"), (False, "false"), (1.5, "1.5"), ("007", "007"), ("", "d"), (None, "d")],
)
def test_a_fields_value_is_text_whose_type_the_field_decides(value: Scalar, text: str) -> None:
    field = CustomField(variable="note", display_name="Note", default="d")
    assert field_value(field, Connection(fields={"note": value})) == text


def test_a_field_or_mapping_that_the_integration_does_not_have_is_named() -> None:
    connection = Connection(fields={"tokn": "x"}, mappings={"user": "id"})
    assert [str(found) for found in problems_of(Integration(), connection)] == [
        "tokn: The integration has no such field.",
        "user: The integration has no such field.",
    ]


def test_mappings_are_judged_when_the_columns_are_known() -> None:
    document = Integration(
        mapping_fields=[
            MappingField(variable="user_id", display_name="User ID"),
            MappingField(variable="email", display_name="Email", required=False),
        ]
    )
    assert problems_of(document, Connection()) == ()
    assert problems_of(document, Connection(), ["user_id"]) == ()
    assert [str(found) for found in problems_of(document, Connection(mappings={"email": "mail"}), ["id", "name"])] == [
        "User ID: Choose the user property that feeds this field.",
        'Email: The cohort has no property "mail". It has: id, name.',
    ]


@pytest.mark.parametrize(
    ("mappings", "columns", "column"),
    [
        ({"email": "mail"}, ["mail", "email", "e"], "mail"),
        ({}, ["mail", "email", "e"], "e"),
        ({}, ["mail", "email"], "email"),
        ({"email": ""}, ["email"], "email"),
        ({}, ["mail"], None),
    ],
)
def test_a_mapping_is_the_chosen_column_else_a_likely_one(
    mappings: dict[str, str | None], columns: list[str], column: str | None
) -> None:
    field = MappingField(variable="email", display_name="Email", default="e")
    assert mapped_column(field, Connection(mappings=mappings), columns) == column


def test_values_come_from_the_environment() -> None:
    connection = with_environment(Connection(fields={"a": "env:TOKEN", "b": "env", "c": 1}), {"TOKEN": "t"})
    assert connection.fields == {"a": "t", "b": "env", "c": 1}
    with pytest.raises(DocumentError, match="the environment variable TOKEN is not set"):
        with_environment(Connection(fields={"a": "env:TOKEN"}), {})


def test_a_cohort_name_is_made_a_slug_when_the_integration_says_so() -> None:
    connection = Connection.model_validate({"cohort": {"name": "Saturday's cohort & héllo"}})
    assert cohort_name(Integration(), connection) == "Saturday's cohort & héllo"
    assert cohort_name(Integration(slugify_cohort_name=True), connection) == "Saturday-s-cohort-he-llo"


def test_a_connection_that_does_not_fit_builds_no_requests_and_says_everything() -> None:
    document = Integration(
        custom_fields=[
            CustomField(variable="a", display_name="Key"),
            CustomField(variable="n", display_name="Count", value_type="number"),
        ]
    )
    with pytest.raises(DocumentError, match="Key: Fill in this field") as caught:
        RequestBuilder(document, Connection(fields={"n": "x"}))
    assert caught.value.problems == (("Key", "Fill in this field."), ("Count", '"x" is not a number.'))
