"""What a section is handed: the draft, its integration and the checks, each worked out once a run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.integration import Finding, Integration, Report
from pages.parts.draft import Draft


@dataclass(frozen=True)
class Editing:
    """One integration being edited. `report` leaves nothing out."""

    draft: Draft
    integration: Integration
    report: Report

    @classmethod
    def of(cls, draft: Draft) -> Editing:
        return cls(draft, draft.integration, draft.report)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document with every default written out."""
        return self.integration.model_dump(mode="json")

    @cached_property
    def beside_editors(self) -> Report:
        """The findings but for the mistakes inside payloads and items, which their editors show themselves."""
        return Report(tuple(finding for finding in self.report.findings if not _in_editor(finding)))

    def exactly_at(self, place: str) -> Report:
        """The findings of a place itself, without those of what lies in it."""
        return Report(tuple(finding for finding in self.report.findings if finding.place == place))

    def value(self, place: str) -> Any:
        """What stands at a place of the document (`endpoints.add_users.url`)."""
        found: Any = self.document
        for step in place.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
        return found


def _in_editor(finding: Finding) -> bool:
    return finding.line is not None and finding.place.endswith((".payload", ".item"))
