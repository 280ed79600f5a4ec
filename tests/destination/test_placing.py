"""A document made for a JMESPath expression is one in which jmespath itself finds what was asked for."""

from __future__ import annotations

from typing import Any

import jmespath
import pytest

from core.destination.placing import CannotPlace, place, place_all, satisfy


@pytest.mark.parametrize(
    ("expression", "document"),
    [
        ("listId", {"listId": "L1"}),
        ("data.lists[0].id", {"data": {"lists": [{"id": "L1"}]}}),
        ("lists[2]", {"lists": [None, None, "L1"]}),
        ("lists[-1].id", {"lists": [{"id": "L1"}]}),
        ("[0].id", [{"id": "L1"}]),
        ("@", "L1"),
        ('"a-b"."c d"', {"a-b": {"c d": "L1"}}),
        ("data | id", {"data": {"id": "L1"}}),
        ("lists[?kind=='static'].id | [0]", {"lists": [{"kind": "static", "id": "L1"}]}),
        ("lists[*].id | [0]", {"lists": [{"id": "L1"}]}),
    ],
)
def test_a_value_is_found_where_it_was_placed(expression: str, document: Any) -> None:
    assert place(expression, {}, "L1") == document
    assert jmespath.search(expression, document) == "L1"


@pytest.mark.parametrize("expression", ["errors[].id", "a.b[*].c.d", "a[?x && n > `3`].id", "rejected", "errors[]"])
def test_many_values(expression: str) -> None:
    assert jmespath.search(expression, place_all(expression, {}, ["a", 2])) == ["a", 2]


@pytest.mark.parametrize(
    "expression",
    [
        "ok", "!error", "!(ok.deep)", "status == 'success'", "'success' == status", "code == `0`", "status != 'failed'",
        "ok && !errors", "status == 'a' || status == 'b'", "!(errors && failed)", "!(a || b)", "code < `5`",
        "`5` < code", "code >= `1.5`", "length(errors) == `0`", "length(items) > `2`", "contains(flags, 'done')",
        "data[0].ok",
        "errors == null", "errors == `[]`", "!(code == `1`)", "results[?ok].id",
        "a.ok && a.code == `200` && !(a.error)",
    ],
)  # fmt: skip
def test_a_condition_is_made_true(expression: str) -> None:
    assert jmespath.search(expression, satisfy(expression, {}))


def test_what_is_there_already_stays() -> None:
    assert place("data.id", satisfy("data.ok && status=='x'", {"kept": 1}), 7) == {
        "kept": 1, "data": {"ok": True, "id": 7}, "status": "x",
    }  # fmt: skip


@pytest.mark.parametrize("expression", ["max_by(a, &b)", "avg(a)", "a[1:2]", "a[9999]", "a ==", "a < 'x'", "keys(@)"])
def test_what_cannot_be_derived_is_said(expression: str) -> None:
    with pytest.raises(CannotPlace):
        satisfy(f"{expression} == 'x'" if " " not in expression else expression, {})
