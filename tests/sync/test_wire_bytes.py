"""The bytes of a batch, made of whole columns, are those that one would write member by member."""

from __future__ import annotations

import hashlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohort import Members
from core.request import BatchValues
from core.sync import Batch, batches
from tests.sync.partner import builder, document, frame

VALUES = BatchValues(list_id="L1", computed_time=7)
INTEGRATION = document(
    users__batch_size=3,
    users__payload='{"users": $items, "on": $in_cohort, "id": "$message_id"}',
    users__item='{"id": "$user", "mail": "${email|trim|lower}", "on": "$list_id", "h": "${user|sha256}"}',
    mapping_fields=[
        {"variable": "user", "display_name": "User ID"},
        {"variable": "email", "display_name": "Email", "required": False},
    ],
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(["", "A@B.c ", 'a"\\b', "a\nb"])


def by_hand(members: list[tuple[str, str]], number: int) -> bytes:
    items = []
    for user, email in members:
        mail = email.strip().lower()
        digest = hashlib.sha256(user.encode()).hexdigest()
        items.append({"id": user, **({"mail": mail} if mail else {}), "on": "L1", "h": digest})
    named = "\x1f".join(["c1", "7", "add_users", "add", str(number), *(user for user, _ in members)])
    body = {"users": items, "on": True, "id": hashlib.sha256(named.encode()).hexdigest()[:32]}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@given(st.lists(st.tuples(texts, texts), max_size=10))
@settings(max_examples=150)
def test_a_batch_has_the_bytes_of_its_members_one_by_one(members: list[tuple[str, str]]) -> None:
    built = builder(INTEGRATION)
    cohort = Members.of(frame([user for user, _ in members], [email for _, email in members]))
    found = batches(built, "add_users", "add", cohort, "user", VALUES)
    sent = [one.render(built, VALUES).wire.body for one in found if isinstance(one, Batch)]
    named = [(user, email) for user, email in members if user]
    parts = [named[at : at + 3] for at in range(0, len(named), 3)]
    assert sent == [by_hand(part, number) for number, part in enumerate(parts)]
