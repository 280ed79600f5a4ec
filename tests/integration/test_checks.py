"""The checks: a document with one thing broken gets one finding, at its place, with a way out."""

from __future__ import annotations

from typing import Any

import pytest

from core.integration import check
from tests.integration.documents import LIST, PROPERTY, changed, integration

ADD = "endpoints.add_users"
CREATE = "endpoints.create_list"
FORM = "application/x-www-form-urlencoded"
RULE = {"reason": "a", "message": "b"}
FIELD = {"variable": "note", "display_name": "Note"}
USED = {"headers": [{"name": "X-Note", "value": "$note"}]}


def ids(document: dict[str, Any], severity: str, **changes: Any) -> list[tuple[str, str]]:
    report = check(integration(document, **changes))
    found = report.errors if severity == "error" else report.warnings
    return [(finding.id, finding.place) for finding in found]


@pytest.mark.parametrize("document", [LIST, PROPERTY], ids=["list", "property"])
def test_a_sound_document_has_no_findings(document: dict[str, Any]) -> None:
    assert check(integration(document)).findings == ()


def field(**changes: Any) -> dict[str, Any]:
    """The list integration with one more custom field, used in a header."""
    return {"custom_fields": [LIST["custom_fields"][0], LIST["custom_fields"][1], {**FIELD, **changes}], **USED}


ERRORS: list[tuple[str, dict[str, Any], str, str]] = [
    ("a name", {"display_name": " "}, "name-missing", "display_name"),
    ("a short name", {"display_name": "x" * 61}, "name-too-long", "display_name"),
    ("a mapping field",
     {"mapping_fields": [], "endpoints__add_users__item": '"x"', "endpoints__remove_users__item": '"x"'},
     "mapping-missing", "mapping_fields"),
    ("a required key", {"mapping_fields__0__required": False}, "key-optional", "mapping_fields.0.required"),
    ("a variable name", field(variable=""), "variable-missing", "custom_fields.2.variable"),
    ("a usable variable name", field(variable="my-note"), "variable-name", "custom_fields.2.variable"),
    ("an own variable name", field(variable="items"), "variable-predefined", "custom_fields.2.variable"),
    ("no own list id", field(variable="list_id"), "variable-predefined", "custom_fields.2.variable"),
    ("one declaration", field(variable="user_id"), "variable-twice", "mapping_fields.0.variable"),
    ("a label", field(display_name=""), "label-missing", "custom_fields.2.display_name"),
    ("options", field(field_type="single_select"), "options-missing", "custom_fields.2.options"),
    ("option labels", field(field_type="single_select", options=[{"label": "", "value": "a"}]), "option-label",
     "custom_fields.2.options"),
    ("option values", field(field_type="single_select", options=[{"label": "A", "value": ""}]), "option-value",
     "custom_fields.2.options"),
    ("different options", field(field_type="single_select", options=[{"label": "A", "value": "a"}] * 2),
     "option-twice", "custom_fields.2.options"),
    ("options of the type",
     field(field_type="button_group", value_type="number", options=[{"label": "A", "value": "a"}]), "option-type",
     "custom_fields.2.options"),
    ("a default among the options",
     field(field_type="button_group", default="b", options=[{"label": "A", "value": "a"}]), "default-unknown",
     "custom_fields.2.default"),
    ("a pattern", field(pattern="["), "pattern-invalid", "custom_fields.2.pattern"),
    ("a mapping's pattern", {"mapping_fields__0__pattern": "("}, "pattern-invalid", "mapping_fields.0.pattern"),
    ("a default that matches", field(pattern="[a-z]+", default="1"), "default-pattern", "custom_fields.2.default"),
    ("a default of the type", field(value_type="number", default="x"), "default-type", "custom_fields.2.default"),
    ("no secret in the document", field(secret=True, default="hunter2"), "secret-default", "custom_fields.2.default"),
    ("a secret as text", field(secret=True, value_type="number"), "secret-type", "custom_fields.2.value_type"),
    ("a header name", {"headers": [{"name": "", "value": "x"}]}, "header-name-missing", "headers.0.name"),
    ("a usable header name", {"headers": [{"name": "X Y:", "value": "x"}]}, "header-name", "headers.0.name"),
    ("no header of the transport", {"headers": [{"name": "Host", "value": "x"}]}, "header-reserved", "headers.0.name"),
    ("each header once", {"headers": [{"name": "X", "value": "1"}, {"name": "x", "value": "2"}]}, "header-twice",
     "headers.1.name"),
    ("a header on one line", {"headers": [{"name": "X", "value": "a\r\nb"}]}, "header.bad-header", "headers.0.value"),
    ("one Authorization", {"headers": [{"name": "authorization", "value": "x"}]}, "header-twice", "headers"),
    ("a name for the key's header", {"auth": {"method": "header", "name": "", "value": "$bearer_token"}},
     "header-name-missing", "auth.name"),
    ("a usable name for the key's header", {"auth": {"method": "header", "name": "a\nb", "value": "$bearer_token"}},
     "header-name", "auth.name"),
    ("an endpoint's own auth",
     {"endpoints__add_users__auth": {"method": "header", "name": "x b", "value": "$bearer_token"}}, "header-name",
     f"{ADD}.auth.name"),
    ("a known variable in auth", {"auth__token": "$bearer_token$nope"}, "auth.unknown-variable", "auth.token"),
    ("an endpoint", {"endpoints__add_users": None}, "endpoint-missing", ADD),
    ("a URL", {"endpoints__add_users__url": ""}, "url.url-missing", f"{ADD}.url"),
    ("a known variable", {"endpoints__add_users__payload": '{"a": $itmes, "b": $items}'}, "payload.unknown-variable",
     f"{ADD}.payload"),
    ("a JSON payload", {"endpoints__add_users__payload": '{"ids": $items,}'}, "payload.extra-comma", f"{ADD}.payload"),
    ("a JSON item", {"endpoints__add_users__item": "$user_id x"}, "item.text-after-end", f"{ADD}.item"),
    ("an item", {"endpoints__add_users__item": None}, "item-missing", f"{ADD}.item"),
    ("an item that is there", {"endpoints__add_users__item": " "}, "item.empty", f"{ADD}.item"),
    ("an item that names the user", {"endpoints__add_users__item": '"x"'}, "item-constant", f"{ADD}.item"),
    ("plain items to join",
     {"endpoints__add_users__payload": '"${items|join:,}"', "endpoints__add_users__item": '{"id": "$user_id"}'},
     "item.not-plain", f"{ADD}.item"),
    ("users in the payload", {"endpoints__add_users__payload": '{"n": 1}'}, "no-users", f"{ADD}.payload"),
    ("members in the item only", {"endpoints__add_users__payload": '{"u": "$user_id", "ids": $items}'},
     "payload.not-allowed-here", f"{ADD}.payload"),
    ("no member in list creation", {"endpoints__create_list__payload": '"$user_id"'}, "payload.not-allowed-here",
     f"{CREATE}.payload"),
    ("no list id before the list", {"endpoints__create_list__payload": '"$list_id"'}, "payload.not-allowed-here",
     f"{CREATE}.payload"),
    ("no batch id in an item", {"endpoints__add_users__item": '"$user_id$message_id"'}, "item.not-allowed-here",
     f"{ADD}.item"),
    ("a form of fields",
     {"endpoints__add_users__payload": "$items", "endpoints__add_users__content_type": FORM},
     "payload.not-a-form", f"{ADD}.payload"),
    ("a content type", {"endpoints__add_users__content_type": "json\r\nX: 1"}, "content-type", f"{ADD}.content_type"),
    ("a path to the list id", {"endpoints__create_list__list_id_path": " "}, "list-id-path-missing",
     f"{CREATE}.list_id_path"),
    ("a readable path", {"endpoints__create_list__list_id_path": "data..id"}, "list-id-path",
     f"{CREATE}.list_id_path"),
    ("more than a dollar", {"endpoints__create_list__list_id_path": "$"}, "list-id-path", f"{CREATE}.list_id_path"),
    ("a header's name", {"endpoints__create_list__list_id_path": "header: "}, "list-id-path",
     f"{CREATE}.list_id_path"),
    ("a header of a response",
     {"endpoints__create_list__list_id_path": "header:Location", "endpoints__create_list__list_id_source": "request"},
     "list-id-path", f"{CREATE}.list_id_path"),
    ("a readable condition", {"endpoints__add_users__success_when": "ok =="}, "success-when", f"{ADD}.success_when"),
    ("a readable rejected path", {"endpoints__add_users__rejected_path": "a["}, "rejected-path",
     f"{ADD}.rejected_path"),
    ("a status", {"endpoints__add_users__errors__0__status": 999}, "rule-status", f"{ADD}.errors.0.status"),
    ("a status class", {"endpoints__add_users__errors__0__status": "40x"}, "rule-status", f"{ADD}.errors.0.status"),
    ("each rule once",
     {"endpoints__add_users__errors": [{"status": 400, **RULE}, {"status": "400", **RULE}]},
     "rule-twice", f"{ADD}.errors.1"),
    ("a list to use", {"endpoints__create_list": None}, "list-id-unknown", CREATE),
    ("leavers told apart", {"endpoints__remove_users__url": LIST["endpoints"]["add_users"]["url"]},
     "leavers-look-like-joiners", "endpoints.remove_users"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "id", "place"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_a_document_needs(changes: dict[str, Any], id: str, place: str) -> None:
    errors = ids(LIST, "error", **changes)
    assert (id, place) in errors
    report = check(integration(LIST, **changes))
    finding = next(finding for finding in report.errors if finding.id == id)
    assert finding.where
    assert finding.message.endswith(".")
    assert finding in report.at(place)
    assert finding in report.at(place.partition(".")[0])
    assert finding.as_dict()["severity"] == "error"


WARNINGS: list[tuple[str, dict[str, Any], str, str]] = [
    ("no summary", {"summary": ""}, "summary-missing", "summary"),
    ("an unused field", {"custom_fields": [*LIST["custom_fields"], FIELD]}, "variable-unused", "custom_fields.2"),
    ("a name that is an alias", {**field(variable="cohort_id"), "headers": [{"name": "X", "value": "$cohort_id"}]},
     "variable-alias", "custom_fields.2.variable"),
    ("options of a text", field(options=[{"label": "A", "value": "a"}]), "options-unused", "custom_fields.2.options"),
    ("a content type as header", {"headers": [{"name": "Content-Type", "value": "x"}]}, "header-content-type",
     "headers.0.name"),
    ("credentials in the document", {"auth__token": "abc", "custom_fields": LIST["custom_fields"][1:]},
     "auth-constant", "auth"),
    ("an open connection", {"endpoints__add_users__url": "http://api.example.com/$list_id"}, "url-not-https",
     f"{ADD}.url"),
    ("a GET with a body", {"endpoints__add_users__method": "GET"}, "get-with-body", f"{ADD}.method"),
    ("an item nobody sends", {"endpoints__add_users__payload": '"$user_id$list_id"'}, "item-unused", f"{ADD}.item"),
    ("a rule without a reason", {"endpoints__add_users__errors__0__reason": ""}, "rule-reason",
     f"{ADD}.errors.0.reason"),
    ("a rule without advice", {"endpoints__add_users__errors__0__message": ""}, "rule-message",
     f"{ADD}.errors.0.message"),
    ("a list nobody uses",
     {"endpoints__add_users__url": "https://a.example/1", "endpoints__remove_users__url": "https://a.example/2"},
     "list-id-unused", CREATE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "id", "place"), [case[1:] for case in WARNINGS], ids=[case[0] for case in WARNINGS]
)
def test_a_partner_is_warned_of(changes: dict[str, Any], id: str, place: str) -> None:
    assert (id, place) in ids(LIST, "warning", **changes)
    document = changed(LIST, **changes)
    assert ids(document, "error") == []


def test_a_name_that_is_taken_is_an_error() -> None:
    report = check(integration(), name_taken=True)
    assert [finding.id for finding in report.errors] == ["name-taken"]


@pytest.mark.parametrize("url", ["http://localhost:1/$list_id", "http://127.0.0.1/$list_id", "http://[::1]:8/$list_id"])
def test_loopback_needs_no_encryption(url: str) -> None:
    assert ids(LIST, "warning", endpoints__add_users__url=url) == []


def test_a_property_that_leavers_get_like_joiners_is_an_error() -> None:
    changes = {"endpoints__update_users__item": '{"id": "$user_id", "in": true}'}
    assert ids(PROPERTY, "error", **changes) == [("leavers-look-like-joiners", "endpoints.update_users")]
    leavers = {**PROPERTY["endpoints"]["update_users"], "item": '{"id": "$user_id", "in": null}'}
    assert ids(PROPERTY, "error", **changes, endpoints__remove_users=leavers) == []


@pytest.mark.parametrize(
    "item", ['{"id": "$user_id", "op": "$operation"}', '{"id": "$user_id", "op": "${operation|upper}"}']
)
def test_the_operation_tells_leavers_apart_too(item: str) -> None:
    assert ids(PROPERTY, "error", endpoints__update_users__item=item) == []


def test_add_and_remove_may_differ_by_their_method_alone() -> None:
    url = LIST["endpoints"]["add_users"]["url"]
    assert ids(LIST, "error", endpoints__remove_users__url=url, endpoints__remove_users__method="DELETE") == []


def test_a_list_id_may_be_a_field_when_no_call_creates_the_list() -> None:
    fields = [*LIST["custom_fields"], {"variable": "list_id", "display_name": "List ID"}]
    assert ids(LIST, "error", endpoints__create_list=None, custom_fields=fields) == []


@pytest.mark.parametrize(
    "path", ["listId", "data.id", "$.data.lists[0].id", "header:Location", "HEADER:location", '"a-b".id']
)
def test_the_usual_paths_to_a_list_id_are_accepted(path: str) -> None:
    assert ids(LIST, "error", endpoints__create_list__list_id_path=path) == []


@pytest.mark.parametrize("status", [400, "4xx", "5XX", "429", 200])
def test_the_usual_statuses_are_accepted(status: int | str) -> None:
    assert ids(LIST, "error", endpoints__add_users__errors__0__status=status) == []


def test_a_shared_mistake_is_reported_once() -> None:
    assert ids(LIST, "error", headers=[{"name": "X", "value": "$nope"}]) == [
        ("header.unknown-variable", "headers.0.value")
    ]


def test_a_mistake_in_a_template_has_line_and_column() -> None:
    report = check(integration(LIST, endpoints__add_users__payload='{\n  "ids": "$items"\n}'))
    (finding,) = report.errors
    assert (finding.line, finding.column, finding.where) == (2, 11, "Add users › Payload")
    assert str(finding).startswith("Add users › Payload (line 2, column 11): ")


def test_all_findings_come_at_once_errors_first() -> None:
    report = check(integration(LIST, display_name="", summary="", endpoints__add_users__url="", mapping_fields=[]))
    severities = [finding.severity for finding in report.findings]
    assert severities == sorted(severities)
    assert {"name-missing", "url.url-missing", "mapping-missing"} <= {finding.id for finding in report.errors}


@pytest.mark.parametrize(
    ("form", "safe"),
    [
        ({"pattern": "[a-z]+-[0-9]+"}, True),
        ({"field_type": "single_select", "options": [{"label": "A", "value": "a.example"}]}, True),
        ({}, False),
        ({"pattern": "[a-z.]+"}, False),
        ({"pattern": "[a-z/]+"}, False),
        ({"pattern": "[a-z@]+"}, False),
        ({"pattern": "[a-z:]+"}, False),
    ],
)
def test_only_a_field_of_a_safe_form_may_stand_in_a_host(form: dict[str, Any], safe: bool) -> None:
    fields = [*LIST["custom_fields"], {**FIELD, **form}]
    found = ids(LIST, "error", custom_fields=fields, endpoints__add_users__url="https://$note.example.com/$list_id")
    assert found == ([] if safe else [("url.variable-in-host", f"{ADD}.url")])


def test_an_empty_document_says_what_is_missing() -> None:
    found = [finding.id for finding in check(integration({})).errors]
    assert found == ["name-missing", "mapping-missing", "endpoint-missing", "endpoint-missing"]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("!data.error", True),
        ("ok && !errors[0].code", True),
        ("!(data.error)", False),
        ("!error", False),
        ("a != b", False),
    ],
)
def test_a_negated_path_that_can_never_be_true_is_told(condition: str, told: bool) -> None:
    found = ids(LIST, "warning", endpoints__add_users__success_when=condition)

    assert (("success-when-negation", f"{ADD}.success_when") in found) == told


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ('{"people": [$items]}', True),
        ("[ ${items} ]", True),
        ('{"people": $items}', False),
        ('["${items|join:,}"]', False),
    ],
)
def test_brackets_around_the_items_are_told(payload: str, told: bool) -> None:
    found = ids(LIST, "warning", endpoints__add_users__payload=payload)

    assert (("payload.items-in-array", f"{ADD}.payload") in found) == told


def test_before_there_is_an_endpoint_no_field_counts_as_unused() -> None:
    assert ids(LIST, "warning", endpoints={}) == []
