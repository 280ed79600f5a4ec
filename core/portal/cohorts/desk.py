"""What a person may do with the cohorts of the own organisation: each call begins by asking for the right to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, BinaryIO

from core.errors import ConflictError, InputError
from core.portal.cohorts.entities import Cohort, CohortSnapshot, SourceKind
from core.portal.cohorts.folder import is_folder_name
from core.portal.cohorts.keeping import add_snapshot, remove_cohort
from core.portal.people import Person
from core.portal.store import Store
from core.portal.uploads import MAX_BYTES
from core.settings import Settings


def add_cohort(
    store: Store,
    person: Person,
    project_id: str,
    name: str,
    kind: SourceKind,
    *,
    amp_id: str = "",
    url: str = "",
    folder: str = "",
) -> Cohort:
    """A cohort that takes its snapshots from `kind`: for "folder" the name of one, for "platform" the id there.

    Raises ForbiddenError, NotFoundError for the project, InputError for what does not fit.
    """
    store.demand(person, "connect")
    source: dict[str, Any] = {"kind": kind}
    if kind == "folder":
        if not is_folder_name(folder):
            raise InputError("This is not the name of a folder.", where=folder, remedy="Choose one of those there.")
        source["folder"] = folder
    if kind == "platform" and not amp_id.strip():
        raise InputError("Amplitude finds a cohort by its id.", remedy="Choose one, or put in its id.")
    return store.create_cohort(person.org_id, project_id, name, source, amp_id=amp_id, url=url)


def upload_snapshot(
    store: Store,
    settings: Settings,
    person: Person,
    cohort_id: str,
    name: str,
    content: BinaryIO,
    *,
    now: datetime | None = None,
) -> CohortSnapshot | None:
    """The membership from now on; None when it was the same before.

    Raises ForbiddenError, NotFoundError, ConflictError for a cohort that comes from elsewhere, CohortFileError.
    """
    store.demand(person, "connect")
    if store.get_cohort(person.org_id, cohort_id).kind != "upload":
        what = "This cohort takes its snapshots from elsewhere."
        raise ConflictError(what, remedy="Add another cohort for files that you upload.")
    taken_at = now or datetime.now(UTC)
    return add_snapshot(store, settings, person.org_id, cohort_id, name, content, taken_at, most_bytes=MAX_BYTES)


def rename(store: Store, person: Person, cohort_id: str, name: str, amp_id: str) -> Cohort:
    """Raises ForbiddenError, NotFoundError, InputError."""
    store.demand(person, "connect")
    return store.rename_cohort(person.org_id, cohort_id, name, amp_id)


def delete(store: Store, settings: Settings, person: Person, cohort_id: str) -> None:
    """Deletes a cohort with its snapshots. Raises ForbiddenError, NotFoundError, ConflictError while syncs send it."""
    store.demand(person, "connect")
    remove_cohort(store, settings, person.org_id, cohort_id)
