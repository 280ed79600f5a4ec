"""Random faults: a run converges to the snapshot within its retries, or says that it did not.

Whose addition was carried out, but never acknowledged, is in doubt: when they leave the cohort before the next run, it
removes them. After a run that succeeded the destination holds the snapshot, and nobody else.

That the difference applied to the snapshot before gives the snapshot now, for random snapshots, is held by
tests/cohort/test_cohort_diff.py; that a day-after-day state equals the destination by tests/sync/test_state.py.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sync import RetrySchedule, change_since, journal, load_state
from tests.sync.partner import Destination, FakeClock, document, frame, sync

PASSING = ["503", "429", "408", "reset", "lost"]
"""Faults that a further try may make good."""
FINAL = ["400", "404"]
USERS = st.frozensets(st.sampled_from([f"u{number}" for number in range(16)]))
SCRIPTS = st.lists(st.sampled_from(["ok", *PASSING, *FINAL]), max_size=60)
RETRIES = 3


class Faulty(Destination):
    """Answers by a script, one entry a request, and properly after its end. `lost` acts and loses the answer."""

    def __init__(self, script: list[str]) -> None:
        super().__init__()
        self.script = iter(script)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        step = next(self.script, "ok") if request.url.path != "/lists" else "ok"
        if step == "reset":
            raise httpx.ReadError("reset", request=request)
        if step in ("ok", "lost"):
            answer = super()._handle(request)
            if step == "lost":
                raise httpx.RemoteProtocolError("no answer", request=request)
            return answer
        return httpx.Response(int(step))


def day(folder: Path, now: frozenset[str], destination: Destination, *, isolate: bool = False) -> tuple[bool, int]:
    """A day's sync with a state folder: whether it succeeded, and how many requests it made."""
    current = frame(sorted(now))
    state = load_state(folder, "user")
    what = change_since(state, current, "user")
    before = set() if state.membership is None else {*state.membership.frame()["user"]}
    integration = document(users__batch_size=3, delivery__concurrency=1, delivery__isolate_refused=isolate)
    with journal(folder, "user", state.list_id, current) as ledger:
        run = sync(
            destination, what, integration, list_id=state.list_id, ledger=ledger, allow_removals=True,
            schedule=RetrySchedule((1.0,) * RETRIES, 0), clock=FakeClock(),
        )  # fmt: skip
    kept = load_state(folder, "user")
    assert kept.membership is not None
    told = {*kept.membership.frame()["user"]}
    in_doubt = set() if kept.in_doubt is None else {*kept.in_doubt.frame()["user"]}
    assert told == (before | {*run.added_keys}) - {*run.removed_keys} - in_doubt
    assert destination.members <= told | in_doubt, "nobody is there of whom the state knows nothing"
    assert not told & in_doubt
    if run.outcome == "succeeded":
        assert told == destination.members == set(now)
        assert not in_doubt
    else:
        assert run.errors
        assert run.failed
    return run.outcome == "succeeded", run.requests


@given(days=st.lists(USERS, min_size=1, max_size=3), script=SCRIPTS, isolate=st.booleans())
@settings(max_examples=60)
def test_a_run_ends_with_the_snapshot_or_says_that_it_did_not_and_the_next_one_makes_it_good(
    tmp_path_factory: pytest.TempPathFactory, days: list[frozenset[str]], script: list[str], isolate: bool
) -> None:
    folder, destination = tmp_path_factory.mktemp("state"), Faulty(script)
    for now in days:
        day(folder, now, destination, isolate=isolate)
    destination.script = iter(())
    assert day(folder, days[-1], destination)[0]
    assert destination.members == set(days[-1])
    assert day(folder, days[-1], destination) == (True, 0)
    assert destination.paths.count("/lists") <= 1


@given(now=USERS, faults=st.lists(st.sampled_from(PASSING), max_size=RETRIES))
@settings(max_examples=40)
def test_no_more_faults_in_a_row_than_retries_always_converge(
    tmp_path_factory: pytest.TempPathFactory, now: frozenset[str], faults: list[str]
) -> None:
    destination = Faulty(faults)
    succeeded, requests = day(tmp_path_factory.mktemp("state"), now, destination)
    assert succeeded
    batches = -(-len(now) // 3)
    assert requests == 1 + batches + (len(faults) if batches else 0)
