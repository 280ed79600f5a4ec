"""What counts as tested: accepted requests of this very shape, at the partner's address or in the sandbox."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import pandas as pd
import pytest

from core.integration import Integration
from core.portal.review import evidence_for, fingerprint
from core.portal.review.review_runs import release_under_test, start_review_run
from core.portal.test_runs import Runner, RunOrder, Step
from core.portal.trials import SINGLE, TRIALS_KEPT
from core.request import BatchValues, Connection, RequestBuilder
from core.sync import Change, RetrySchedule, Trial, try_endpoint
from tests.portal.review.world import ACCOUNT, DOCUMENT, World


def states(world: World, made: str) -> dict[str, str]:
    document = world.store.get("acme", made).document
    return {name: one.state for name, one in evidence_for(world.store, "acme", made, document).endpoints.items()}


def fresh(world: World) -> str:
    return world.store.create_integration("acme", copy.deepcopy(DOCUMENT)).id


def record(world: World, made: str, state: str = "succeeded", **summary: Any) -> None:
    whole = {"fingerprint": fingerprint(DOCUMENT), "target": "own", "list_id": "L1", "endpoints": {}, **summary}
    world.store.update_run(world.store.create_run("acme", made, "test", whole), state)


def test_each_endpoint_is_judged_by_what_accepted_it(world: World):
    made = fresh(world)
    assert states(world, made) == {"create_list": "never", "add_users": "never", "remove_users": "never"}
    record(world, made, target="sandbox", endpoints={"create_list": {"accepted": 1}, "add_users": {"accepted": 2}})
    record(world, made, state="failed", endpoints={"create_list": {"accepted": 1}, "add_users": {"faults": 3}})
    assert states(world, made) == {"create_list": "tested", "add_users": "sandbox", "remove_users": "never"}


def test_a_list_creation_whose_answer_had_no_list_id_is_not_tested(world: World):
    made = fresh(world)
    record(world, made, state="failed", list_id=None, endpoints={"create_list": {"accepted": 1}})
    assert states(world, made)["create_list"] == "never"


@pytest.mark.parametrize("path", ["url", "payload", "item", "method", "success_when"])
def test_a_change_of_a_request_undoes_its_evidence(world: World, path: str):
    made = world.integration()
    assert set(states(world, made).values()) == {"tested"}
    document = copy.deepcopy(world.store.get("acme", made).document)
    changed = {"url": "https://other.io", "method": "PUT"}
    document["endpoints"]["add_users"][path] = changed.get(path, "changed")
    world.store.save("acme", made, 1, document)
    assert set(states(world, made).values()) == {"never"}


def test_words_rules_and_pace_leave_the_fingerprint_as_it_is():
    document = copy.deepcopy(DOCUMENT)
    document |= {"display_name": "B", "summary": "s", "description": "d", "category": "crm"}
    document["delivery"] = {"concurrency": 1}
    document["custom_fields"][0] |= {"help": "h", "display_name": "n"}
    document["custom_fields"][1]["options"][0]["label"] = "Apple"
    document["endpoints"]["add_users"]["errors"] = []
    assert fingerprint(document) == fingerprint(DOCUMENT)
    document["custom_fields"][0]["variable"] = "other"
    assert fingerprint(document) != fingerprint(DOCUMENT)


def test_tests_of_another_integration_or_organisation_prove_nothing(world: World):
    world.integration()
    assert set(states(world, fresh(world)).values()) == {"never"}


def _try(world: World, made: str, status: int, **notes: Any) -> Trial:
    integration = Integration.model_validate(DOCUMENT)
    connection = Connection(fields=ACCOUNT["fields"], mappings=ACCOUNT["mappings"])
    builder = RequestBuilder(integration, connection, columns=["user_id"])
    users = pd.DataFrame({"user_id": ["a"]})
    answer = httpx.MockTransport(lambda _: httpx.Response(status, json={"listId": "L1"}))
    values = BatchValues(list_id="L1", operation="add", message_id="m", computed_time=0)
    trial = try_endpoint(builder, "add_users", users, "user_id", values, transport=answer)
    world.store.record_trial("acme", made, trial, {"fingerprint": fingerprint(DOCUMENT), "target": "own", **notes})
    return trial


def test_a_single_test_request_is_evidence_for_its_endpoint_alone(world: World):
    made = fresh(world)
    _try(world, made, 500)
    assert states(world, made)["add_users"] == "never"
    _try(world, made, 200)
    assert states(world, made) == {"create_list": "never", "add_users": "tested", "remove_users": "never"}
    assert world.store.latest_run("acme", made) is None  # the runs of whole tests are as before


def test_samples_are_a_few_of_each_kind_with_secrets_masked(world: World):
    made = fresh(world)
    for status in (200, 200, 200, 500, 500, 404, 400, 403):
        _try(world, made, status)
    found = evidence_for(world.store, "acme", made, DOCUMENT)
    kept = [sample["attempts"][0]["status"] for sample in found.samples]
    assert kept == [403, 400, 404, 200, 200]  # the newest first, no answer twice but the accepted
    assert "tok-0123456789abcdef" not in repr(found.as_dict())


def test_only_the_last_single_requests_are_kept(world: World):
    made, other = fresh(world), fresh(world)
    _try(world, other, 200)
    for _ in range(TRIALS_KEPT + 2):
        _try(world, made, 200)
    assert len(world.store.list_runs("acme", made, 100, kind=SINGLE)) == TRIALS_KEPT
    assert len(world.store.list_runs("acme", other, 100, kind=SINGLE)) == 1


def test_the_release_has_the_evidence_although_the_runs_go(world: World):
    made = world.integration()
    number = world.submitted(made)
    evidence = world.store.get_release(world.reviewer, made, number).evidence
    assert {one["state"] for one in evidence["endpoints"].values()} == {"tested"}
    assert [line["target"] for line in evidence["runs"]] == ["own"]


def test_a_reviewer_runs_the_release_with_the_test_account_in_a_run_of_their_own(world: World):
    made = world.integration()
    number = world.in_review(made)
    world.edit(made, endpoints={})
    integration, form = release_under_test(world.store, world.reviewer, made, number)
    assert form.fields == ACCOUNT["fields"]
    assert integration.endpoints.add_users is not None
    frame = pd.DataFrame({"user_id": pd.Series([], dtype="str")})
    builder = RequestBuilder(integration, form, columns=["user_id"])
    order = RunOrder(
        builder, [Step("only", Change(frame, frame, "user_id"), 0, 0)], list_id="L1", schedule=RetrySchedule(())
    )
    runner = Runner(world.store)
    run_id = start_review_run(runner, world.store, world.reviewer, made, number, order)
    while runner.is_running(run_id):
        pass
    run = world.store.get_run("platform", run_id)
    assert (run.kind, run.integration_id) == ("review", made)
    assert [one.id for one in world.store.review_runs(world.second_reviewer, made)] == [run_id]
    assert run_id not in [one.id for one in world.store.list_runs("acme", made)]
