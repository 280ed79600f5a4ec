"""What a new document means for customers who are connected."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from core.portal.review import customer_changes
from tests.portal.review.world import DOCUMENT

Edit = Callable[[dict[str, Any]], object]
FIELD = {"variable": "region", "display_name": "Region"}


def _set(place: str, value: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        *path, last = place.split(".")
        target: Any = document
        for step in path:
            target = target[int(step)] if isinstance(target, list) else target.setdefault(step, {})
        target[int(last) if isinstance(target, list) else last] = value

    return edit


def _field(**more: Any) -> Edit:
    return lambda document: document["custom_fields"].append({**FIELD, **more})


def _mapping(**more: Any) -> Edit:
    return lambda document: document["mapping_fields"].append({**FIELD, **more})


ONES: list[tuple[str, str, Edit]] = [
    ("breaking", "custom_fields.2", _field()),
    ("notice", "custom_fields.2", _field(default="eu")),
    ("notice", "custom_fields.2", _field(required=False)),
    ("breaking", "mapping_fields.2", _mapping()),
    ("notice", "mapping_fields.2", _mapping(required=False)),
    ("notice", "custom_fields.1", lambda document: document["custom_fields"].pop(1)),
    ("breaking", "mapping_fields.1.required", _set("mapping_fields.1.required", True)),
    ("info", "custom_fields.0.required", _set("custom_fields.0.required", False)),
    ("breaking", "custom_fields.1.options", lambda document: document["custom_fields"][1]["options"].pop(1)),
    ("info", "custom_fields.1.options", _set("custom_fields.1.options.1.label", "Droid")),
    ("breaking", "custom_fields.0.pattern", _set("custom_fields.0.pattern", "[0-9]+")),
    ("info", "custom_fields.0.pattern", _set("custom_fields.0.pattern", None)),
    ("notice", "custom_fields.1.default", _set("custom_fields.1.default", "android")),
    ("breaking", "custom_fields.0.value_type", _set("custom_fields.0.value_type", "number")),
    ("breaking", "auth", _set("auth", {"method": "basic", "username": "$bearer_token", "password": ""})),
    ("notice", "auth", _set("auth.token", "v2-$bearer_token")),
    ("notice", "headers", _set("headers.0.value", "2027-01-01")),
    ("notice", "headers", lambda document: document["headers"].pop()),
    (
        "breaking",
        "endpoints.add_users.url",
        _set("endpoints.add_users.url", "https://eu.acme.io/v1/lists/$list_id/add"),
    ),
    ("notice", "endpoints.add_users.payload", _set("endpoints.add_users.payload", '{"users": $items}')),
    ("notice", "endpoints.create_list", _set("endpoints.create_list", None)),
    ("notice", "endpoints.create_list.list_id_path", _set("endpoints.create_list.list_id_path", "id")),
    ("info", "endpoints.add_users.batch_size", _set("endpoints.add_users.batch_size", 10)),
    ("info", "endpoints.add_users.errors", _set("endpoints.add_users.errors", [])),
    ("info", "delivery", _set("delivery", {"concurrency": 1})),
    ("notice", "display_name", _set("display_name", "Other")),
    ("info", "description", _set("description", "Other")),
    ("notice", "slugify_cohort_name", _set("slugify_cohort_name", True)),
]


@pytest.mark.parametrize(("severity", "place", "edit"), ONES)
def test_each_change_is_told_at_its_place_with_its_weight(severity: str, place: str, edit: Edit):
    after = copy.deepcopy(DOCUMENT)
    edit(after)
    changes = customer_changes(DOCUMENT, after)
    assert (severity, place) in [(change.severity, change.place) for change in changes]
    assert all(change.meaning.endswith(".") and change.title for change in changes)


def test_the_same_document_changes_nothing():
    assert customer_changes(DOCUMENT, copy.deepcopy(DOCUMENT)) == ()


def test_another_path_on_the_same_host_is_noticed_but_breaks_nothing():
    after = copy.deepcopy(DOCUMENT)
    after["endpoints"]["add_users"]["url"] += "?v=2"
    assert [change.severity for change in customer_changes(DOCUMENT, after)] == ["notice"]


def test_another_first_mapping_identifies_users_anew():
    after = copy.deepcopy(DOCUMENT)
    after["mapping_fields"].reverse()
    first = customer_changes(DOCUMENT, after)[0]
    assert (first.severity, first.before, first.after) == (
        "breaking",
        "user_id_field_amplitude",
        "email_field_amplitude",
    )


def test_what_customers_must_act_on_comes_first():
    after = copy.deepcopy(DOCUMENT)
    after |= {"description": "Other", "display_name": "Other"}
    after["custom_fields"].append(FIELD)
    weights = [change.severity for change in customer_changes(DOCUMENT, after)]
    assert weights == ["breaking", "notice", "info"]
