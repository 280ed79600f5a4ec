"""What the request builder sends, a sandbox of the same integration understands and keeps."""

from __future__ import annotations

from typing import Any

import pytest

from core.destination import EXAMPLE
from core.request import Connection
from tests.destination.sandbox_caller import COHORT, calling, statuses
from tests.destination.sandbox_partners import (
    PLAIN,
    connection,
    mapping,
    plain_list,
    with_bare_array,
    with_body_in_delete,
    with_one_url,
    with_per_user_calls,
    with_property,
)

AWKWARD = [
    'quote " back\\slash',
    "slash/per%cent?&#",
    "new\nline",
    "emoji 🎈 ünï",
    "lone \ud800 surrogate",
    "007",
    "$x",
]


@pytest.mark.parametrize("known", [True, False], ids=["known connection", "any connection"])
def test_a_list_is_created_filled_and_emptied(known: bool) -> None:
    with calling(plain_list(), PLAIN, known=known) as (caller, sandbox):
        created = caller.create()
        assert (created.status_code, created.json()) == (201, {"listId": "L1"})
        assert [(held.id, held.name, held.members) for held in sandbox.lists] == [("L1", COHORT.name, 0)]
        users = [{"user_id": value} for value in AWKWARD]
        assert statuses(caller.add(*users)) == [200]
        assert sandbox.held("L1") == set(AWKWARD)
        assert statuses(caller.remove(*users[1:])) == [200]
        assert sandbox.held("L1") == {AWKWARD[0]}


def test_adding_twice_and_removing_a_stranger_change_nothing() -> None:
    with calling(plain_list(), PLAIN) as (caller, sandbox):
        caller.create()
        for _ in range(2):
            assert statuses(caller.add({"user_id": "a"}, {"user_id": "b"})) == [200]
        assert statuses(caller.remove({"user_id": "stranger"})) == [200]
        assert sandbox.held("L1") == {"a", "b"}
        counts = sandbox.counts
        assert (counts.requests, counts.added, counts.already_there, counts.not_there) == (4, 2, 2, 1)


def test_a_payload_that_is_the_array_alone_and_a_list_id_inside_an_array() -> None:
    with calling(with_bare_array(), PLAIN) as (caller, sandbox):
        assert caller.create().json() == {"lists": [{"listId": "L1"}]}
        assert statuses([*caller.add({"record_id": "101"}, {"record_id": "102"}), *caller.remove({"record_id": "101"})])
        assert sandbox.held("L1") == {"102"}


def test_one_call_a_user_with_the_id_in_the_path() -> None:
    with calling(with_per_user_calls(), PLAIN) as (caller, sandbox):
        caller.create()
        users = [{"contact_id": value} for value in AWKWARD]
        assert statuses(caller.add(*users)) == [200] * len(users)
        assert sandbox.held("L1") == set(AWKWARD)
        assert statuses(caller.remove(*users[:-1])) == [200] * (len(users) - 1)
        assert sandbox.held("L1") == {AWKWARD[-1]}


def test_add_and_remove_at_one_url_are_told_apart_by_the_payload() -> None:
    settings = connection(api_key="0123456789abcdef-us6", audience_id="a1 b2", dc="us6")
    with calling(with_one_url(), settings) as (caller, sandbox):
        caller.create()
        assert statuses(caller.add({"email": " Ann@Example.com"}, {"email": "o'neil+q@example.com"})) == [200]
        assert sandbox.held("L1") == {"ann@example.com", "o'neil+q@example.com"}
        assert statuses(caller.remove({"email": "ANN@example.com"})) == [200]
        assert sandbox.held("L1") == {"o'neil+q@example.com"}


def test_delete_with_a_body_and_a_content_type_of_its_own() -> None:
    with calling(with_body_in_delete(), connection(private_key="pk_0123456789")) as (caller, sandbox):
        assert caller.create().json() == {"data": {"id": "L1"}}
        assert statuses(
            [*caller.add({"profile_id": "01A"}, {"profile_id": "01B"}), *caller.remove({"profile_id": "01A"})]
        )
        assert sandbox.held("L1") == {"01B"}


def test_a_property_whose_name_is_a_variable_in_a_key() -> None:
    with calling(with_property(), PLAIN) as (caller, sandbox):
        (joined,) = caller.add({"user_id": "u1"}, {"user_id": "u2"})
        assert joined.json() == {"message": "success"}
        assert sandbox.held(COHORT.name) == {"u1", "u2"}
        assert statuses(caller.remove({"user_id": "u1"})) == [200]
        assert sandbox.held(COHORT.name) == {"u2"}


def test_a_property_call_that_serves_both_goes_by_in_cohort() -> None:
    both = {
        "method": "PATCH",
        "url": "https://api.example.com/users",
        "payload": '{"property": "$amp_cohort_id", "users": $items}',
        "item": '{"id": $user_id, "value": $in_cohort}',
    }
    integration = plain_list(type="property", mapping_fields=[mapping("user_id", value_type="number")])
    integration = integration.model_copy(update={"endpoints": type(integration.endpoints)(update_users=both)})
    with calling(integration, PLAIN) as (caller, sandbox):
        assert statuses(caller.add({"user_id": "1"}, {"user_id": "20000000000000000001"})) == [200]
        assert statuses(caller.remove({"user_id": "1"})) == [200]
        assert sandbox.held(COHORT.id) == {"20000000000000000001"}


@pytest.mark.parametrize(
    ("payload", "item"),
    [
        ('{"list": "$list_id", "ids": $items}', '"$user_id"'),
        ('{"list": "$list_id", "ids": "${items|join:,}"}', '"$user_id"'),
        ('{"list": $list_id, "ids": $items, "note": "a & b", "on": true, "none": null}', '{"id": "$user_id"}'),
        ('{"list": "$list_id", "ids": ["x", "$message_id"], "deep": {"users": $items}}', '"$user_id"'),
    ],
)
def test_a_form_is_compared_with_the_payloads_object(payload: str, item: str) -> None:
    users = {"url": "https://api.example.com/members", "payload": payload, "item": item}
    form = {"content_type": "application/x-www-form-urlencoded"}
    endpoints = {
        "create_list": form,
        "add_users": {**users, **form},
        "remove_users": {**users, **form, "method": "PUT"},
    }
    with calling(plain_list(endpoints=endpoints), PLAIN) as (caller, sandbox):
        assert caller.create().status_code == 201
        names = ["a&b=c", "plus+space x", "ü🎈"]
        assert statuses(caller.add(*({"user_id": name} for name in names))) == [200]
        assert sandbox.held(caller.list_id) == set(names)
        assert statuses(caller.remove({"user_id": names[0]})) == [200]
        assert sandbox.held(caller.list_id) == set(names[1:])


@pytest.mark.parametrize("query", ["${items|query:id}", "ids=${items|join:,}", "ids=${items|join:; }&v=1"])
def test_members_in_the_url(query: str) -> None:
    users = {"method": "GET", "url": f"https://api.example.com/lists/$list_id/x?{query}", "payload": None}
    remove = {**users, "method": "DELETE", "url": "https://api.example.com/l/$list_id/${items|join:,}"}
    endpoints = {"add_users": users, "remove_users": remove}
    with calling(plain_list(endpoints=endpoints), PLAIN) as (caller, sandbox):
        caller.create()
        names = ["a b", "c,d;e", "f/g&h=i", "ü%20"]
        assert statuses(caller.add(*({"user_id": name} for name in names))) == [200]
        assert sandbox.held("L1") == set(names)
        assert statuses(caller.remove(*({"user_id": name} for name in names[1:]))) == [200]
        assert sandbox.held("L1") == {"a b"}


def test_the_list_id_in_a_location_header() -> None:
    with calling(plain_list(endpoints={"create_list": {"list_id_path": "header:Location"}}), PLAIN) as (
        caller,
        sandbox,
    ):
        created = caller.create()
        assert created.headers["Location"].startswith("http://127.0.0.1:")
        assert created.headers["Location"].endswith("/lists/L1")
        assert statuses(caller.add({"user_id": "a"})) == [200]
        assert sandbox.held("L1") == {"a"}


def test_a_list_id_that_stands_bare_in_a_payload_is_a_number() -> None:
    payload = {"payload": '{"list": $list_id, "userIds": $items}'}
    with calling(plain_list(endpoints={"add_users": payload}), PLAIN) as (caller, sandbox):
        assert caller.create().json() == {"listId": 1001}
        assert statuses(caller.add({"user_id": "a"})) == [200]
        assert sandbox.held(1001) == sandbox.held("1001") == {"a"}


def test_a_list_id_that_the_request_gives() -> None:
    create = {
        "payload": '{"audience": {"key": "cohort-$amp_cohort_id"}}',
        "list_id_source": "request",
        "list_id_path": "audience.key",
    }
    with calling(plain_list(endpoints={"create_list": create}), PLAIN) as (caller, sandbox):
        caller.create()
        assert caller.list_id == "cohort-7khm89cz"
        caller.add({"user_id": "a"})
        assert caller.create().status_code == 201
        assert sandbox.held("cohort-7khm89cz") == {"a"}


def test_members_that_come_with_the_creation_count_as_added() -> None:
    create = {"payload": '{"name": "$amp_cohort_name", "users": $items}', "item": '{"id": "$user_id"}'}
    with calling(plain_list(endpoints={"create_list": create}), PLAIN) as (caller, sandbox):
        caller.create([{"user_id": "a"}, {"user_id": "b"}])
        assert sandbox.held("L1") == {"a", "b"}
        assert sandbox.counts.added == 2


def test_without_a_creation_call_the_customers_list_is_there() -> None:
    integration = plain_list()
    endpoints = integration.endpoints.model_copy(update={"create_list": None})
    integration = integration.model_copy(update={"endpoints": endpoints})
    settings = PLAIN.model_copy(update={"list_id": "mine"})
    for known in (True, False):
        with calling(integration, settings, known=known) as (caller, sandbox):
            caller.list_id = "mine"
            assert statuses(caller.add({"user_id": "a"})) == [200]
            assert sandbox.held("mine") == {"a"}


ITEMS: list[tuple[str, set[str]]] = [
    ('{"user": {"id": "$user_id"}, "email": "${email|lower|sha256}"}', {"a"}),
    ('["$user_id", "$email"]', {"a"}),
    ('{"list": "$list_id", "id": "u-$user_id"}', {"a"}),
    ('{"id": "${user_id|upper}", "key-$user_id": 1}', {"a"}),
    ('{"hash": "${user_id|md5}"}', {"0cc175b9c0f1b6a831c399e269772661"}),
    ('{"mail": "$email"}', {'{"mail":"A@x.org"}'}),
]


@pytest.mark.parametrize(("item", "held"), ITEMS)
def test_a_member_is_known_by_the_first_mapping_variable_as_sent(item: str, held: set[str]) -> None:
    fields = [mapping("user_id"), mapping("email", required=False)]
    endpoints: dict[str, Any] = {"add_users": {"item": item}}
    with calling(plain_list(mapping_fields=fields, endpoints=endpoints), PLAIN) as (caller, sandbox):
        caller.create()
        assert [response.text for response in caller.add({"user_id": "a", "email": "A@x.org"})] == ["{}"]
        assert sandbox.held("L1") == held


def test_an_optional_value_may_be_missing() -> None:
    fields = [mapping("user_id"), mapping("email", required=False)]
    item = '{"id": "$user_id", "email": "$email", "both": ["$email"], "text": "<$email>"}'
    endpoints = {"add_users": {"item": item}}
    with calling(plain_list(mapping_fields=fields, endpoints=endpoints), PLAIN) as (caller, sandbox):
        caller.create()
        assert statuses(caller.add({"user_id": "a"}, {"user_id": "b", "email": "b@x.org"})) == [200]
        assert sandbox.held("L1") == {"a", "b"}


def test_calls_on_two_hosts_with_one_path_stay_apart() -> None:
    same = {"payload": '{"ids": $items}', "item": '"$user_id"'}
    endpoints = {
        "add_users": {**same, "url": "https://add.example.com/lists/$list_id"},
        "remove_users": {**same, "url": "https://remove.example.com/lists/$list_id"},
    }
    with calling(plain_list(endpoints=endpoints), PLAIN) as (caller, sandbox):
        caller.create()
        assert statuses([*caller.add({"user_id": "a"}, {"user_id": "b"}), *caller.remove({"user_id": "a"})]) == [
            200,
            200,
        ]
        assert sandbox.held("L1") == {"b"}


def test_the_example_shape_takes_any_bearer_token() -> None:
    settings = Connection(fields={"bearer_token": "anything"}, cohort=COHORT)
    with calling(EXAMPLE, settings, known=False) as (caller, sandbox):
        assert caller.create().json() == {"listId": "L1"}
        assert statuses(caller.add({"user_id": "a"})) == [200]
        assert sandbox.held("L1") == {"a"}
