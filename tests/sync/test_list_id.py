"""Where the id of a created list is found, and what is said when it is not there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.integration import CreateListEndpoint
from core.request import HttpRequest
from core.sync.answer import Answer, ListId, read_list_id


def read(path: str, body: str = "", *, headers: tuple[tuple[str, str], ...] = (), sent: str | None = None) -> ListId:
    source = "response" if sent is None else "request"
    endpoint = CreateListEndpoint(list_id_path=path, list_id_source=source)
    request = HttpRequest("POST", "https://api.example.test/lists", (), (sent or "").encode())
    return read_list_id(endpoint, request, Answer(201, headers, body))


@pytest.mark.parametrize(
    ("path", "document", "found"),
    [
        ("listId", {"listId": "L1"}, "L1"),
        ("data.id", {"data": {"id": "L1"}}, "L1"),
        ("$.data.lists[0].id", {"data": {"lists": [{"id": "L1"}, {"id": "L2"}]}}, "L1"),
        (" listId ", {"listId": "L1"}, "L1"),
        ("id", {"id": 42}, 42),
        ("id", {"id": 12345678901234567890123}, 12345678901234567890123),
        ("id", {"id": "042"}, "042"),
        ('"list-id"', {"list-id": "L1"}, "L1"),
        ("[0]", ["L1"], "L1"),
        ("@", "L1", "L1"),
        ("id", {"id": 0}, 0),
        ("id", {"id": 1.5}, "1.5"),
    ],
)
def test_the_id_is_read_from_the_body_and_keeps_its_type(path: str, document: Any, found: str | int) -> None:
    value = read(path, json.dumps(document)).value
    assert value == found
    assert type(value) is type(found)


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("id", '{"other": 1}', 'nothing at "id"'),
        ("id", '{"id": ""}', "is empty"),
        ("id", '{"id": {"x": 1}}', "an object"),
        ("id", '{"id": ["x"]}', "a list"),
        ("id", '{"id": true}', "true or false"),
        ("id", '{"id": null}', "nothing at"),
        ("id[", '{"id": "x"}', "nothing at"),
        ("", '{"id": "x"}', "nothing at"),
        ("id", "<html><body>Welcome</body></html>", "HTML"),
        ("id", "", "empty body"),
        ("id", " \n", "empty body"),
        ("id", "OK", "no JSON"),
    ],
)
def test_a_path_that_leads_to_no_id_says_what_is_there(path: str, body: str, problem: str) -> None:
    found = read(path, body)
    assert found.value is None
    assert problem in found.problem


def test_a_wrong_path_comes_with_the_paths_that_exist_ids_first() -> None:
    found = read("listId", '{"name": "x", "ok": true, "data": {"size": 3, "list": [{"list_id": "L1"}], "a-b": "y"}}')
    assert found.paths == ("data.list[0].list_id", "name", "data.size", 'data."a-b"')
    assert all(read(path, '{"data": {"list": [{"list_id": "L1"}]}}').value == "L1" for path in found.paths[:1])


def test_at_most_a_dozen_paths_are_offered() -> None:
    assert len(read("x", json.dumps({f"k{number}": number for number in range(1_000)})).paths) == 12


def test_a_deeply_nested_answer_is_no_crash() -> None:
    assert read("id", '{"a":' * 5_000 + "1" + "}" * 5_000).value is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("https://api.example.test/v1/lists/L1", "L1"),
        ("https://api.example.test/v1/lists/L1/", "L1"),
        ("https://api.example.test/lists/L1?x=1#y", "L1"),
        ("/lists/a%20b", "a b"),
        ("L1", "L1"),
        (" 42 ", "42"),
    ],
)
@pytest.mark.parametrize("path", ["header:Location", "Header: location"])
def test_the_id_is_read_from_a_header(value: str, found: str, path: str) -> None:
    assert read(path, headers=(("LOCATION", value),)).value == found


def test_a_missing_header_says_which_there_are() -> None:
    found = read("header:Location", headers=(("Date", "today"), ("Server", "x")))
    assert found.value is None
    assert "Location" in found.problem
    assert "Date, Server" in found.problem


def test_a_header_that_leads_nowhere_is_a_problem() -> None:
    assert read("header:Location", headers=(("Location", "https://api.example.test/"),)).value is None


def test_an_answer_without_json_but_with_a_location_offers_the_header() -> None:
    assert read("id", "", headers=(("Location", "/lists/1"),)).paths == ("header:Location",)


def test_the_id_is_read_from_the_request_that_was_sent() -> None:
    assert read("list.key", "ignored", sent='{"list": {"key": "cohort-1"}}').value == "cohort-1"
    assert read("key", "ignored", sent="key=cohort+1&name=x&key=second").value == "cohort 1"


def test_a_wrong_path_into_the_request_offers_those_of_the_request() -> None:
    found = read("id", '{"id": "in the answer"}', sent='{"list_key": "k"}')
    assert found.value is None
    assert found.paths == ("list_key",)
    assert "the request" in found.problem


def test_a_request_without_a_body_holds_no_id() -> None:
    assert read("id", '{"id": 1}', sent="").value is None
