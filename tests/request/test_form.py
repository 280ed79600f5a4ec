"""Form bodies: the payload's top-level object as fields, read back exactly by a form parser."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.request.form import NotAnObject, form_body
from tests.template.template_names import any_text


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        ("{}", ""),
        ('{"a": "b"}', "a=b"),
        ('{"a": "x y&z=1+2%"}', "a=x+y%26z%3D1%2B2%25"),
        ('{"a": "é🎉"}', "a=%C3%A9%F0%9F%8E%89"),
        ('{"n": 12345678901234567890, "m": 1.10, "e": 1e5}', "n=12345678901234567890&m=1.10&e=1e5"),
        ('{"t": true, "f": false, "z": null}', "t=true&f=false&z="),
        ('{"ids[]": ["a", 1, true]}', "ids%5B%5D=a&ids%5B%5D=1&ids%5B%5D=true"),
        ('{"ids": []}', ""),
        ('{"a": 1, "a": 2}', "a=1&a=2"),
        ('{"o": {"id": 7, "x": [1.10, "7", null]}}', "o=%7B%22id%22%3A7%2C%22x%22%3A%5B1.10%2C%227%22%2Cnull%5D%7D"),
        ('{"o": {}}', "o=%7B%7D"),
        ('{"l": [[1], {"a": 1, "a": 2}]}', "l=%5B1%5D&l=%7B%22a%22%3A1%2C%22a%22%3A2%7D"),
    ],
)
def test_a_payload_becomes_fields(payload: str, body: str) -> None:
    assert form_body(payload) == body


@pytest.mark.parametrize("payload", ["[]", "[[1, 2]]", "1", '"a"', "null", "true"])
def test_only_an_object_can_be_a_form(payload: str) -> None:
    with pytest.raises(NotAnObject):
        form_body(payload)


@given(st.dictionaries(any_text, any_text))
def test_any_text_comes_back_from_a_form(fields: dict[str, str]) -> None:
    body = form_body(json.dumps(fields, ensure_ascii=False))
    assert body.isascii()
    assert parse_qsl(body, keep_blank_values=True, errors="surrogatepass") == list(fields.items())


@given(st.recursive(st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_deeper_values_are_json(value: Any) -> None:
    ((_, text),) = parse_qsl(form_body(json.dumps({"v": {"inner": value}})), keep_blank_values=True)
    assert json.loads(text) == {"inner": value}
