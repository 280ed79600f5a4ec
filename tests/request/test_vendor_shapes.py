"""Shapes of request that real audience APIs ask for, each written as an integration and judged by hand."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from core.integration import EndpointName, Integration, check
from core.request import BatchValues, Connection, HttpRequest, RequestBuilder

COHORT = {"id": "c1", "name": "Power users", "url": "https://app.example.com/c1"}
USERS = {"user_id": ["u 1", "007"], "email": [" Ann@Example.com", ""], "phone": ["+1 (555) 010-42", "5"]}
HASH = hashlib.sha256(b"ann@example.com").hexdigest()


def sent(
    endpoint: dict[str, Any], *, leave: bool = False, filled: dict[str, str] | None = None, **document: Any
) -> list[HttpRequest]:
    """The requests that add (or remove) the two users to list 42, one for the batch or one a user."""
    name: EndpointName = "remove_users" if leave else "add_users"
    name = "update_users" if document.get("type") == "property" else name
    other = {"url": "https://api.example.com/$list_id/other", "payload": "$items", "item": '"$user_id"'}
    endpoints = {name: endpoint}
    if document.get("type") != "property":
        endpoints = {
            "create_list": {"url": "https://api.example.com/lists", "payload": '{"name": "$amp_cohort_name"}'},
            "add_users" if leave else "remove_users": other,
            name: endpoint,
        }
    integration = Integration.model_validate(
        {
            "display_name": "Shape",
            "mapping_fields": [
                {"variable": "user_id", "display_name": "User ID"},
                {"variable": "email", "display_name": "Email", "required": False},
                {"variable": "phone", "display_name": "Phone", "required": False},
            ],
            **document,
            "endpoints": endpoints,
        }
    )
    assert check(integration).errors == ()
    connection = Connection.model_validate({"fields": filled or {}, "cohort": COHORT})
    builder = RequestBuilder(integration, connection, columns=USERS)
    values = BatchValues("remove" if leave else "add", 42, "m1", 1_700_000_000)
    if builder.endpoint(name).per_user:
        columns = builder.columns(USERS)
        members = [{key: column[row] for key, column in columns.items()} for row in range(2)]
        return [builder.request(name, values, member=member).wire for member in members]
    rendered = builder.render_items(name, builder.columns(USERS), 2, values)
    assert rendered.faults == {}
    return [builder.request(name, values, items=[text or "" for text in rendered.texts]).wire]


@pytest.mark.parametrize(
    ("payload", "item", "body"),
    [
        ("$items", '"$user_id"', '["u 1","007"]'),
        ('{"data": $items}', '{"type": "profile", "id": "$user_id"}',
         '{"data":[{"type":"profile","id":"u 1"},{"type":"profile","id":"007"}]}'),
        ('{"listId": $list_id, "subscribers": $items}', '{"userId": "$user_id"}',
         '{"listId":42,"subscribers":[{"userId":"u 1"},{"userId":"007"}]}'),
        ('{"payload": {"schema": ["EMAIL", "PHONE"], "data": $items}}',
         '["${email|email|sha256}", "${phone|digits}"]',
         f'{{"payload":{{"schema":["EMAIL","PHONE"],"data":[["{HASH}","155501042"],[null,"5"]]}}}}'),
        ('{"operation_type": "ADD", "records": "${items|join:,}"}', '"$user_id"',
         '{"operation_type":"ADD","records":"u 1,007"}'),
        ('{"query": "mutation($$ids: [ID!]!) { add(ids: $$ids) }", "variables": {"ids": $items}}', '"$user_id"',
         '{"query":"mutation($ids: [ID!]!) { add(ids: $ids) }","variables":{"ids":["u 1","007"]}}'),
        ('{"batch": $items}',
         '{"event": "$$set", "distinct_id": "$user_id", "properties": {"$$set": {"c": $in_cohort}}}',
         '{"batch":[{"event":"$set","distinct_id":"u 1","properties":{"$set":{"c":true}}},'
         '{"event":"$set","distinct_id":"007","properties":{"$set":{"c":true}}}]}'),
        ("$items",
         '{"op": "$operation", "path": "/$list_id/$user_id", '
         '"at": "${computed_time|iso8601}", "ms": ${computed_time|millis}}',
         '[{"op":"add","path":"/42/u 1","at":"2023-11-14T22:13:20Z","ms":1700000000000},'
         '{"op":"add","path":"/42/007","at":"2023-11-14T22:13:20Z","ms":1700000000000}]'),
        ('{"instructions": [{"kind": "addIncludedTargets", "values": $items}], "id": "$message_id"}', "$user_id",
         '{"instructions":[{"kind":"addIncludedTargets","values":["u 1","007"]}],"id":"m1"}'),
        ('{"c": $items}', '{"id": "$user_id", "email": "${email|email}", "tel": "+${phone|digits}"}',
         '{"c":[{"id":"u 1","email":"ann@example.com","tel":"+155501042"},{"id":"007","tel":"+5"}]}'),
    ],
    ids=["bare array", "typed objects", "numeric list id", "rows of hashes", "joined text", "graphql", "dollar keys",
         "json patch", "semantic patch", "optional members"],
)  # fmt: skip
def test_a_batch_in_the_shape_of(payload: str, item: str, body: str) -> None:
    (request,) = sent({"url": "https://api.example.com/l/$list_id", "payload": payload, "item": item})
    assert request.text == body
    assert request.url == "https://api.example.com/l/42"


def test_a_delete_with_a_body() -> None:
    endpoint = {"method": "DELETE", "url": "https://api.example.com/l", "payload": '{"ids": $items}',
                "item": '"$user_id"', "content_type": "application/vnd.api+json"}  # fmt: skip
    (request,) = sent(endpoint, leave=True)
    assert (request.method, request.text) == ("DELETE", '{"ids":["u 1","007"]}')
    assert dict(request.headers)["Content-Type"] == "application/vnd.api+json"


def test_a_delete_with_the_ids_in_the_query() -> None:
    (joined,) = sent(
        {"method": "DELETE", "url": "https://a.example/l?ids=${items|join:,}", "item": '"$user_id"'}, leave=True
    )
    assert (joined.url, joined.body) == ("https://a.example/l?ids=u%201,007", None)
    (repeated,) = sent(
        {"method": "DELETE", "url": "https://a.example/l?${items|query:id}", "item": '"$user_id"'}, leave=True
    )
    assert repeated.url == "https://a.example/l?id=u%201&id=007"


def test_one_call_a_user_with_the_user_in_the_path() -> None:
    first, second = sent(
        {"method": "PUT", "url": "https://a.example/users/$user_id/tags", "payload": '{"id": "$list_id"}'}
    )
    assert (first.method, first.url, first.text) == ("PUT", "https://a.example/users/u%201/tags", '{"id":"42"}')
    assert second.url == "https://a.example/users/007/tags"


def test_one_call_a_user_without_a_body() -> None:
    requests = sent({"method": "DELETE", "url": "https://a.example/users/$user_id/tags/$list_id"}, leave=True)
    assert [request.url for request in requests] == [
        "https://a.example/users/u%201/tags/42",
        "https://a.example/users/007/tags/42",
    ]
    assert all(request.body is None for request in requests)


def test_a_variable_as_key_and_null_on_leaving() -> None:
    item = '{"external_id": "$user_id", "${amp_cohort_name|slug|lower}": null}'
    endpoint = {"url": "https://rest.example.com/track", "payload": '{"attributes": $items}', "item": item}
    (request,) = sent(endpoint, leave=True)
    assert request.text == (
        '{"attributes":[{"external_id":"u 1","power-users":null},{"external_id":"007","power-users":null}]}'
    )


def test_a_property_that_says_who_is_in() -> None:
    endpoint = {
        "url": "https://a.example/users",
        "payload": "$items",
        "item": '{"id": "$user_id", "$amp_cohort_id": $in_cohort}',
    }
    (joined,) = sent(endpoint, type="property")
    (left,) = sent(endpoint, type="property", leave=True)
    assert joined.text == '[{"id":"u 1","c1":true},{"id":"007","c1":true}]'
    assert left.text == '[{"id":"u 1","c1":false},{"id":"007","c1":false}]'


def test_a_form() -> None:
    endpoint = {"url": "https://a.example/l", "content_type": "application/x-www-form-urlencoded", "item": '"$user_id"',
                "payload": '{"list": $list_id, "id[]": $items, "op": "$operation"}'}  # fmt: skip
    (request,) = sent(endpoint)
    assert request.body == b"list=42&id%5B%5D=u+1&id%5B%5D=007&op=add"


def test_a_number_and_a_boolean_of_the_form_stand_unquoted() -> None:
    fields = [
        {"variable": "folder", "display_name": "Folder", "value_type": "number"},
        {"variable": "silent", "display_name": "Silent", "value_type": "boolean"},
    ]
    payload = '{"folder": $folder, "silent": $silent, "ids": $items}'
    endpoint = {"url": "https://a.example/$list_id", "payload": payload, "item": '"$user_id"'}
    (request,) = sent(endpoint, custom_fields=fields, filled={"folder": "0012", "silent": "yes"})
    assert request.text == '{"folder":12,"silent":true,"ids":["u 1","007"]}'


def test_a_host_from_a_choice_a_project_in_the_path_and_a_key_with_its_own_scheme() -> None:
    fields = [
        {"variable": "dc", "display_name": "Data centre", "field_type": "single_select",
         "options": [{"label": "US 6", "value": "us6"}]},
        {"variable": "key", "display_name": "Key", "secret": True},
        {"variable": "project", "display_name": "Project"},
    ]  # fmt: skip
    (request,) = sent(
        {"url": "https://$dc.api.example.com/p/$project/l/$list_id", "payload": "$items", "item": '"$user_id"'},
        custom_fields=fields,
        filled={"dc": "us6", "key": "pk_1", "project": "a/b"},
        auth={"method": "header", "name": "Authorization", "value": "Vendor-Key $key"},
        headers=[{"name": "revision", "value": "2026-07-15"}],
    )
    assert request.url == "https://us6.api.example.com/p/a%2Fb/l/42"
    assert dict(request.headers)["Authorization"] == "Vendor-Key pk_1"
    assert dict(request.headers)["revision"] == "2026-07-15"


def test_two_calls_with_two_ways_of_authentication() -> None:
    fields = [
        {"variable": "site", "display_name": "Site"},
        {"variable": "key", "display_name": "Key"},
    ]
    endpoint = {"url": "https://track.example.com/$list_id", "payload": '{"ids": $items}', "item": '"$user_id"',
                "auth": {"method": "basic", "username": "$site", "password": "$key"}}  # fmt: skip
    filled = {"site": "s1", "key": "k1"}
    (request,) = sent(endpoint, custom_fields=fields, filled=filled, auth={"method": "bearer", "token": "$key"})
    assert dict(request.headers)["Authorization"] == "Basic czE6azE="
