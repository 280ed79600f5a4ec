"""The way of an integration from a plan to a tile, in the six steps of the platform's own process, and how far one is.

The steps and their order are those of the partner guide: a plan that has the Developer Portal; an organisation with a
project; the entry in the settings; set up and submit; the review; approved, deployed, a tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.portal.people import Organisation

Progress = Literal["done", "current", "waiting", "attention", "ahead"]
"""`current` is the person's own turn, `waiting` somebody else's, `attention` was sent back."""

SENT_BACK = frozenset({"changes_requested", "rejected"})
UNDER_REVIEW = frozenset({"submitted", "in_review"})


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """`text` says in a sentence what the step asks for, or how it stands."""

    title: str
    text: str
    progress: Progress


def journey(
    organisation: Organisation, projects: int, state: str = "draft", *, deployed: bool = False
) -> tuple[JourneyStep, ...]:
    """The six steps for an organisation with that many projects, and an integration in that state.

    An integration that customers have stays at the end while its next release is drafted or reviewed.
    """
    submitted = deployed or state in UNDER_REVIEW | SENT_BACK | {"approved", "deprecated"}
    ready = organisation.plan != "starter" and projects > 0 and organisation.access == "granted"
    return (
        JourneyStep("Plan", *_plan(organisation)),
        JourneyStep("Organization and project", *_project(organisation, projects)),
        JourneyStep("Settings entry", *_entry(organisation, projects)),
        JourneyStep("Set up and submit", *_build(ready, submitted, state)),
        JourneyStep("Review", *_review(submitted, state, deployed)),
        JourneyStep("Approved, deployed, tile", *_tile(state, deployed)),
    )


def _plan(organisation: Organisation) -> tuple[str, Progress]:
    if organisation.plan == "starter":
        return "The Developer Portal needs the Plus plan or higher.", "current"
    return f"{organisation.plan.capitalize()} plan.", "done"


def _project(organisation: Organisation, projects: int) -> tuple[str, Progress]:
    if projects:
        count = "one project" if projects == 1 else f"{projects:,} projects"
        return f"{organisation.name} has {count}.", "done"
    return "Add a project to test with.", "ahead" if organisation.plan == "starter" else "current"


def _entry(organisation: Organisation, projects: int) -> tuple[str, Progress]:
    if organisation.access == "granted":
        return "The Developer Portal is on for your organization.", "done"
    if organisation.access == "requested":
        return "You asked for access; the platform's team answers by e-mail.", "waiting"
    mine: Progress = "current" if projects and organisation.plan != "starter" else "ahead"
    return "Ask for access under Organization settings › Developer Portal.", mine


def _build(ready: bool, submitted: bool, state: str) -> tuple[str, Progress]:
    if state in SENT_BACK:
        return "Make the changes that the reviewer asks for, and submit again.", "attention"
    if submitted:
        return "Set up, configured, tested and submitted.", "done"
    return "Set up, configure and test the integration, then submit it.", "current" if ready else "ahead"


def _review(submitted: bool, state: str, deployed: bool) -> tuple[str, Progress]:
    if state == "submitted":
        return "In the queue; usually answered within a week.", "waiting"
    if state == "in_review":
        return "A reviewer is looking at it.", "waiting"
    if state == "changes_requested":
        return "The reviewer asks for changes.", "attention"
    if state == "rejected":
        return "The reviewer did not accept it.", "attention"
    if submitted and (deployed or state in ("approved", "deprecated")):
        return "Approved by the review team.", "done"
    return "The review team checks it, usually within a week.", "ahead"


def _tile(state: str, deployed: bool) -> tuple[str, Progress]:
    if state == "deprecated":
        return "Deprecated: no new connections; those there are go on.", "done"
    if deployed and state == "approved":
        return "Customers see it on their Destinations page.", "done"
    if deployed:
        return "Customers have the earlier release until this one is approved.", "done"
    return "Deployed by itself with the approval; customers see a tile.", "ahead"
