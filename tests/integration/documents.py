"""A small integration of each type that passes all checks, for tests to break one thing in."""

from __future__ import annotations

import copy
from typing import Any

from core.integration import Integration

LIST: dict[str, Any] = {
    "display_name": "Acme",
    "summary": "Sends cohorts to Acme.",
    "auth": {"method": "bearer", "token": "$bearer_token"},
    "custom_fields": [
        {"variable": "bearer_token", "display_name": "Bearer Token", "secret": True},
        {
            "variable": "region",
            "display_name": "Region",
            "field_type": "button_group",
            "options": [{"label": "EU", "value": "eu"}, {"label": "US", "value": "us"}],
            "default": "eu",
        },
    ],
    "headers": [{"name": "X-Api-Version", "value": "2"}],
    "mapping_fields": [{"variable": "user_id", "display_name": "User ID"}],
    "endpoints": {
        "create_list": {"url": "https://$region.example.com/lists", "payload": '{"name": "$amp_cohort_name"}'},
        "add_users": {
            "url": "https://$region.example.com/lists/$list_id/add",
            "payload": '{"ids": $items}',
            "item": '"$user_id"',
            "errors": [{"status": 400, "reason": "Bad ids", "message": "Map another property."}],
        },
        "remove_users": {
            "url": "https://$region.example.com/lists/$list_id/remove",
            "payload": '{"ids": $items}',
            "item": '"$user_id"',
        },
    },
}
PROPERTY: dict[str, Any] = {
    "display_name": "Northwind",
    "summary": "Sets an attribute.",
    "type": "property",
    "auth": {"method": "header", "name": "X-Key", "value": "$api_key"},
    "custom_fields": [{"variable": "api_key", "display_name": "API Key", "secret": True}],
    "mapping_fields": [{"variable": "user_id", "display_name": "User ID"}],
    "endpoints": {
        "update_users": {
            "url": "https://api.example.com/users",
            "payload": '{"users": $items}',
            "item": '{"id": "$user_id", "in": $in_cohort}',
        }
    },
}


def changed(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy with values set at paths: `endpoints__add_users__url="..."`."""
    new = copy.deepcopy(document)
    for path, value in changes.items():
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("__"))
        at: Any = new
        for step in steps:
            at = at[step]
        at[last] = value
    return new


def integration(document: dict[str, Any] = LIST, **changes: Any) -> Integration:
    return Integration.model_validate(changed(document, **changes))
