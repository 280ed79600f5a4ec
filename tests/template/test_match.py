"""Matching is the inverse of rendering: what was rendered is read back, and what was not is refused with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.template import Items, Kind, Names, Scope, Variable, compile_json, compile_text, compile_url, to_bytes
from core.template.json_match import JsonMatcher, match_json, parse_json
from core.template.match import Mismatch, Values, match_text
from core.template.url_match import match_url


def variable(name: str, kind: Kind = "string", *, required: bool = True, per_member: bool = True) -> Variable:
    return Variable(name, kind, required, per_member)


NAMES = Names(
    {
        found.name: found
        for found in (
            variable("user"), variable("mail", required=False), variable("age", "number"), variable("on", "boolean"),
            variable("list_id", per_member=False), variable("items", "items", per_member=False),
        )
    }
)  # fmt: skip

texts = st.text(st.characters(exclude_categories=()), min_size=1)
JSON_TEMPLATES = [
    '"$user"',
    '{"id": "$user", "email": "$mail", "list": "$list_id"}',
    '{"id": "$user", "age": $age, "on": $on, "n": 1.50, "text": "a\\u00e9\\n$$"}',
    '["$user", "$mail", null, [true, {"x": "<$user>"}]]',
    '{"id-$user": {"deep": "$mail"}, "id": "$list_id"}',
    '{"text": "user $user of list $list_id", "optional": "[$mail]", "default": "${mail|default:none}"}',
]


@pytest.mark.parametrize("template", JSON_TEMPLATES)
@given(texts, st.one_of(st.none(), texts), st.integers(), st.booleans())
def test_what_a_payload_rendered_is_read_back(template: str, user: str, mail: str | None, age: int, on: bool) -> None:
    user = user.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    mail = mail and mail.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    compiled = compile_json(template, NAMES)
    scope: Scope = {"user": user, "mail": mail, "age": str(age), "on": str(on), "list_id": "L1"}
    body = to_bytes(compiled.render(scope))
    found = match_json(compiled, parse_json(body))
    assert not isinstance(found, Mismatch), str(found)
    ambiguous = "user $user of list" in template and " of list " in user
    expected = {"user": user, "mail": mail, "age": age, "on": on, "list_id": "L1"}
    used = {reference.name for reference in compiled.references}
    for name in used & found.keys():
        if not ambiguous and not (name == "mail" and mail is None):
            assert found[name] == expected[name]
    assert used - {"mail"} <= found.keys()


@given(st.lists(texts, min_size=1), texts)
def test_what_a_url_rendered_is_read_back(users: list[str], list_id: str) -> None:
    if list_id in (".", ".."):
        return
    template = compile_url("https://x.example/l/$list_id/a b?${items|query:id}&l=$list_id".replace(" ", "%20"), NAMES)
    scope: Scope = {"items": Items([json.dumps(user) for user in users]), "list_id": list_id}
    target = template.render(scope).removeprefix("https://x.example")
    found = match_url(template, target)
    assert found == {"list_id": list_id, "items": users}


@pytest.mark.parametrize(
    ("template", "value", "complaint"),
    [
        ('{"us": [{"id": "$user"}]}', '{"us": [{"id": 5}]}', "$.us[0].id: expected a string for $user, found 5"),
        ('{"id": "$user"}', '{"id": ""}', "$.id: expected a string for $user, found an empty string"),
        ('{"id": "$user"}', '{"ID": "a"}', '$: expected the key "id", found an object with "ID"'),
        ('{"id": "$user"}', '{"id": "a", "x": 1}', '$: expected no keys but "id", found the key "x"'),
        ('{"id": "$user"}', '["a"]', "$: expected an object, found an array of 1"),
        ('{"a b": 1}', '{"a b": true}', '$["a b"]: expected 1, found true'),
        ('{"on": true}', '{"on": 1}', "$.on: expected true, found 1"),
        ('{"age": $age}', '{"age": "5"}', '$.age: expected a number for $age, found "5"'),
        ('{"on": $on}', '{"on": "true"}', '$.on: expected true or false for $on, found "true"'),
        ('{"on": $on}', '{"on": 1}', "$.on: expected true or false for $on, found 1"),
        ('{"id": "$user"}', '{"id": null}', "$.id: expected a string for $user, found null"),
        ('["$user", 1]', '["a"]', "$: expected an array of 2, found an array of 1"),
        ("$items", '{"0": 1}', '$: expected an array of items for $items, found an object with "0"'),
        ('"u-$user-v"', '"u-a"', '$: expected a text of the form "u-$user-v", found "u-a"'),
        ('"u-$user-v"', '"u--v"', '$: expected a text of the form "u-$user-v", found "u--v"'),
        ('"${user|sha256}"', '"ABC"', '$: expected a sha256 in hexadecimal for $user, found "ABC"'),
        ('"${user|lower}"', '"Ann"', '$: expected a text in lower case for $user, found "Ann"'),
        ('{"$user": 1}', '{"a": 2}', "$.a: expected 1, found 2"),
        ('{"a-$user": 1}', '{"b": 1}', '$: expected a key that is a text of the form "a-$user", found "b"'),
        ('["$user", "$user"]', '["a", "b"]', '$: expected "a" for every $user, found "b" as well'),
    ],
)  # fmt: skip
def test_a_mismatch_says_where_and_what_was_expected(template: str, value: str, complaint: str) -> None:
    found = match_json(compile_json(template, NAMES), parse_json(value))
    assert str(found) == complaint


def test_keys_in_another_order_and_optional_keys_are_fine() -> None:
    template = compile_json('{"id": "$user", "mail": "$mail", "$list_id": true}', NAMES)
    assert match_json(template, {"L": True, "id": "a"}) == {"user": "a", "list_id": "L"}
    assert match_json(template, {"mail": "m", "L": True, "id": "a"}) == {"user": "a", "list_id": "L", "mail": "m"}


def test_items_are_an_array_and_joined_items_a_list_of_texts() -> None:
    assert match_json(compile_json('{"ids": $items}', NAMES), {"ids": [1, "b"]}) == {"items": [1, "b"]}
    assert match_json(compile_json('"${items|join:, }"', NAMES), "a, b") == {"items": ["a", "b"]}
    assert match_json(compile_json('{"q": "in(${items|join:;})"}', NAMES), {"q": "in()"}) == {"items": []}
    assert match_url(compile_url("https://x.example/${items|join:,}", NAMES), "/a,b%2Cc") == {"items": ["a", "b,c"]}


def test_numbers_keep_their_spelling() -> None:
    template = compile_json('{"id": "$user", "age": $age}', NAMES)
    found = match_json(template, parse_json('{"id": "a", "age": 12345678901234567890}'))
    assert found == {"user": "a", "age": 12345678901234567890}
    assert parse_json("1.10").spelling == "1.10"


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "[" * 100_000, "1" * 5000, "{'a': 1}"])
def test_what_is_not_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


URL = "https://$list_id.example.com/v1/lists/$list_id/u-${user|lower}?mode=full&mail=$mail&${items|query:id}"
URL_NAMES = Names({**NAMES.variables, "list_id": Variable("list_id", host_safe=True)})


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/v1/lists/a%2Fb/u-x?mode=full&id=1&id=2", {"list_id": "a/b", "user": "x", "items": ["1", "2"]}),
        ("/v1/lists/a%2fb/u%2Dx?id=1&mode=full&mail=%40&id=2",
         {"list_id": "a/b", "user": "x", "items": ["1", "2"], "mail": "@"}),
        ("/v1/lists/a/b/u-x?mode=full", 'path: expected /v1/lists/$list_id/u-${user|lower}, found "/v1/lists/a/b/u-x"'),
        ("/v1/lists/a/u-x", 'query parameter "mode": expected "mode=full", found nothing'),
        ("/v1/lists/a/u-x?mode=half", 'query parameter "mode": expected "mode=full", found "mode=half"'),
        ("/v1/lists/a/u-x?mode=full&x=1", 'query parameter "x": expected mode, mail, id, found "x"'),
    ],
)  # fmt: skip
def test_the_path_and_query_of_a_request(target: str, expected: Values | str) -> None:
    found = match_url(compile_url(URL, URL_NAMES), target)
    assert (str(found) if isinstance(found, Mismatch) else found) == expected


def test_a_url_without_a_path_is_the_root() -> None:
    template = compile_url("https://x.example", NAMES)
    assert match_url(template, "/") == match_url(template, "") == {}
    assert isinstance(match_url(template, "/x"), Mismatch)
    assert isinstance(match_url(template, "/?a=1"), Mismatch)


def test_bytes_that_are_not_utf8_are_read_all_the_same() -> None:
    assert match_url(compile_url("https://x.example/$list_id", NAMES), "/a%FF") == {"list_id": "a\ufffd"}


def test_a_header() -> None:
    template = compile_text("App $user; v=${mail|default:1}", NAMES, "header")
    assert match_text(template, "App k3y; v=1") == {"user": "k3y", "mail": "1"}
    assert str(match_text(template, "Bearer k3y")).startswith('expected a text of the form "App $user; v=')


def test_a_hostile_text_takes_no_longer_than_it_is_long() -> None:
    """With a regular expression of many wildcards this would not come to an end."""
    template = compile_json(json.dumps("${user}" + "a${user}" * 30 + "b"), NAMES)
    assert isinstance(match_json(template, "a" * 200_000), Mismatch)


def test_many_items_name_the_first_that_does_not_fit() -> None:
    matcher = JsonMatcher(compile_json('{"id": "$user"}', NAMES))
    rows = matcher.rows([{"id": "a"}, {"id": "b"}])
    assert rows == [["a"], ["b"]]
    assert str(matcher.rows([{"id": "a"}, {"id": 1}])) == "[1].id: expected a string for $user, found 1"
