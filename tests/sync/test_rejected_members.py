"""Members that an answer with a 2xx status refused all the same."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from core.sync.answer import Answer, read_rejected
from tests.sync.partner import Destination, change, document, sync

SOME = "Rejected by the destination"
KEYS = ["u1", "u2", "U3", "7"]
ITEMS = [
    json.dumps({"id": key, "email": f"{key}@Example.com", "plan": "gold", "n": number})
    for number, key in enumerate(KEYS)
]


def rejected(body: Any, path: str = "failed", keys: list[str] = KEYS, items: list[str] | None = None) -> dict[str, str]:
    return dict(read_rejected(path, Answer(200, (), json.dumps(body)), keys, items))


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (["u1", "U3"], {"u1": SOME, "U3": SOME}),
        ("u2", {"u2": SOME}),
        ([7], {"7": SOME}),
        (7, {"7": SOME}),
        ([["u1"], [["u2"]]], {"u1": SOME, "u2": SOME}),
        (["u3", "U1"], {"U3": SOME, "u1": SOME}),
        ([{"id": "u1", "reason": "too young"}], {"u1": "too young"}),
        ([{"user": {"id": "u1"}, "error": "bad"}], {"u1": "bad"}),
        ([{"user": {"id": "u1", "message": "inner"}, "error": "outer"}], {"u1": "inner"}),
        ([{"ids": ["u1", "u2"], "error": "bad"}], {"u1": "bad", "u2": "bad"}),
        ([{"code": 7, "id": "u1"}], {"u1": "7"}),
        ([{"index": 7, "id": "u1"}], {"u1": SOME}),
        ([{"n": 7, "userId": "u1"}], {"u1": SOME}),
        ({"id": "u1", "reason": "bad"}, {"u1": "bad"}),
        ({"u1": "bad", "u2": "worse"}, {"u1": "bad", "u2": "worse"}),
        ({"u1": {"message": "bad"}}, {"u1": "bad"}),
        ({"u1": ["bad", "worse"]}, {"u1": SOME}),
        ({"invalid": ["u1"], "known": ["u2"]}, {"u1": SOME, "u2": SOME}),
        (["u1", "u1"], {"u1": SOME}),
        ([], {}),
        ({}, {}),
        (None, {}),
        (False, {}),
        (True, {}),
        (0, {}),
        (3, {}),
        ("", {}),
        ({"count": 0, "ids": []}, {}),
    ],
)
def test_whatever_form_the_refusals_have_the_members_are_found(entries: Any, expected: dict[str, str]) -> None:
    assert rejected({"failed": entries}) == expected


@pytest.mark.parametrize(
    ("entries", "names"),
    [
        (["u9", "u1"], ["u9", "u1"]),
        ("u9", ["u9"]),
        ([{"id": "u9", "message": "x"}], ["u9"]),
        ([{"field": "email", "message": "x"}], ["email"]),
        ([{"message": "x"}], ['{"message": "x"}']),
        ({"invalid": ["u9"]}, ["u9"]),
        ([{"id": "u1", "details": ["no such mail"]}], ["u1"]),
    ],
)
def test_a_refusal_that_fits_nobody_is_told_all_the_same(entries: Any, names: list[str]) -> None:
    found = rejected({"failed": entries})
    assert list(found) == names
    assert all("not among the users sent" in found[name] for name in names if name not in KEYS)


def test_a_member_is_known_by_any_text_that_only_its_item_holds() -> None:
    assert rejected({"failed": ["u2@example.com"]}, items=ITEMS) == {"u2": SOME}
    assert rejected({"failed": [{"email": "u1@Example.com", "plan": "gold"}]}, items=ITEMS) == {"u1": SOME}


def test_a_text_that_all_items_share_points_at_nobody() -> None:
    found = rejected({"failed": [{"plan": "gold", "email": "u2@Example.com"}, "gold"]}, items=ITEMS)
    assert set(found) == {"u2", "gold"}


def test_a_key_is_its_members_even_when_another_item_holds_the_same_text() -> None:
    items = ['{"id": "u1", "friend": "u2"}', '{"id": "u2", "friend": "u1"}']
    assert rejected({"failed": ["u1"]}, keys=["u1", "u2"], items=items) == {"u1": SOME}


@pytest.mark.parametrize("body", ["", "<html>", '"u1"', "[]", "null"])
def test_a_body_without_the_path_refuses_nobody(body: str) -> None:
    assert read_rejected("failed", Answer(200, (), body), KEYS, None) == ()


def test_refused_members_are_counted_and_not_acknowledged() -> None:
    answer = {"errors": [{"id": "u1", "reason": "No consent"}, {"id": "u4", "reason": "No consent"}]}
    destination = Destination(
        lambda request, _: httpx.Response(200, json=answer) if "add" in str(request.url) else None
    )
    run = sync(destination, change(["u1", "u2", "u3", "u4"]), document(add_users__rejected_path="errors"))
    assert (run.outcome, run.added, run.rejected) == ("partly", 2, 2)
    assert run.added_keys == ["u2", "u3"]
    assert run.rejected_members == [("u1", "No consent"), ("u4", "No consent")]
    assert [(error.reason, error.members, error.status) for error in run.errors] == [("No consent", 2, 200)]


def test_a_run_in_which_somebody_unknown_was_refused_did_not_succeed() -> None:
    destination = Destination(lambda *_: httpx.Response(200, json={"listId": "L1", "errors": ["hash-of-u1"]}))
    run = sync(destination, change(["u1"]), document(add_users__rejected_path="errors"))
    assert (run.outcome, run.rejected) == ("partly", 1)
    assert run.errors[0].reason.endswith("not among the users sent")


def test_a_reason_of_its_own_for_every_member_does_not_make_endless_errors() -> None:
    keys = [f"u{number}" for number in range(3_000)]
    answer = {"errors": [{"id": key, "reason": f"{key} is unknown"} for key in keys]}
    destination = Destination(
        lambda request, _: httpx.Response(200, json=answer) if "add" in str(request.url) else None
    )
    run = sync(destination, change(keys), document(add_users__rejected_path="errors"))
    assert run.rejected == 3_000
    assert len(run.errors) <= 101
    assert sum(error.members for error in run.errors) == 3_000
    assert len(run.rejected_members) == 1_000
