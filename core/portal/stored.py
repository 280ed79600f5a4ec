"""What the store gives back about an integration, and the conflict it raises when two edits contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import ConflictError
from core.portal.merge import Conflict

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """An integration as it stands in the store. `logo` is the digest of its logo, None without one.

    `internal_release` and `deployed_release` are the numbers of the releases that the own organisation and that all
    customers have.
    """

    id: str
    document: Document
    revision: int
    state: str
    logo: str | None
    created_at: datetime
    updated_at: datetime
    internal_release: int | None = None
    deployed_release: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list of integrations."""

    id: str
    display_name: str
    category: str
    type: str
    state: str
    revision: int
    has_logo: bool
    created_at: datetime
    updated_at: datetime
    internal_release: int | None = None
    deployed_release: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """The latest revision after a save. `merged`: `document` also holds changes that were saved by somebody else."""

    revision: int
    document: Document
    merged: bool


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """One line of the list of a draft's revisions."""

    revision: int
    saved_at: datetime


class EditConflict(ConflictError):
    """The same places were changed here and elsewhere.

    `conflicts` says where, `latest` is the revision that is in the store, and `mine_kept` is it with all changes of
    this side on top: saving that on `latest.revision` keeps mine; taking `latest.document` keeps theirs.
    """

    def __init__(self, conflicts: tuple[Conflict, ...], latest: Stored, mine_kept: Document) -> None:
        self.conflicts = conflicts
        self.latest = latest
        self.mine_kept = mine_kept
        places = "One place was" if len(conflicts) == 1 else f"{len(conflicts)} places were"
        super().__init__(
            f"{places} also changed by somebody else since you opened it.",
            where=str(latest.document.get("display_name") or "integration"),
            remedy="Choose which version to keep.",
        )
