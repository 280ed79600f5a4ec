"""What the review works with: a release, where an integration stands, a line of the reviewers' queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from core.portal.people.entities import Person
from core.portal.review.states import Action, State, actions

Document = dict[str, Any]
ReleaseKind = Literal["internal", "review"]
ReleaseState = Literal["open", "approved", "changes_requested", "rejected", "withdrawn", "internal", "ended"]

EXPECTED_REVIEW = timedelta(days=7)
"""How long a review takes at most, as partners are told."""


@dataclass(frozen=True, slots=True)
class Release:
    """One version of an integration as others get it: nothing of it changes but its state.

    `kind` is `review` for a submission, `internal` for one of the own organisation; numbers count both from 1.
    `evidence` is `Evidence.as_dict()` of evidence.py, empty for an internal release; `note` what came with it,
    `reason` why it was decided so. `submitted_by` and `decided_by` are names.
    """

    integration_id: str
    number: int
    kind: ReleaseKind
    revision: int
    document: Document
    has_logo: bool
    state: ReleaseState
    evidence: dict[str, Any]
    submitted_by: str
    submitted_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    note: str = ""

    @property
    def due_at(self) -> datetime:
        """When partners may expect the decision."""
        return self.submitted_at + EXPECTED_REVIEW


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an integration stands for the person who asks. `name` is the draft's for its organisation, and that of the
    newest submission for a reviewer, as is `has_logo`.

    `submission` is the number of the newest submission, `earlier` those of the approved releases before the deployed
    one, the newest first. `held`: it was a reviewer who deprecated it.
    """

    integration_id: str
    org_id: str
    org_name: str
    name: str
    has_logo: bool
    state: State
    submission: int | None
    internal_release: int | None
    deployed_release: int | None
    earlier: tuple[int, ...]
    held: bool = False

    def actions(self, person: Person) -> tuple[Action, ...]:
        """What the person may do next."""
        deployed = self.deployed_release is not None
        return actions(self.state, person, deployed=deployed, earlier_approved=bool(self.earlier), held=self.held)


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A submission that waits. `late`: it should have been decided before now."""

    integration_id: str
    org_id: str
    org_name: str
    name: str
    category: str
    number: int
    state: State
    submitted_by: str
    submitted_at: datetime
    due_at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A submission that was decided or withdrawn, for the list of what is done."""

    integration_id: str
    org_name: str
    name: str
    number: int
    state: ReleaseState
    decided_by: str
    decided_at: datetime
    reason: str
