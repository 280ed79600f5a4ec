"""Filters: each by its definition, chains from left to right, and an empty result counting as no value."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.template import FILTERS, WITH_ARGUMENT, ValueFault, compile_json, slug
from tests.template.template_names import NAMES, any_text, some_text


def filtered(chain: str, value: str | None) -> str:
    return compile_json(f"${{note|{chain}}}", NAMES).render({"note": value})


@pytest.mark.parametrize(
    ("chain", "value", "result"),
    [
        ("trim", "  a b\n", '"a b"'),
        ("lower", "ÀB", '"àb"'),
        ("upper", "straße", '"STRASSE"'),
        ("slug", "Saturday's cohort & héllo", '"Saturday-s-cohort-he-llo"'),
        ("email", " Ann@Example.COM ", '"ann@example.com"'),
        ("digits", "+1 (555) 010-42", '"155501042"'),
        ("digits", "٣٤", '"34"'),
        ("md5", "a", f'"{hashlib.md5(b"a").hexdigest()}"'),  # noqa: S324 - the filter under test
        ("sha1", "a", f'"{hashlib.sha1(b"a").hexdigest()}"'),  # noqa: S324 - the filter under test
        ("sha256", "é", f'"{hashlib.sha256("é".encode()).hexdigest()}"'),
        ("base64", "é", f'"{base64.b64encode("é".encode()).decode()}"'),
        ("number", "0012", "12"),
        ("boolean", "Y", "true"),
        ("number|string", "12", '"12"'),
        ("iso8601", "1700000000", '"2023-11-14T22:13:20Z"'),
        ("millis", "1700000000", "1700000000000"),
        ("millis|string", "1700000000.5", '"1700000000500"'),
        ("trim|lower|sha256", " A ", f'"{hashlib.sha256(b"a").hexdigest()}"'),
        ("lower|upper", "a", '"A"'),
        ("upper|lower", "A", '"a"'),
        ("digits|number", "no. 007", "7"),
    ],
)
def test_a_filter_does_what_its_name_says(chain: str, value: str, result: str) -> None:
    assert filtered(chain, value) == result


@pytest.mark.parametrize(
    "chain", ["trim", "trim|lower", "email", "trim|sha256", "digits", "digits|number", "digits|md5"]
)
def test_a_value_that_is_empty_after_a_filter_is_no_value(chain: str) -> None:
    assert filtered(chain, "  ") == "null"
    with pytest.raises(ValueFault, match="has no value after"):
        compile_json(f"${{name|{chain}}}", NAMES).render({"name": "  "})


@pytest.mark.parametrize(
    ("chain", "value", "result"),
    [
        ("default:none", None, '"none"'),
        ("default:none", "a", '"a"'),
        ("trim|default:none", "  ", '"none"'),
        ("default: x|trim", None, '"x"'),
        ("default:A|lower", None, '"a"'),
        ("number|default:0", None, "0"),
        ("boolean|default:no", None, "false"),
        ("default:", None, '""'),
        ("default:a:b", None, '"a:b"'),
        ("default:1|number", None, "1"),
    ],
)
def test_a_default_stands_in_where_there_is_no_value(chain: str, value: str | None, result: str) -> None:
    assert filtered(chain, value) == result


def test_a_default_makes_a_required_value_optional() -> None:
    assert compile_json('["${name|default:x}"]', NAMES).render({}) == '["x"]'


NO_TIMES = ("-1", "-1e99", "99999999999999999999", "1e999999999")


@pytest.mark.parametrize(
    ("chain", "value"),
    [(chain, value) for chain in ("number", "boolean", "iso8601", "millis") for value in ("x", "1e400x", "٣")]
    + [(chain, value) for chain in ("boolean", "iso8601", "millis") for value in NO_TIMES],
)
def test_a_value_that_a_filter_cannot_read_is_a_fault_for_one_and_for_many(chain: str, value: str) -> None:
    with pytest.raises(ValueFault, match="note: "):
        filtered(chain, value)
    members = compile_json(f'{{"a": ${{email|{chain}}}}}', NAMES).render_members({"email": [value, ""]}, {}, 2)
    assert members.texts == [None, "{}"]
    assert value[:39] in members.faults[0]


@given(any_text)
def test_every_filter_takes_any_text_or_says_that_it_cannot(value: str) -> None:
    for name, step in FILTERS.items():
        try:
            filtered(name, value)
        except ValueFault:
            assert step.may_refuse


@given(some_text)
def test_a_slug_is_short_and_plain(value: str) -> None:
    assert len(slug(value)) <= 100
    assert all(char.isascii() and (char.isalnum() or char in "_-") for char in slug(value))
    assert "--" not in slug(value.replace("-", ""))


@given(
    st.lists(st.sampled_from([name for name, step in FILTERS.items() if not step.may_refuse]), min_size=1), some_text
)
def test_a_chain_is_its_filters_one_after_the_other(chain: list[str], value: str) -> None:
    text: str | None = value
    for name in chain:
        text = FILTERS[name].apply(text) or None if text else None
    rendered = compile_json(f"[${{note|{'|'.join(chain)}}}]", NAMES).render({"note": value})
    assert rendered == compile_json("[$note]", NAMES).render({"note": text})


def test_every_filter_is_explained() -> None:
    assert all(step.summary for step in FILTERS.values())
    assert set(WITH_ARGUMENT) == {"default", "join", "query"}
