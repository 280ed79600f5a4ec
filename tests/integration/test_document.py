"""Documents: what is read comes back; every fault is named in the words of the page, all at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import DocumentError
from core.integration import Integration, compile_endpoint, dump_integration, json_schema, load_integration, title_of
from tests.integration.documents import LIST, PROPERTY, changed, integration


@pytest.mark.parametrize("document", [{}, LIST, PROPERTY], ids=["empty", "list", "property"])
def test_a_document_that_is_written_and_read_is_the_same(document: dict[str, Any]) -> None:
    first = load_integration(json.dumps(document))
    text = dump_integration(first)
    assert load_integration(text) == first
    assert load_integration(text.encode()) == first
    assert load_integration("\ufeff" + text) == first
    assert load_integration(b"\xef\xbb\xbf" + text.encode()) == first
    assert text.endswith("}\n")


def test_text_is_kept_as_it_is() -> None:
    payload = '{"a": "é\\u00e9$$ 🎉"}\n\t'
    assert load_integration(dump_integration(integration(endpoints__add_users__payload=payload))) == integration(
        endpoints__add_users__payload=payload
    )


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "is not JSON: expecting value at line 1, column 1."),
        ('{"a": 1,\n "b" 2}', "is not JSON: expecting ':' delimiter at line 2, column 6."),
        ("[]", "must be a JSON object."),
        ("null", "must be a JSON object."),
        (b"\xff\xfe", "is not UTF-8 (byte 0)."),
        (b'{"a": "\xe9"}', "is not UTF-8 (byte 7)."),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "a number too long"),
        ('{"delivery": {"timeout_seconds": NaN}}', "it has no NaN."),
        ('{"delivery": {"timeout_seconds": Infinity}}', "it has no Infinity."),
        ('{"summary": "\\ud800"}', "has half a character (a lone surrogate) in a text."),
        ('{"summary": "a", "summary": "b"}', 'has the key "summary" twice'),
    ],
)
def test_a_file_that_is_no_document_is_refused_in_one_line(source: str | bytes, sentence: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load_integration(source, name="acme.json")
    line = str(caught.value)
    assert line.startswith("acme.json: ")
    assert sentence in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("changes", "where", "sentence"),
    [
        ({"colour": "red"}, "colour", "is not a field that exists here"),
        ({"type": "graph"}, "Integration type", "must be one of 'list' or 'property', not \"graph\""),
        ({"schema_version": 2}, "Schema version", "must be one of 1, not 2"),
        ({"summary": 5}, "Summary", "must be a text"),
        ({"auth": {"method": "oauth"}}, "Authentication", "method must be none, basic, header or bearer"),
        ({"auth": {}}, "Authentication", 'needs a "method": none, basic, header or bearer'),
        ({"auth": {"method": "bearer", "tokn": ""}}, "Authentication › tokn", "is not a field that exists here"),
        ({"custom_fields": {}}, "Custom field", "must be a list"),
        ({"custom_fields": [{"variable": "a"}]}, "Custom field 1 › Display name", "is missing"),
        (
            {"custom_fields": [{"variable": "a", "display_name": "A", "options": [{"label": "x"}]}]},
            "Custom field 1 › Option 1 › Value",
            "is missing",
        ),
        ({"mapping_fields__0__required": "perhaps"}, "Mapping field 1 › Required", "must be true or false"),
        ({"endpoints__add_users__method": "HEAD"}, "Add users › Method", "must be one of"),
        ({"endpoints__add_users__batch_size": 0}, "Add users › Batch size", "must be at least 1, not 0"),
        (
            {"endpoints__add_users__batch_size": 100_001},
            "Add users › Batch size",
            "must be at most 100,000, not 100001",
        ),
        ({"endpoints__add_users__batch_size": 1.5}, "Add users › Batch size", "must be a whole number"),
        ({"endpoints__add_users": []}, "Add users", "must be a JSON object"),
        ({"endpoints__add_users__errors__0__body": []}, "Add users › Error rule 1 › Body", "must be a JSON object"),
        (
            {"endpoints__add_users__errors__0__status": 4.5},
            "Add users › Error rule 1 › Status",
            "must be a whole number or must be a text",
        ),
        ({"delivery": {"concurrency": 65}}, "Delivery › Concurrency", "must be at most 64, not 65"),
        (
            {"delivery": {"rate_limit": {"requests": 1, "per_seconds": 0}}},
            "Delivery › Rate limit › Per seconds",
            "must be more than 0, not 0",
        ),
    ],
)
def test_a_fault_is_named_by_the_fields_name_on_the_page(changes: dict[str, Any], where: str, sentence: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load_integration(json.dumps(changed(LIST, **changes)))
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0][0] == where
    assert sentence in caught.value.problems[0][1]
    assert where in str(caught.value)


def test_all_faults_come_back_at_once() -> None:
    with pytest.raises(DocumentError, match=r"\(and 2 more\)") as caught:
        load_integration('{"type": "x", "category": "y", "colour": 1}')
    assert {where for where, _ in caught.value.problems} == {"Integration type", "Category", "colour"}


def test_a_place_is_told_in_the_words_of_the_page() -> None:
    assert title_of(("custom_fields", 1, "options")) == "Custom field 2 › Option"
    assert title_of(("endpoints", "add_users", "url")) == "Add users › URL"


def test_the_schema_describes_the_document() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == set(Integration.model_fields)
    json.dumps(schema)


def test_an_endpoint_with_mistakes_does_not_compile_and_names_them_all() -> None:
    broken = integration(
        headers=[{"name": "X Y", "value": "$nope"}],
        endpoints__add_users__payload='{"ids": "$items"}',
        endpoints__add_users__content_type="json",
        endpoints__add_users__item=None,
    )
    with pytest.raises(DocumentError, match="and 4 more") as caught:
        compile_endpoint(broken, "add_users")
    assert [where for where, _ in caught.value.problems] == [
        "Add users › Header X Y",
        "Add users › Payload",
        "Add users › Header 'X Y'",
        "Add users › Content type",
        "Add users › Item",
    ]


def test_an_endpoint_that_is_not_there_does_not_compile() -> None:
    with pytest.raises(DocumentError, match="Update users: The endpoint is not configured"):
        compile_endpoint(integration(), "update_users")
