"""What an endpoint starts as, and what it takes over from another: pure edits of a document."""

from __future__ import annotations

import json
from typing import Any

from core.integration import ENDPOINT_TITLES, CreateListEndpoint, Endpoint, EndpointName
from core.sync import suggested_rule
from pages.parts.draft import Document

_CONTEXT = {"integration": {"name": "Amplitude Cohort Sync", "version": "1.0.0"}}
_NEW_LIST = json.dumps({"name": "[Amplitude] $amp_cohort_name", "context": _CONTEXT}, indent=2)
_USERS = '{\n  "userIds": $items\n}'
_UPDATES = '{\n  "batch": $items\n}'
_LIST_ID_FIELD = {"variable": "list_id", "display_name": "List ID", "help": "The list that the cohort goes to."}

SUGGESTED_RULES: tuple[dict[str, Any], ...] = tuple(suggested_rule(status) for status in (400, 401, 404, 429))


def new_endpoint(name: EndpointName, mapping: str, *, for_property: bool = False) -> dict[str, Any]:
    """The endpoint that a click on "Configure" makes. `mapping` is the variable of the user's id."""
    if name == "create_list":
        return CreateListEndpoint(payload=_NEW_LIST).model_dump(mode="json")
    if name == "update_users" or for_property:
        traits = {"[Amplitude] $amp_cohort_name": "@"}
        item = json.dumps({"userId": f"${mapping}", "traits": traits}, indent=2).replace('"@"', "$in_cohort")
        return Endpoint(payload=_UPDATES, item=item).model_dump(mode="json")
    return Endpoint(payload=_USERS, item=f'"${mapping}"').model_dump(mode="json")


def configure(document: Document, *, name: EndpointName) -> None:
    """Adds an endpoint that is missing; a list id that customers were asked for goes when a call makes the list."""
    mapped = document.get("mapping_fields") or [{"variable": "user_id_field_amplitude"}]
    for_property = document.get("type") == "property"
    new = new_endpoint(name, mapped[0]["variable"] or "user_id_field_amplitude", for_property=for_property)
    document.setdefault("endpoints", {})[name] = new
    if name == "create_list":
        fields = document.get("custom_fields", [])
        document["custom_fields"] = [field for field in fields if field["variable"] != "list_id"]


def remove(document: Document, *, name: EndpointName) -> None:
    """Takes an endpoint away. Without a call that creates the list, the customer is asked for its id."""
    document["endpoints"][name] = None
    fields = document.get("custom_fields", [])
    if name == "create_list" and all(field["variable"] != "list_id" for field in fields):
        document["custom_fields"] = [*fields, dict(_LIST_ID_FIELD)]


def copy_endpoint(document: Document, *, source: EndpointName, name: EndpointName) -> None:
    """Makes an endpoint like another. What only list creation has stays as it was, or begins at its default."""
    model = CreateListEndpoint if name == "create_list" else Endpoint
    shared = {key: value for key, value in document["endpoints"][source].items() if key in Endpoint.model_fields}
    kept = {key: value for key, value in (document["endpoints"].get(name) or {}).items() if key not in shared}
    document["endpoints"][name] = model.model_validate({**kept, **shared}).model_dump(mode="json")


def copy_rules(document: Document, *, source: EndpointName, name: EndpointName) -> None:
    """Adds the error rules of another endpoint that do not match the same answers as one that is here."""
    add_rules(document, rules=document["endpoints"][source].get("errors", []), name=name)


def add_rules(document: Document, *, rules: list[dict[str, Any]], name: EndpointName) -> None:
    """Adds rules, but for those whose status and body another one has already."""
    here = document["endpoints"][name].setdefault("errors", [])
    taken = {matched(rule) for rule in here}
    here += [dict(rule) for rule in rules if matched(rule) not in taken]


def matched(rule: dict[str, Any]) -> str:
    """Which answers a rule is for; two rules with the same text match the same ones."""
    return f"{rule['status']} {json.dumps(rule.get('body'), sort_keys=True)}"


def verb(name: EndpointName) -> str:
    return ENDPOINT_TITLES[name].lower()
