"""Integrations with what real products ask for, written from their public documentation, and a connection for each."""

from __future__ import annotations

from typing import Any

from core.integration import Integration
from core.request import Connection
from tests.destination.sandbox_caller import COHORT, document


def secret(variable: str) -> dict[str, Any]:
    return {"variable": variable, "display_name": variable, "secret": True}


def mapping(variable: str, **more: Any) -> dict[str, Any]:
    return {"variable": variable, "display_name": variable, "target_name": variable, **more}


def connection(**fields: str) -> Connection:
    return Connection(name="Test", fields=dict(fields), cohort=COHORT)


BEARER = {"auth": {"method": "bearer", "token": "$token"}, "custom_fields": [secret("token")]}


def plain_list(**parts: Any) -> Integration:
    """The example of the design: bearer token, list id in the response, arrays of ids."""
    add = {"url": "https://api.example.com/lists/$list_id/add", "payload": '{"userIds": $items}', "item": '"$user_id"'}
    endpoints = {
        "create_list": {
            "url": "https://api.example.com/lists",
            "payload": '{"name": "[Amplitude] $amp_cohort_name"}',
            "list_id_path": "listId",
        },
        "add_users": add,
        "remove_users": {**add, "url": "https://api.example.com/lists/$list_id/remove"},
    }
    for name, changes in parts.pop("endpoints", {}).items():
        endpoints[name] = {**endpoints.get(name, {}), **changes}
    headers = [{"name": "X-Api-Version", "value": "2026-07-15"}]
    defaults = {**BEARER, "mapping_fields": [mapping("user_id")], "headers": headers}
    return document(**{**defaults, **parts}, endpoints=endpoints)


PLAIN = connection(token="pat-0123456789")


def with_bare_array() -> Integration:
    """HubSpot's manual lists: PUT, the payload is the array itself, the list id a level down."""
    base = "https://api.hubapi.example/crm/v3/lists"
    item = '"$record_id"'
    return document(
        **BEARER,
        mapping_fields=[mapping("record_id")],
        endpoints={
            "create_list": {
                "url": base,
                "payload": '{"name": "$amp_cohort_name", "objectTypeId": "0-1", "processingType": "MANUAL"}',
                "list_id_path": "$.lists[0].listId",
            },
            "add_users": {
                "method": "PUT", "url": f"{base}/$list_id/memberships/add", "payload": "$items", "item": item,
                "rejected_path": "recordIdsMissing",
            },
            "remove_users": {
                "method": "PUT", "url": f"{base}/$list_id/memberships/remove", "payload": "$items", "item": item,
            },
        },
    )  # fmt: skip


def with_per_user_calls() -> Integration:
    """Intercom's tags: one call a user, the user's id in the path, DELETE without a body."""
    base = "https://api.intercom.example"
    return document(
        **BEARER,
        headers=[{"name": "Intercom-Version", "value": "2.14"}],
        mapping_fields=[mapping("contact_id")],
        endpoints={
            "create_list": {"url": f"{base}/tags", "payload": '{"name": "$amp_cohort_name"}', "list_id_path": "id"},
            "add_users": {"url": f"{base}/contacts/$contact_id/tags", "payload": '{"id": "$list_id"}'},
            "remove_users": {"method": "DELETE", "url": f"{base}/contacts/$contact_id/tags/$list_id"},
        },
    )


def with_one_url() -> Integration:
    """Mailchimp's segments: basic authentication, host from a field, add and remove told apart by the payload."""
    base = "https://$dc.api.mailchimp.example/3.0/lists/$audience_id/segments"
    item = '"${email|trim|lower}"'
    return document(
        auth={"method": "basic", "username": "anystring", "password": "$api_key"},
        custom_fields=[
            secret("api_key"),
            {"variable": "audience_id", "display_name": "Audience"},
            {"variable": "dc", "display_name": "Data centre", "field_type": "single_select",
             "options": [{"label": "US 6", "value": "us6"}, {"label": "US 7", "value": "us7"}]},
        ],
        mapping_fields=[mapping("email")],
        endpoints={
            "create_list": {
                "url": base, "payload": '{"name": "$amp_cohort_name", "static_segment": []}', "list_id_path": "id",
            },
            "add_users": {"url": f"{base}/$list_id", "payload": '{"members_to_add": $items}', "item": item},
            "remove_users": {"url": f"{base}/$list_id", "payload": '{"members_to_remove": $items}', "item": item},
        },
    )  # fmt: skip


def with_body_in_delete() -> Integration:
    """Klaviyo's lists: a scheme of its own, a version header, a content type of its own, DELETE with a body."""
    base = "https://a.klaviyo.example/api/lists"
    users = {
        "url": f"{base}/$list_id/relationships/profiles", "payload": '{"data": $items}',
        "item": '{"type": "profile", "id": "$profile_id"}', "content_type": "application/vnd.api+json",
    }  # fmt: skip
    return document(
        auth={"method": "header", "name": "Authorization", "value": "Klaviyo-API-Key $private_key"},
        custom_fields=[secret("private_key")],
        headers=[{"name": "revision", "value": "2026-07-15"}],
        mapping_fields=[mapping("profile_id")],
        endpoints={
            "create_list": {
                "url": base, "payload": '{"data": {"type": "list", "attributes": {"name": "$amp_cohort_name"}}}',
                "list_id_path": "data.id", "content_type": "application/vnd.api+json",
            },
            "add_users": users,
            "remove_users": {**users, "method": "DELETE"},
        },
    )  # fmt: skip


def with_property() -> Integration:
    """Braze's attributes: one call for both, the cohort's name as a key, true for joiners and null for leavers."""
    base = {"url": "https://rest.braze.example/users/track", "payload": '{"attributes": $items}', "batch_size": 75}
    return document(
        **BEARER,
        type="property",
        mapping_fields=[mapping("user_id")],
        endpoints={
            "update_users": {
                **base, "item": '{"external_id": "$user_id", "$amp_cohort_name": true, "_update_existing_only": true}',
                "success_when": "message == 'success'",
            },
            "remove_users": {**base, "item": '{"external_id": "$user_id", "$amp_cohort_name": null}'},
        },
    )  # fmt: skip
