"""Members divided into requests: how many go in one, how large it may be, who is left out and why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohort import Members
from core.integration import Integration
from core.request import BatchValues, Cohort
from core.sync import Batch, Skipped, batches
from core.template import ValueFault
from tests.sync.partner import BASE, LIST, PER_USER, builder, document, frame, users

VALUES = BatchValues(list_id="L1", computed_time=1)
VALUES_WITH_ID = BatchValues(list_id="L1", computed_time=1, message_id="0" * 32)
BOTH_REQUIRED = [
    {"variable": "user", "display_name": "User ID"},
    {"variable": "email", "display_name": "Email"},
]


def divide(
    integration: Integration, keys: list[str], emails: list[str] | None = None, name: Any = "add_users"
) -> tuple[list[Batch], list[Skipped], list[bytes]]:
    built = builder(integration)
    found = list(batches(built, name, "add", Members.of(frame(keys, emails)), "user", VALUES))
    sent = [one for one in found if isinstance(one, Batch)]
    bodies = [batch.render(built, VALUES).wire.body or b"" for batch in sent]
    return sent, [one for one in found if isinstance(one, Skipped)], bodies


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [(0, 3, []), (1, 3, [1]), (3, 3, [3]), (4, 3, [3, 1]), (9, 3, [3, 3, 3]), (3, 1, [1, 1, 1])],
)
def test_a_batch_holds_at_most_batch_size_members_and_none_is_empty(count: int, size: int, expected: list[int]) -> None:
    sent, skipped, _ = divide(document(users__batch_size=size), users(count))
    assert [len(batch.keys) for batch in sent] == expected
    assert [key for batch in sent for key in batch.keys] == users(count)
    assert skipped == []


def test_a_single_member_is_still_an_array() -> None:
    _, _, bodies = divide(document(), ["u1"])
    assert json.loads(bodies[0])["ids"] == ["u1"]


def test_a_member_without_a_required_value_is_skipped_with_the_reason() -> None:
    integration = document(add_users__item='"$email"', mapping_fields=BOTH_REQUIRED)
    sent, skipped, _ = divide(integration, ["u1", "u2"], ["", "a@example.com"])
    assert [batch.keys for batch in sent] == [("u2",)]
    assert [(one.key, one.operation) for one in skipped] == [("u1", "add")]
    assert "email" in skipped[0].reason


def test_members_who_are_all_skipped_make_no_batch() -> None:
    integration = document(add_users__item='{"n": ${user|number}}')
    sent, skipped, _ = divide(integration, users(3))
    assert sent == []
    assert [one.key for one in skipped] == users(3)


AWKWARD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
PAYLOADS = st.sampled_from(
    [
        {"payload": '{"ids": $items, "message": "$message_id"}'},
        {"payload": "$items"},
        {"payload": '{"ids": "${items|join:, and then }"}'},
        {"payload": '{"one": $items, "two": $items}'},
        {"payload": '{"ids": $items}', "content_type": "application/x-www-form-urlencoded"},
        {"payload": '{"ids": "${items|join:,|base64}"}'},
    ]
)


@given(
    keys=st.lists(AWKWARD, unique=True, max_size=12),
    payload=PAYLOADS,
    max_bytes=st.integers(1, 200),
    batch_size=st.integers(1, 6),
)
@settings(max_examples=150)
def test_no_body_is_larger_than_allowed_and_nobody_is_lost(
    keys: list[str], payload: dict[str, str], max_bytes: int, batch_size: int
) -> None:
    changes = {f"add_users__{name}": value for name, value in payload.items()}
    integration = document(**changes, add_users__max_bytes=max_bytes, add_users__batch_size=batch_size)
    sent, skipped, bodies = divide(integration, keys)
    assert all(len(body) <= max_bytes for body in bodies)
    assert all(0 < len(batch.keys) <= batch_size for batch in sent)
    assert sorted([key for batch in sent for key in batch.keys] + [one.key for one in skipped]) == sorted(keys)
    for one in skipped:
        _, alone, _ = divide(integration, [one.key])
        assert [member.key for member in alone] == [one.key], "skipped, but alone it fits"


@given(keys=st.lists(AWKWARD, unique=True, max_size=12), max_bytes=st.integers(60, 200))
@settings(max_examples=100)
def test_a_batch_is_as_full_as_the_largest_body_allows(keys: list[str], max_bytes: int) -> None:
    integration = document(add_users__max_bytes=max_bytes)
    built = builder(integration)
    sent, _, bodies = divide(integration, keys)
    for batch, body, following in zip(sent, bodies, sent[1:], strict=False):
        assert batch.items is not None
        assert following.items is not None
        more = built.request("add_users", VALUES_WITH_ID, items=[*batch.items, following.items[0]]).wire.body or b""
        assert len(body) <= max_bytes < len(more)


def test_one_member_too_large_is_skipped_and_the_others_go() -> None:
    sent, skipped, _ = divide(document(add_users__max_bytes=100), ["a", "b" * 100, "c"])
    assert [batch.keys for batch in sent] == [("a", "c")]
    assert [(one.key, one.reason) for one in skipped] == [
        ("b" * 100, "one user alone exceeds the largest body of 100 bytes")
    ]


def test_an_endpoint_without_items_is_called_once_a_member() -> None:
    sent, _, bodies = divide(document(PER_USER), ["u/1", "u2"], ["a@example.com", ""], "update_users")
    assert [batch.keys for batch in sent] == [("u/1",), ("u2",)]
    assert [json.loads(body) for body in bodies] == [{"member": True, "email": "a@example.com"}, {"member": True}]
    request = sent[0].render(builder(document(PER_USER)), VALUES)
    assert (request.wire.url, request.members) == (f"{BASE}/users/u%2F1", 1)


def test_a_call_per_member_keeps_to_the_largest_body_too() -> None:
    integration = document(PER_USER, update_users__max_bytes=60)
    sent, skipped, _ = divide(integration, ["u1", "u2"], ["a@example.com", "a" * 60], "update_users")
    assert [batch.keys for batch in sent] == [("u1",)]
    assert [one.key for one in skipped] == ["u2"]


def test_a_call_per_member_skips_who_has_no_value() -> None:
    integration = document(PER_USER, update_users__url=f"{BASE}/mail/$email", mapping_fields=BOTH_REQUIRED)
    sent, skipped, _ = divide(integration, ["u1", "u2"], ["", "a@example.com"], "update_users")
    assert [batch.keys for batch in sent] == [("u2",)]
    assert [one.key for one in skipped] == ["u1"]


def test_a_missing_value_that_is_not_a_members_skips_nobody() -> None:
    integration = document(PER_USER, update_users__payload='{"in": "$amp_cohort_id"}')
    built = builder(integration, cohort=Cohort())
    with pytest.raises(ValueFault, match="amp_cohort_id"):
        list(batches(built, "update_users", "add", Members.of(frame(["u1"])), "user", VALUES))


def test_a_mapped_column_that_the_members_lack_counts_as_empty() -> None:
    integration = document(add_users__item='{"id": "$user", "mail": "$email"}')
    built = builder(integration, mappings={"user": "user", "email": "mail_address"})
    (batch,) = batches(built, "add_users", "add", Members.of(frame(["u1"])[["user"]]), "user", VALUES)
    assert isinstance(batch, Batch)
    assert [json.loads(item) for item in batch.items or ()] == [{"id": "u1"}]


def test_more_members_than_are_rendered_at_once_keep_their_order() -> None:
    keys = users(50_003)
    sent, _, _ = divide(document(add_users__batch_size=50_001), keys)
    assert [len(batch.keys) for batch in sent] == [50_001, 2]
    assert [key for batch in sent for key in batch.keys] == keys


def test_halves_of_a_batch_hold_all_of_it_and_have_ids_of_their_own() -> None:
    built = builder(document(LIST))
    (batch,) = batches(built, "add_users", "add", Members.of(frame(users(5))), "user", VALUES)
    assert isinstance(batch, Batch)
    one, two = batch.halves()
    assert [*one.keys, *two.keys] == batch.keys
    assert [*(one.items or ()), *(two.items or ())] == batch.items
    ids = {part.message_id(built, VALUES) for part in (batch, one, two, *one.halves())}
    assert len(ids) == 5


def test_the_message_id_is_stable_and_tells_batches_operations_and_runs_apart() -> None:
    built = builder(document())

    def ids(operation: str, time: int, keys: list[str]) -> list[str]:
        found = batches(built, "add_users", operation, Members.of(frame(keys)), "user", VALUES)
        values = BatchValues(list_id="L1", computed_time=time)
        return [batch.message_id(built, values) for batch in found if isinstance(batch, Batch)]

    same = ids("add", 1, users(3))
    assert same == ids("add", 1, users(3))
    assert len({*same, *ids("remove", 1, users(3)), *ids("add", 2, users(3)), *ids("add", 1, users(3, 1))}) == 4
    assert all(len(one) == 32 for one in same)
