"""What a sandbox does not accept, and how it says so. One thing is wrong with each call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.destination import Answer, Sandbox
from core.errors import DocumentError
from tests.destination.sandbox_partners import PLAIN, connection, plain_list, with_one_url, with_per_user_calls

HEADERS = {
    "Authorization": "Bearer pat-0123456789",
    "X-Api-Version": "2026-07-15",
    "Content-Type": "application/json; charset=utf-8",
}


@pytest.fixture
def sandbox() -> Sandbox:
    made = Sandbox(plain_list(), PLAIN)
    assert call(made, "/lists", {"name": "[Amplitude] Cohort"}).status == 201
    return made


def call(sandbox: Sandbox, path: str, body: Any = None, method: str = "POST", **headers: str | None) -> Answer:
    changed = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    sent = [(name, value) for name, value in changed.items() if value is not None]
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    target, _, query = path.partition("?")
    return sandbox.handle(method, target, query, sent, content)


def error(answer: Answer) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(answer.body)
    return document


def test_a_wrong_path_names_the_known_ones(sandbox: Sandbox) -> None:
    answer = call(sandbox, "/list", {"name": "x"})
    assert answer.status == 404
    assert error(answer)["known"] == ["POST /lists", "POST /lists/$list_id/add", "POST /lists/$list_id/remove"]


def test_a_wrong_method_names_the_right_one(sandbox: Sandbox) -> None:
    answer = call(sandbox, "/lists", {"name": "x"}, "PUT")
    assert (answer.status, dict(answer.headers)["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "authorization", [None, "Bearer pat-9", "Basic cGF0LTAxMjM0NTY3ODk6", "pat-0123456789", "Bearer", "Bearer "]
)
def test_wrong_credentials(sandbox: Sandbox, authorization: str | None) -> None:
    answer = call(sandbox, "/lists/L1/add", {"userIds": ["a"]}, Authorization=authorization)
    assert (answer.status, dict(answer.headers)["WWW-Authenticate"]) == (401, "Bearer")
    assert b"pat-0123456789" not in answer.body
    assert sandbox.held("L1") == frozenset()


def test_without_a_known_connection_the_form_of_the_credentials_counts() -> None:
    sandbox = Sandbox(plain_list())
    assert call(sandbox, "/lists", {"name": "[Amplitude] x"}, Authorization="Bearer any").status == 201
    assert call(sandbox, "/lists", {"name": "[Amplitude] x"}, Authorization="Basic any").status == 401
    assert call(sandbox, "/lists", {"name": "[Amplitude] x"}, Authorization=None).status == 401


@pytest.mark.parametrize("credentials", ["Basic !!!", "Basic YW55", "Basic YW55c3RyaW5nOndyb25n", "Bearer x"])
def test_wrong_basic_credentials(credentials: str) -> None:
    sandbox = Sandbox(with_one_url(), connection(api_key="secret-us6", audience_id="a1", dc="us6"))
    body = {"name": "x", "static_segment": []}
    answer = call(sandbox, "/3.0/lists/a1/segments", body, Authorization=credentials)
    assert answer.status == 401


@pytest.mark.parametrize("version", [None, "2020-01-01"])
def test_a_missing_or_other_header(sandbox: Sandbox, version: str | None) -> None:
    answer = call(sandbox, "/lists/L1/add", {"userIds": ["a"]}, X_Api_Version=version)
    assert (answer.status, error(answer)["where"]) == (400, "header X-Api-Version")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_wrong_content_type(sandbox: Sandbox, content_type: str | None) -> None:
    answer = call(sandbox, "/lists/L1/add", {"userIds": ["a"]}, Content_Type=content_type)
    assert (answer.status, error(answer)["expected"]) == (415, "application/json")


@pytest.mark.parametrize("body", [b"", b"{", b'{"userIds": [NaN]}', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_not_json(sandbox: Sandbox, body: bytes) -> None:
    assert call(sandbox, "/lists/L1/add", body).status == 400


def test_a_compressed_body(sandbox: Sandbox) -> None:
    assert call(sandbox, "/lists/L1/add", b"\x1f\x8b", Content_Encoding="gzip").status == 415


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"users": ["a"]}, "$"),
        ({"userIds": "a"}, "$.userIds"),
        ({"userIds": ["a", {"id": "b"}]}, "item [1]"),
        ({"userIds": ["a", ""]}, "item [1]"),
        ({"userIds": ["a"], "more": 1}, "$"),
    ],
)
def test_another_shape_says_where(sandbox: Sandbox, body: Any, where: str) -> None:
    answer = call(sandbox, "/lists/L1/add", body)
    assert (answer.status, error(answer)["where"]) == (422, where)
    assert sandbox.held("L1") == frozenset()


def test_an_empty_batch(sandbox: Sandbox) -> None:
    assert call(sandbox, "/lists/L1/add", {"userIds": []}).status == 400


def test_more_members_than_a_batch_may_have() -> None:
    sandbox = Sandbox(plain_list(endpoints={"add_users": {"batch_size": 2, "max_bytes": 100}}), PLAIN)
    call(sandbox, "/lists", {"name": "[Amplitude] x"})
    assert call(sandbox, "/lists/L1/add", {"userIds": ["a", "b", "c"]}).status == 413
    assert call(sandbox, "/lists/L1/add", {"userIds": ["a" * 100]}).status == 413
    assert call(sandbox, "/lists/L1/add", {"userIds": ["a", "b"]}).status == 200


def test_a_list_that_was_never_created(sandbox: Sandbox) -> None:
    answer = call(sandbox, "/lists/LIST_ID/add", {"userIds": ["a"]})
    assert (answer.status, error(answer)["lists"]) == (404, ["L1"])


def test_a_body_where_none_is_expected() -> None:
    sandbox = Sandbox(with_per_user_calls())
    call(sandbox, "/tags", {"name": "x"}, Intercom_Version="2.14")
    assert call(sandbox, "/contacts/c/tags/L1", {"id": "L1"}, "DELETE", Intercom_Version="2.14").status == 400
    assert call(sandbox, "/contacts/c/tags/L1", None, "DELETE", Intercom_Version="2.14").status == 200


def test_a_query_parameter_that_is_not_expected(sandbox: Sandbox) -> None:
    answer = call(sandbox, "/lists/L1/add?x=1", {"userIds": ["a"]})
    assert (answer.status, error(answer)["where"]) == (400, 'query parameter "x"')


def test_items_that_name_another_list_than_the_url() -> None:
    item = {"item": '{"list": "$list_id", "id": "$user_id"}'}
    sandbox = Sandbox(plain_list(endpoints={"add_users": item}), PLAIN)
    call(sandbox, "/lists", {"name": "[Amplitude] x"})
    answer = call(sandbox, "/lists/L1/add", {"userIds": [{"list": "L1", "id": "a"}, {"list": "L2", "id": "b"}]})
    assert (answer.status, error(answer)["where"]) == (422, "$list_id")


def test_one_payload_for_both_is_told_apart_by_its_operation() -> None:
    payload = {"payload": '{"operation": "$operation", "ids": $items}', "url": "https://api.example.com/l/$list_id"}
    sandbox = Sandbox(plain_list(endpoints={"add_users": payload, "remove_users": payload}), PLAIN)
    call(sandbox, "/lists", {"name": "[Amplitude] x"})
    assert call(sandbox, "/l/L1", {"operation": "add", "ids": ["a", "b"]}).status == 200
    assert call(sandbox, "/l/L1", {"operation": "remove", "ids": ["a"]}).status == 200
    assert sandbox.held("L1") == {"b"}
    answer = call(sandbox, "/l/L1", {"operation": "replace", "ids": ["c"]})
    assert (answer.status, error(answer)["where"]) == (422, "$operation")


def test_of_two_endpoints_at_one_url_both_readings_are_explained() -> None:
    sandbox = Sandbox(with_one_url())
    headers = {"Authorization": "Basic YW55c3RyaW5nOmtleQ=="}
    call(sandbox, "/3.0/lists/a1/segments", {"name": "x", "static_segment": []}, **headers)
    answer = call(sandbox, "/3.0/lists/a1/segments/L1", {"members": ["a"]}, **headers)
    assert (answer.status, error(answer)["expected"]) == (422, 'the key "members_to_add"')
    assert "members_to_remove" in error(answer)["or"][0]


def test_a_full_sandbox_says_so_and_keeps_nothing_of_the_call() -> None:
    sandbox = Sandbox(plain_list(), max_members=4)
    call(sandbox, "/lists", {"name": "[Amplitude] x"})
    assert call(sandbox, "/lists/L1/add", {"userIds": ["a", "b", "c", "d"]}).status == 507
    assert call(sandbox, "/lists/L1/add", {"userIds": ["a" * 1000]}).status == 507
    assert call(sandbox, "/lists/L1/add", {"userIds": ["a", "b", "c"]}).status == 200
    assert call(sandbox, "/lists", {"name": "[Amplitude] y"}).status == 507
    assert call(sandbox, "/lists/L1/remove", {"userIds": ["a"]}).status == 200
    assert call(sandbox, "/lists", {"name": "[Amplitude] y"}).status == 201


def test_a_connection_that_does_not_fit_is_no_shape() -> None:
    with pytest.raises(DocumentError):
        Sandbox(plain_list(), connection())
    with pytest.raises(DocumentError):
        Sandbox(plain_list(endpoints={"add_users": {"item": '"$nobody"'}}))


def test_the_log_shows_no_secret() -> None:
    url = "https://api.example.com/$token/lists"
    sandbox = Sandbox(plain_list(endpoints={"create_list": {"url": url}}), PLAIN)
    call(sandbox, "/pat-0123456789/lists", {"name": "[Amplitude] x"})
    call(sandbox, "/pat-0123456789/elsewhere", {"name": "x"})
    call(sandbox, "/pat-0123456789/lists", {"name": "pat-0123456789"})
    received = sandbox.received
    assert [entry.status for entry in received] == [201, 404, 422]
    assert [entry.endpoint for entry in received] == ["create_list", None, "create_list"]
    assert "pat-0123456789" not in repr(received)


def test_a_changed_integration_keeps_the_lists(sandbox: Sandbox) -> None:
    call(sandbox, "/lists/L1/add", {"userIds": ["a"]})
    sandbox.reshape(plain_list(endpoints={"add_users": {"payload": '{"ids": $items}'}}), PLAIN)
    assert call(sandbox, "/lists/L1/add", {"userIds": ["b"]}).status == 422
    assert call(sandbox, "/lists/L1/add", {"ids": ["b"]}).status == 200
    assert sandbox.held("L1") == {"a", "b"}
    with pytest.raises(DocumentError):
        sandbox.reshape(plain_list(endpoints={"add_users": {"payload": "{"}}), PLAIN)
    assert call(sandbox, "/lists/L1/add", {"ids": ["c"]}).status == 200


@pytest.mark.parametrize("path", ["/lists/%FF/add", "/lists/%/add", "/lists//add", "/lists/a%00b/add", "//", "/\xff"])
def test_a_strange_path_is_answered_like_any_other(sandbox: Sandbox, path: str) -> None:
    assert call(sandbox, path, {"userIds": ["a"]}).status == 404


def test_a_path_to_the_list_id_cannot_write_into_the_headers() -> None:
    path = {"list_id_path": "header:X-Id\r\nSet-Cookie: a=b; X"}
    answer = call(Sandbox(plain_list(endpoints={"create_list": path})), "/lists", {"name": "[Amplitude] x"})
    assert answer.status == 201
    assert [name for name, _ in answer.headers] == ["Content-Type"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
ODD_BODIES = st.binary(max_size=50) | ANY_JSON.map(lambda value: json.dumps(value).encode())
PAYLOADS = [
    '{"userIds": $items}',
    '{"ids": "${items|join:,}"}',
    '{"list": $list_id, "$amp_cohort_id": $items}',
    "$items",
]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
@given(body=ODD_BODIES | ANY_JSON.map(lambda value: json.dumps({"userIds": [value], "list": value}).encode()))
def test_no_body_is_too_odd_for_an_answer(payload: str, content_type: str, body: bytes) -> None:
    users = {"payload": payload, "item": '{"id": "$user_id"}', "content_type": content_type}
    sandbox = Sandbox(plain_list(endpoints={"add_users": users}))
    answer = call(sandbox, "/lists/L1/add", body, Content_Type=content_type)
    assert answer.status in (400, 404, 422)
    assert json.loads(answer.body)["error"]


@given(st.text(max_size=20).map(lambda text: "/" + text.encode().decode("latin-1")), st.text(max_size=20))
def test_no_path_and_no_header_is_too_odd_for_an_answer(path: str, header: str) -> None:
    sandbox = Sandbox(with_one_url())
    assert call(sandbox, path, {}).status in (404, 401)
    assert call(sandbox, "/3.0/lists/a/segments", {}, Authorization=header).status == 401
    assert call(sandbox, "/3.0/lists/a/segments", {}, Authorization=f"Basic {header}").status in (401, 422)
