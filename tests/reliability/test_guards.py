"""Removals that wait for a yes: each says why and who would be removed, and goes out when it is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cohort import diff
from core.commands.documents import read_integration, read_settings
from core.commands.inputs import Prepared, prepare
from core.errors import DocumentError
from core.integration import Integration
from core.sync import Change, journal, load_state, plan, remapped, run_sync
from tests.commands.terminal import LIST, TOKEN, Desk
from tests.sync.partner import Destination, builder, change, frame, sync, users


def test_withheld_removals_name_the_first_twenty_in_the_plan_and_in_the_run() -> None:
    what = change([], users(150), unchanged=100)
    planned = plan(builder(), what, list_id="L1")
    run = sync(Destination(), what, list_id="L1")
    assert planned.withheld == run.withheld
    assert run.as_dict()["withheld_members"] == users(20)
    assert run.withheld is not None
    assert run.withheld.reason == "150 of 250 members (60%) would be removed."


def test_additions_go_out_while_the_removals_of_a_changed_mapping_wait() -> None:
    destination = Destination()
    destination.members = {"u9"}
    what = Change(frame(["u1"]), frame(["u9"]), "user", 5, remapped="The mapping changed: Email.")
    run = sync(destination, what, list_id="L1")
    assert destination.members == {"u1", "u9"}
    assert (run.outcome, run.withheld and run.withheld.sample) == ("partly", ("u9",))
    assert run.errors[0].reason == "The mapping changed: Email. 1 of 6 members (17%) would be removed."
    assert sync(destination, what, list_id="L1", allow_removals=True).outcome == "succeeded"
    assert destination.members == {"u1"}


def day(
    desk: Desk, mappings: dict[str, str], users: str, monkeypatch: pytest.MonkeyPatch, *, allow: bool = False
) -> tuple[Prepared, Destination]:
    """A day's sync with a state folder, as the command line does it."""
    monkeypatch.setenv("ACME_TOKEN", TOKEN)
    integration, settings = read_integration(desk.integration()), read_settings(desk.settings(mappings=mappings))
    state = desk.folder / "state"
    prepared = prepare(integration, settings, desk.cohort(users), None, state, allow_removals=allow)
    assert prepared.current is not None
    destination = Destination()
    with journal(state, prepared.change.key, prepared.list_id, prepared.current, prepared.mapping) as ledger:
        run_sync(
            prepared.builder, prepared.change, list_id=prepared.list_id, ledger=ledger, allow_removals=allow,
            transport=destination.transport,
        )  # fmt: skip
    return prepared, destination


def test_a_changed_mapping_is_remembered_as_changed_until_somebody_says_yes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, both = "user_id,email,mail\n", {"user": "user_id", "mail": "email"}
    other = {"user": "user_id", "mail": "mail"}
    day(desk, both, f"{header}a,x,y\nb,x,y\n", monkeypatch)
    for _ in range(2):
        prepared, destination = day(desk, other, f"{header}b,x,y\n", monkeypatch)
        assert destination.requests == []
        assert prepared.change.remapped == 'The mapping changed: Email was fed by "email", now it is by "mail".'
    _, destination = day(desk, other, f"{header}b,x,y\n", monkeypatch, allow=True)
    assert len(destination.requests) == 1
    prepared, _ = day(desk, other, f"{header}b,x,y\n", monkeypatch)
    assert prepared.change.remapped == ""


def test_a_renamed_key_column_is_refused_with_names_and_taken_over_after_a_yes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    day(desk, {"user": "user_id"}, "user_id\na\nb\n", monkeypatch)
    with pytest.raises(DocumentError, match=r'"user_id", not "uid".*all 2 members could be removed: a, b'):
        day(desk, {"user": "uid"}, "uid\nb\nc\n", monkeypatch)
    prepared, _ = day(desk, {"user": "uid"}, "uid\nb\nc\n", monkeypatch, allow=True)
    assert list(prepared.change.added.frame()["uid"]) == ["c"]
    assert list(prepared.change.removed.frame()["uid"]) == ["a"]
    kept = load_state(desk.folder / "state", "uid")
    assert kept.membership is not None
    assert set(kept.membership.frame()["uid"]) == {"b", "c"}


def test_a_mapping_that_only_one_of_two_runs_had_is_no_change() -> None:
    integration = Integration.model_validate(LIST)
    assert remapped(integration, {"user": "id", "mail": "email"}, {"user": "id"}) == ""
    assert remapped(integration, {"user": "id"}, {"user": "id", "mail": "email"}) == ""
    assert remapped(integration, None, {"user": "id"}) == ""


def test_a_state_written_before_mappings_were_remembered_is_read(tmp_path: Path) -> None:
    frame(["u1"]).to_parquet(tmp_path / "membership.parquet", index=False)
    (tmp_path / "state.json").write_text('{"key": "user", "list_id": 7}')
    state = load_state(tmp_path, "user")
    assert (state.list_id, state.creating, state.mapping) == (7, False, None)
    assert not len(diff(state.membership, frame(["u1"]), "user").removed)
