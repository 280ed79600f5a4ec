"""By what a sandbox knows a user, when calls name users differently."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.destination import DirectTransport, Sandbox, prove, sandboxed
from core.destination.endpoint_shape import identity_variable
from core.integration import Integration
from core.request import Cohort, Connection, RequestBuilder
from core.sync import Change, RetrySchedule, run_sync

BASE = "https://api.example.com/segments"
DOCUMENT: dict[str, Any] = {
    "mapping_fields": [
        {"variable": "user_id", "display_name": "User"},
        {"variable": "email", "display_name": "Email", "required": False},
    ],
    "endpoints": {
        "create_list": {"url": BASE, "payload": '{"title": "$amp_cohort_name"}', "list_id_path": "segment.uid"},
        "add_users": {
            "url": f"{BASE}/$list_id/people",
            "payload": '{"people": $items}',
            "item": '{"ref": "$user_id", "email": "$email"}',
        },
        "remove_users": {"method": "DELETE", "url": f"{BASE}/$list_id/people?email=$email", "payload": None},
    },
}
CONNECTION = Connection(mappings={"user_id": "id", "email": "mail"}, cohort=Cohort(id="c1", name="Power users"))


def frame(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["id", "mail"], dtype="str")


def test_a_user_added_by_id_and_address_is_removed_by_the_address_alone() -> None:
    integration = Integration.model_validate(DOCUMENT)
    assert identity_variable(integration) == "email"
    sandbox = Sandbox(integration, CONNECTION)
    builder = RequestBuilder(sandboxed(integration, "http://sandbox.test"), CONNECTION, columns=["id", "mail"])

    def send(change: Change, list_id: str | int | None) -> Any:
        return run_sync(
            builder, change, list_id=list_id, schedule=RetrySchedule(()), transport=DirectTransport(sandbox)
        )

    first = send(Change(frame(("1", "a@b.c"), ("2", "b@b.c"), ("3", "")), frame(), "id"), None)
    second = send(Change(frame(), frame(("1", "a@b.c"), ("3", "")), "id", unchanged=1), first.list_id)

    assert (second.outcome, second.removed, second.skipped) == ("succeeded", 1, 1)
    assert "names the user" in second.skipped_members[0].reason
    assert sandbox.counts.not_there == 0
    members = Change(frame(("2", "b@b.c")), frame(), "id")
    proof = prove(sandbox, first.list_id, integration, CONNECTION, members)
    assert not proof.equal, "the user without an address could not be removed"
    assert proof.extra == ('{"ref":"3"}',)


def test_where_calls_share_nothing_the_first_mapping_field_counts() -> None:
    endpoints = {**DOCUMENT["endpoints"]}
    endpoints["add_users"] = {**endpoints["add_users"], "item": '"$user_id"'}
    assert identity_variable(Integration.model_validate({**DOCUMENT, "endpoints": endpoints})) == "user_id"
