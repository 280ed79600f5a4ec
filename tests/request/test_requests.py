"""Requests: method, URL, headers and body of what an integration and a connection describe."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from core.errors import DocumentError
from core.integration import Integration
from core.request import BatchValues, Cohort, Connection, HttpRequest, RequestBuilder
from core.template import ValueFault, has_mark
from tests.template.template_names import some_text

VALUES = BatchValues(list_id="L1", message_id="m-1", computed_time=1_700_000_000)


def builder(document: dict[str, Any], fields: dict[str, Any] | None = None, **connection: Any) -> RequestBuilder:
    cohort = {"id": "c1", "name": "Power users", "url": "https://app.example.com/c1"}
    filled = {"fields": fields or {}, "cohort": cohort, **connection}
    return RequestBuilder(Integration.model_validate(document), Connection.model_validate(filled))


def field(variable: str, **more: Any) -> dict[str, Any]:
    return {"variable": variable, "display_name": variable, **more}


def created(fields: dict[str, Any] | None = None, **document: Any) -> HttpRequest:
    """The list creation request of a document."""
    endpoint = {"url": "https://api.example.com/lists", "payload": "{}", **document.pop("endpoint", {})}
    return builder({**document, "endpoints": {"create_list": endpoint}}, fields).request("create_list", VALUES).wire


def test_the_headers_of_a_plain_request() -> None:
    request = created()
    assert request.method == "POST"
    assert request.headers == (
        ("User-Agent", "Amplitude-Developer-Portal/1.0"),
        ("Accept", "*/*"),
        ("Content-Type", "application/json"),
    )
    assert (request.body, request.text) == (b"{}", "{}")


def test_a_request_without_payload_has_neither_body_nor_content_type() -> None:
    request = created(endpoint={"payload": None, "method": "DELETE"})
    assert request.body is None
    assert request.text is None
    assert "Content-Type" not in dict(request.headers)


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ({"method": "none"}, None),
        ({"method": "bearer", "token": "$key"}, ("Authorization", "Bearer k1")),
        ({"method": "header", "name": "X-Key", "value": "App $key"}, ("X-Key", "App k1")),
        ({"method": "basic", "username": "$key", "password": "$word"}, ("Authorization", "Basic azE6cMOkw58=")),
        ({"method": "basic", "username": "$key", "password": "$none"}, ("Authorization", "Basic azE6")),
        ({"method": "bearer", "token": "$none"}, None),
        ({"method": "header", "name": "X-Key", "value": "$none"}, None),
    ],
)
def test_each_way_of_authentication(auth: dict[str, str], header: tuple[str, str] | None) -> None:
    fields = [field("key", secret=True), field("word"), field("none", required=False)]
    request = created({"key": "k1", "word": "päß"}, auth=auth, custom_fields=fields)
    assert request.headers[3:] == ((header,) if header else ())


def test_a_user_name_with_a_colon_cannot_be_sent() -> None:
    auth = {"method": "basic", "username": "$a", "password": ""}
    with pytest.raises(ValueFault, match="colon"):
        created({"a": "u:x"}, auth=auth, custom_fields=[field("a")])


def test_half_a_character_in_a_password_is_a_fault_and_no_crash() -> None:
    auth = {"method": "basic", "username": "u", "password": "$amp_cohort_name"}
    document = {"auth": auth, "endpoints": {"create_list": {"url": "https://a.example/"}}}
    made = builder(document, cohort={"name": "\ud800"})
    with pytest.raises(ValueFault, match="half a character"):
        made.request("create_list", VALUES)


def test_an_additional_header_replaces_one_of_ours_in_any_case() -> None:
    request = created(headers=[{"name": "accept", "value": "application/vnd.api+json"}, {"name": "X", "value": "1"}])
    names = [name for name, _ in request.headers]
    assert names == ["User-Agent", "accept", "Content-Type", "X"]


def test_a_header_without_a_value_is_not_sent() -> None:
    fields = [field("note", required=False)]
    assert "X" not in dict(created(headers=[{"name": "X", "value": " $note "}], custom_fields=fields).headers)


def test_an_endpoint_may_have_authentication_and_headers_of_its_own() -> None:
    request = created(
        {"key": "k1"},
        auth={"method": "bearer", "token": "$key"},
        headers=[{"name": "X", "value": "shared"}],
        custom_fields=[field("key")],
        endpoint={"auth": {"method": "none"}, "headers": [{"name": "Y", "value": "own"}]},
    )
    assert request.headers[3:] == (("Y", "own"),)


@pytest.mark.parametrize(
    ("value_type", "value", "written"),
    [
        ("string", 5, '"5"'),
        ("string", True, '"true"'),
        ("string", "007", '"007"'),
        ("number", "007", "7"),
        ("number", 5, "5"),
        ("number", 12345678901234567890, "12345678901234567890"),
        ("boolean", 1, "true"),
        ("boolean", "no", "false"),
        ("boolean", False, "false"),
    ],
)
def test_a_fields_value_type_says_how_it_is_sent(value_type: str, value: object, written: str) -> None:
    request = created(
        {"v": value}, custom_fields=[field("v", value_type=value_type)], endpoint={"payload": '{"v": $v}'}
    )
    assert request.text == f'{{"v":{written}}}'


def test_predefined_variables_have_their_values() -> None:
    names = ("amp_cohort_name", "amp_cohort_id", "amp_cohort_url", "list_id", "in_cohort", "operation", "message_id")
    payload = f"[{', '.join(f'${name}' for name in names)}, $computed_time]"
    document = {
        "mapping_fields": [field("u")],
        "endpoints": {"add_users": {"url": "https://a.example/$u", "payload": payload}},
    }
    request = builder(document).request("add_users", VALUES, member={"u": "1"})
    assert json.loads(request.wire.body or b"") == [
        "Power users", "c1", "https://app.example.com/c1", "L1", True, "add", "m-1", 1_700_000_000,
    ]  # fmt: skip
    assert request.members == 1


def test_leavers_are_not_in_the_cohort() -> None:
    document = {
        "type": "property",
        "mapping_fields": [field("u")],
        "endpoints": {"update_users": {"url": "https://a.example/$u", "payload": "[$in_cohort, $operation]"}},
    }
    leave = BatchValues("remove", message_id="m")
    assert builder(document).request("update_users", leave, member={"u": "1"}).wire.text == '[false,"remove"]'


def test_a_field_cannot_take_the_place_of_a_predefined_variable() -> None:
    document = {
        "custom_fields": [field("items", required=False), field("operation")],
        "mapping_fields": [field("u")],
        "endpoints": {
            "add_users": {"url": "https://a.example/", "payload": "[$operation, $items]", "item": '"$u"'},
        },
    }
    made = builder(document, {"operation": "drop"})
    assert made.request("add_users", VALUES, items=['"a"']).wire.text == '["add",["a"]]'


def test_a_list_id_may_be_a_field_when_no_call_creates_the_list() -> None:
    document = {
        "custom_fields": [field("list_id", value_type="number")],
        "mapping_fields": [field("u")],
        "endpoints": {
            "add_users": {"url": "https://a.example/$list_id", "payload": "[$list_id, $items]", "item": '"$u"'}
        },
    }
    request = builder(document, {"list_id": "42"}).request("add_users", BatchValues(), items=[]).wire
    assert (request.url, request.text) == ("https://a.example/42", "[42,[]]")


def test_columns_go_by_the_names_of_the_mappings_they_feed() -> None:
    document = {"mapping_fields": [field("user_id"), field("mail", required=False), field("phone", required=False)]}
    made = builder(document, mappings={"user_id": "id", "mail": "email"})
    frame = {"id": ["1", "2"], "email": ["a", ""]}
    assert made.columns(frame) == {"user_id": ["1", "2"], "mail": ["a", ""], "phone": [None, None]}


@given(some_text)
def test_a_rendered_body_is_utf_8_json_for_any_value(value: str) -> None:
    document = {
        "endpoints": {"create_list": {"url": "https://a.example/", "payload": '{"$amp_cohort_name": $amp_cohort_name}'}}
    }
    request = builder(document, cohort={"name": value}).request("create_list", VALUES)
    assert isinstance(json.loads(request.wire.body or b""), dict)
    assert request.wire.text is not None


def test_a_missing_value_names_itself() -> None:
    document = {"endpoints": {"create_list": {"url": "https://a.example/", "payload": "$amp_cohort_id"}}}
    with pytest.raises(ValueFault, match="amp_cohort_id has no value"):
        builder(document, cohort={"name": "x"}).request("create_list", VALUES)


def test_a_broken_endpoint_says_so_when_it_is_used_and_leaves_the_others_usable() -> None:
    document = {
        "endpoints": {
            "create_list": {"url": "https://a.example/", "payload": "{}"},
            "add_users": {"url": "nowhere", "payload": "{"},
        }
    }
    made = builder(document)
    assert made.configured == ("create_list", "add_users")
    assert made.request("create_list", VALUES).wire.text == "{}"
    with pytest.raises(DocumentError, match="Add users › URL"):
        made.endpoint("add_users")


def test_secrets_are_those_of_secret_fields_that_have_a_value() -> None:
    fields = [field("a", secret=True), field("b"), field("c", secret=True, required=False)]
    assert builder({"custom_fields": fields}, {"a": "x1", "b": "y1"}).secrets == ("x1",)


def test_marks_never_go_out() -> None:
    document = {
        "auth": {"method": "bearer", "token": "$key"},
        "custom_fields": [field("key", secret=True)],
        "endpoints": {"create_list": {"url": "https://a.example/?k=$key", "payload": '"$key"'}},
    }
    request = builder(document, {"key": "k-1"}).request("create_list", VALUES)
    assert not has_mark(f"{request.wire.url}{request.wire.headers}{request.wire.text}")
    assert has_mark(request.marked.url)
    assert "k-1" not in str(request.masked)


def test_a_cohort_without_a_link_leaves_the_key_of_the_link_out() -> None:
    integration = Integration.model_validate(
        {
            "mapping_fields": [{"variable": "user_id", "display_name": "User"}],
            "endpoints": {
                "create_list": {
                    "url": "https://api.example.com/lists",
                    "payload": '{"name": "$amp_cohort_name", "source": "$amp_cohort_url"}',
                }
            },
        }
    )
    connection = Connection(cohort=Cohort(id="c1", name="Power users"))
    request = RequestBuilder(integration, connection).request("create_list", BatchValues())

    assert request.wire.body == b'{"name":"Power users"}'


PER_USER: dict[str, Any] = {
    "mapping_fields": [
        {"variable": "user_id", "display_name": "User"},
        {"variable": "email", "display_name": "Email", "required": False},
    ],
    "endpoints": {
        "remove_users": {
            "method": "DELETE",
            "url": "https://api.example.com/people?email=${email|trim}",
            "payload": None,
        }
    },
}


def test_a_call_for_one_user_is_never_sent_without_what_names_the_user() -> None:
    made = builder(PER_USER)
    assert made.request("remove_users", VALUES, member={"user_id": "u1", "email": "a@b.c"}).wire.url.endswith(
        "email=a%40b.c"
    )
    for email in (None, "", "  "):
        with pytest.raises(ValueFault, match="email has no value, so nothing is left that names the user"):
            made.request("remove_users", VALUES, member={"user_id": "u1", "email": email})


def test_a_payload_that_names_the_user_does_not_make_up_for_a_url_that_does_not() -> None:
    remove = {**PER_USER["endpoints"]["remove_users"], "payload": '{"ref": "$user_id"}'}
    with pytest.raises(ValueFault, match="names the user"):
        builder({**PER_USER, "endpoints": {"remove_users": remove}}).request(
            "remove_users", VALUES, member={"user_id": "u1", "email": None}
        )


def test_an_item_in_which_every_value_is_missing_is_skipped() -> None:
    add = {
        "url": "https://api.example.com/add",
        "payload": '{"people": $items}',
        "item": '{"email": "$email", "on": true}',
    }
    made = builder({**PER_USER, "endpoints": {"add_users": add}})
    rendered = made.render_items("add_users", {"user_id": ["1", "2"], "email": ["a@b.c", None]}, 2, VALUES)

    assert rendered.texts == ['{"email":"a@b.c","on":true}', None]
    assert "names the user" in rendered.faults[1]
