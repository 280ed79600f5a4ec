"""The shape of a sandbox that is started without an integration: a plain list API with bearer tokens."""

from __future__ import annotations

from core.integration import (
    AUTH_FIELDS,
    BearerAuth,
    CreateListEndpoint,
    Endpoint,
    Endpoints,
    Integration,
    MappingField,
)

_USERS = {"payload": '{"userIds": $items}', "item": '"$user_id"'}

EXAMPLE = Integration(
    display_name="Example destination",
    auth=BearerAuth(method="bearer"),
    custom_fields=list(AUTH_FIELDS["bearer"]),
    mapping_fields=[MappingField(variable="user_id", display_name="User ID", target_name="User ID")],
    endpoints=Endpoints(
        create_list=CreateListEndpoint(
            url="https://api.example.com/lists", payload='{"name": "$amp_cohort_name"}', list_id_path="listId"
        ),
        add_users=Endpoint(url="https://api.example.com/lists/$list_id/add", **_USERS),
        remove_users=Endpoint(url="https://api.example.com/lists/$list_id/remove", **_USERS),
    ),
)
"""POST /lists {"name"} -> {"listId"}; POST /lists/{id}/add and /lists/{id}/remove {"userIds": [...]}."""
