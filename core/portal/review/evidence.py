"""The proof that what is submitted was tested: which endpoints took a request, where, and what was said.

It comes from the runs of the partner whose document had the same fingerprint, and is copied into the release, since
test runs are pruned. What the store keeps of a run is masked already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from core.integration import Integration, endpoints_of
from core.portal.review.entities import Document
from core.portal.review.fingerprint import fingerprint
from core.portal.runs import Run
from core.portal.trials import SINGLE

if TYPE_CHECKING:
    from core.portal.store import Store

Tested = Literal["tested", "sandbox", "never"]
"""Whether an endpoint accepted a request at the partner's own address, in the sandbox only, or nowhere."""

RUNS_LOOKED_AT = 50
TESTS_SAMPLED = 6
"""Whole test runs whose requests are looked at, besides all single ones."""
ACCEPTED_KEPT, FAULTS_KEPT = 2, 3
"""Requests kept for each endpoint, with their answers."""


@dataclass(frozen=True, slots=True)
class EndpointEvidence:
    """`runs` are the ids of the runs that prove it, the newest first."""

    state: Tested
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """`runs` holds a line for each run: id, kind, target (own, sandbox), state, started (Unix seconds), requests,
    members, proof. `samples` are deliveries as a run's events have them, with `run` and `target` besides.
    """

    fingerprint: str
    endpoints: Mapping[str, EndpointEvidence]
    runs: tuple[dict[str, Any], ...] = ()
    samples: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        endpoints = {name: asdict(one) for name, one in self.endpoints.items()}
        return {
            "fingerprint": self.fingerprint,
            "endpoints": endpoints,
            "runs": list(self.runs),
            "samples": list(self.samples),
        }


def evidence_for(store: Store, org: str, integration_id: str, document: Document, *, samples: bool = True) -> Evidence:
    """What the organisation's tests prove of this very document. Without `samples` no answers are read, for a look.

    Raises NotFoundError, and pydantic's ValidationError for what is no document.
    """
    wanted = fingerprint(document)
    runs = _runs(store, org, integration_id, wanted)
    names = list(endpoints_of(Integration.model_validate(document)))
    kept = tuple(_samples(store, org, runs)) if samples else ()
    return Evidence(wanted, {name: _tested(name, runs) for name in names}, tuple(map(_line, runs)), kept)


def tested_in(evidence: Mapping[str, Any]) -> dict[str, Tested]:
    """What the evidence of a release (`Evidence.as_dict`) says of each endpoint."""
    return {name: one["state"] for name, one in evidence.get("endpoints", {}).items()}


def _runs(store: Store, org: str, integration_id: str, wanted: str) -> list[Run]:
    """The runs of this fingerprint that have ended, the newest first, those to the partner's own address before."""
    found = [
        run
        for kind in ("test", SINGLE)
        for run in store.list_runs(org, integration_id, RUNS_LOOKED_AT, kind=kind)
        if run.summary.get("fingerprint") == wanted and run.state != "running"
    ]
    newest = sorted(found, key=lambda run: run.created_at, reverse=True)
    return sorted(newest, key=lambda run: run.summary.get("target") != "own")


def _tested(name: str, runs: list[Run]) -> EndpointEvidence:
    proving = [run for run in runs if _proves(run, name)]
    own = tuple(run.id for run in proving if run.summary.get("target") == "own")
    if own:
        return EndpointEvidence("tested", own)
    return EndpointEvidence("sandbox", tuple(run.id for run in proving)) if proving else EndpointEvidence("never")


def _proves(run: Run, name: str) -> bool:
    """Whether the endpoint took a request; of a list creation, also whether its answer gave the list id."""
    accepted = run.summary.get("endpoints", {}).get(name, {}).get("accepted", 0)
    return bool(accepted) and (name != "create_list" or run.summary.get("list_id") is not None)


def _line(run: Run) -> dict[str, Any]:
    summary = run.summary
    return {
        "id": run.id,
        "kind": run.kind,
        "target": summary.get("target", ""),
        "state": run.state,
        "started": summary.get("started"),
        "requests": summary.get("sent_requests", 0),
        "members": summary.get("sent_members", 0),
        "proof": summary.get("proof"),
    }


def _samples(store: Store, org: str, runs: list[Run]) -> Iterator[dict[str, Any]]:
    """A few deliveries for each endpoint: accepted ones, and faults that differ in their answer."""
    accepted: dict[str, int] = {}
    faults: dict[str, set[Any]] = {}
    tests = [run for run in runs if run.kind != SINGLE]
    for run in (run for run in runs if run.kind == SINGLE or run in tests[:TESTS_SAMPLED]):
        after = 0
        while page := store.run_events(org, run.id, after):
            after = page[-1].ordinal
            for event in (one.event for one in page):
                if _wanted(event, accepted, faults):
                    yield {**event, "run": run.id, "target": run.summary.get("target", "")}


def _wanted(event: dict[str, Any], accepted: dict[str, int], faults: dict[str, set[Any]]) -> bool:
    name, attempts = str(event.get("endpoint")), event.get("attempts") or []
    if event.get("verdict", {}).get("action") == "accept" and len(attempts) == 1:
        accepted[name] = accepted.get(name, 0) + 1
        return accepted[name] <= ACCEPTED_KEPT
    seen = faults.setdefault(name, set())
    answer = (attempts[0].get("status"), attempts[0].get("fault")) if attempts else None
    if answer is None or answer in seen or len(seen) >= FAULTS_KEPT:
        return False
    seen.add(answer)
    return True
