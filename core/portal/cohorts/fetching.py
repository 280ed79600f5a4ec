"""A snapshot of a cohort, fetched from the platform with the key and secret of its project.

The request for a file is remembered in the cohort's source (`request`), so that one that was waited for in vain, or in
a process that ended, is taken up again instead of spending another one of the month's.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from typing import Any

from core.errors import CohortFileError, PlatformError
from core.portal.cohorts.entities import Cohort, CohortSnapshot
from core.portal.cohorts.keeping import add_snapshot
from core.portal.cohorts.platform import Platform, PlatformCohort, StillMaking, open_platform
from core.portal.store import Store
from core.portal.vault import VaultError
from core.settings import Settings
from core.sync import Clock, NetworkPolicy

_TAKEN_UP = timedelta(hours=1)


def platform_cohorts(
    store: Store, settings: Settings, org: str, project_id: str, *, policy: NetworkPolicy | None = None,
    clock: Clock | None = None,
) -> list[PlatformCohort]:  # fmt: skip
    """The cohorts that the platform has for a project. Raises NotFoundError, PlatformError, VaultError."""
    project = store.get_project(org, project_id)
    secret = _secret(store, org, project_id)
    with open_platform(
        project.api_url, project.api_key, secret, policy or _policy(settings), clock or Clock()
    ) as platform:
        return platform.list_cohorts()


def fetch(
    store: Store, settings: Settings, org: str, cohort_id: str, *, policy: NetworkPolicy | None = None,
    clock: Clock | None = None,
) -> CohortSnapshot | None:  # fmt: skip
    """The membership as it is now; None when it was the same before, or could not be had: that is the cohort's fault.

    May take a quarter of an hour, the time the platform needs to make the file. Raises NotFoundError.
    """
    clock = clock or Clock()
    cohort = store.get_cohort(org, cohort_id)
    project = store.get_project(org, cohort.project_id)
    try:
        secret = _secret(store, org, project.id)
        with open_platform(project.api_url, project.api_key, secret, policy or _policy(settings), clock) as platform:
            return _fetch(store, settings, cohort, platform, clock)
    except StillMaking as error:
        store.note_source(org, cohort_id, {}, fault=str(error))
    except (PlatformError, CohortFileError, VaultError) as error:
        store.note_source(org, cohort_id, {"request": None}, fault=str(error))
    return None


def _fetch(store: Store, settings: Settings, cohort: Cohort, platform: Platform, clock: Clock) -> CohortSnapshot | None:
    now = datetime.fromtimestamp(clock.now(), UTC)
    request: dict[str, Any] | None = cohort.source.get("request")
    if request is None or now - datetime.fromisoformat(request["at"]) > _TAKEN_UP:
        request = {"id": platform.request_cohort(cohort.amp_id), "at": now.isoformat()}
        store.note_source(cohort.org_id, cohort.id, {"request": request})
    platform.wait_for(request["id"])
    taken_at = datetime.fromisoformat(request["at"])
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=settings.data_dir) as file:
        platform.download(request["id"], file)
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        name = f"{cohort.amp_id}-{taken_at:%Y-%m-%dT%H-%M-%S}.csv{'.gz' if packed else ''}"
        made = add_snapshot(store, settings, cohort.org_id, cohort.id, name, file, taken_at)
    store.note_source(cohort.org_id, cohort.id, {"request": None}, fault="")
    return made


def _secret(store: Store, org: str, project_id: str) -> str:
    secret = store.project_secret(org, project_id)
    if not secret:
        what = "The project has no secret key, without which Amplitude gives no cohorts."
        raise PlatformError(what, remedy="Put it in under Organization settings › Projects.")
    return secret


def _policy(settings: Settings) -> NetworkPolicy:
    return NetworkPolicy(settings.allow_private_hosts is True)
