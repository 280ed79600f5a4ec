"""The platform's cohort download API: list cohorts, ask for one, wait until its file is made, download it.

Source: Amplitude's "Behavioral Cohorts API" (GET /api/3/cohorts; GET /api/5/cohorts/request/ID, /request-status/REQUEST
and /request/REQUEST/file), Basic authentication with a project's API key and secret key. Its limits: 500 requests for
cohorts a month, 60 in ten minutes and 4 at once for a project, cohorts of at most two million users. A file is made in
the background; a large one is fetched from storage, to which the platform redirects with a link that lasts a minute.
"""

from __future__ import annotations

import base64
import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote, urljoin, urlsplit

import httpx

from core.errors import PlatformError
from core.integration.models import DeliverySettings
from core.portal.cohorts.cohorts import plain
from core.portal.cohorts.download import NoAnswer, get
from core.sync import Clock, NetworkPolicy, open_client
from core.sync.retry import read_retry_after
from core.sync.unpacking import NotPacked, read_body

POLL_PAUSES = (1, 2, 3, 5, 8, 10)
"""Seconds between two looks at a file in the making; the last one again and again."""
LONGEST_WAIT = 15 * 60
RETRY_PAUSES = (1, 4, 15)
_LONGEST_RETRY_AFTER = 120.0
_SMALL = 32 << 20
_LARGEST = 4 << 30
_FILE_SECONDS = 30 * 60
_AT_ONCE = threading.BoundedSemaphore(4)
_REDIRECTS = (301, 302, 303, 307, 308)


class StillMaking(PlatformError):
    """The file was not ready in time; the same request may be waited for again."""


@dataclass(frozen=True, slots=True)
class PlatformCohort:
    """A cohort as the platform lists it. `size` in users, None when it does not say."""

    id: str
    name: str
    size: int | None


@contextmanager
def open_platform(api_url: str, api_key: str, secret: str, policy: NetworkPolicy, clock: Clock) -> Iterator[Platform]:
    """The API at `api_url`, for as long as the context is open. Raises PlatformError for a URL that is not https.

    Plain http is taken where private hosts are allowed, as on the machine of whoever tries it out.
    """
    if urlsplit(api_url).scheme != "https" and not policy.allow_private:
        what = "The API URL must begin with https://, because the secret goes there."
        raise PlatformError(what, remedy="Correct it in the project.")
    with open_client(DeliverySettings(concurrency=1, timeout_seconds=60), policy=policy) as client:
        yield Platform(client, api_url.rstrip("/"), api_key, secret, clock)


class Platform:
    """Every method raises PlatformError; passing trouble and "too many requests" are waited out a few times first."""

    def __init__(self, client: httpx.Client, api_url: str, api_key: str, secret: str, clock: Clock) -> None:
        self._client = client
        self._api_url = api_url
        self._authorization = "Basic " + base64.b64encode(f"{api_key}:{secret}".encode()).decode("ascii")
        self._clock = clock

    def list_cohorts(self) -> list[PlatformCohort]:
        """The project's cohorts that are not archived, by name."""
        answer = self._json("/api/3/cohorts")
        listed = answer.get("cohorts")
        found = []
        for entry in listed if isinstance(listed, list) else ():
            if not isinstance(entry, dict) or entry.get("archived") is True or not plain(str(entry.get("id") or "")):
                continue
            size = entry.get("size")
            found.append(
                PlatformCohort(
                    plain(str(entry["id"])),
                    plain(str(entry.get("name") or entry["id"])),
                    size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
                )
            )
        return sorted(found, key=lambda cohort: (cohort.name.lower(), cohort.id))

    def request_cohort(self, cohort_id: str) -> str:
        """Asks for a file of the cohort with its users' properties; the id of the request."""
        answer = self._json(f"/api/5/cohorts/request/{quote(cohort_id, safe='')}?props=1")
        request_id = answer.get("request_id")
        if not isinstance(request_id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", request_id):
            raise PlatformError("Amplitude's answer names no request.", remedy="See that the API URL is right.")
        return request_id

    def wait_for(self, request_id: str) -> None:
        """Returns when the file is made. Raises StillMaking after a quarter of an hour."""
        end = self._clock.now() + LONGEST_WAIT
        turn = 0
        while True:
            state = str(self._json(f"/api/5/cohorts/request-status/{request_id}").get("async_status", ""))
            if "COMPLETED" in state.upper():
                return
            if "PROGRESS" not in state.upper():
                said = plain(state)[:80] or "nothing"
                raise PlatformError(f"Amplitude could not make the file; it says: {said}.", remedy=_LATER)
            if self._clock.now() >= end:
                raise StillMaking("Amplitude is still making the file.", remedy=_LATER)
            self._clock.sleep(POLL_PAUSES[min(turn, len(POLL_PAUSES) - 1)])
            turn += 1

    def download(self, request_id: str, into: BinaryIO) -> None:
        """Writes the file, as it was made: a CSV, gzipped or not."""
        url = f"{self._api_url}/api/5/cohorts/request/{request_id}/file"
        for last in (False, True):
            response = self._get(url, into, _LARGEST, _FILE_SECONDS)
            if response.status_code not in _REDIRECTS:
                self._expect(response, 200)
                break
            response = get(self._client, self._storage(url, response), into, most_bytes=_LARGEST, seconds=_FILE_SECONDS)
            if response.status_code == 200:
                break
            if last or response.status_code not in (403, 404, 410):  # else the link was used too late: ask for another
                what = f"Amplitude's storage answered {response.status_code} instead of the file."
                raise PlatformError(what, remedy=_LATER)
        _refuse_json(response, into)

    def _storage(self, url: str, response: httpx.Response) -> str:
        """Where a redirect leads, if it is no less safe than where it comes from."""
        target: str = urljoin(url, response.headers.get("location", ""))
        if urlsplit(target).scheme != "https" and urlsplit(url).scheme == "https":
            raise PlatformError("Amplitude redirects to a place that is not https.", remedy=_LATER)
        return target

    def _json(self, path: str) -> dict[str, Any]:
        into = io.BytesIO()
        response = self._get(self._api_url + path, into, _SMALL, 120.0)
        self._expect(response, 200, 202)
        try:
            body, cut = read_body([into.getvalue()], response.headers.get("content-encoding", ""), _SMALL)
            answer = None if cut else json.loads(body)
        except (NotPacked, ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise PlatformError("Amplitude's answer cannot be read.", remedy="See that the API URL is right.")
        return answer

    def _get(self, url: str, into: BinaryIO, most_bytes: int, seconds: float) -> httpx.Response:
        """Asks until there is an answer that is not "later", or too often. With the key; only ever of the platform."""
        for pause in (*RETRY_PAUSES, None):
            try:
                with _AT_ONCE:
                    response = get(
                        self._client, url, into, authorization=self._authorization, most_bytes=most_bytes,
                        seconds=seconds,
                    )  # fmt: skip
            except NoAnswer:
                if pause is None:
                    raise
                self._clock.sleep(pause)
                continue
            status = response.status_code
            asked = read_retry_after(response.headers.get("retry-after"), self._clock.now()) or 0.0
            if pause is None or asked > _LONGEST_RETRY_AFTER or (status != 429 and status < 500):
                break
            self._clock.sleep(max(pause, asked))
        return response

    def _expect(self, response: httpx.Response, *statuses: int) -> None:
        """Raises PlatformError, in words, for any other status."""
        status = response.status_code
        if status in statuses:
            return
        if status in (401, 403):
            what = "Amplitude does not accept the project's API key and secret."
            raise PlatformError(what, remedy="Put in the ones of this project, and see that the API URL is its region.")
        if status == 429:
            what = "Amplitude has had too many requests: it takes 60 in ten minutes and 500 a month for cohorts."
            raise PlatformError(what, remedy="Sync less often, or wait.")
        if status in (400, 404, 410):
            what = f"Amplitude does not know this cohort, or no longer ({status})."
            raise PlatformError(what, remedy="See that it is there and discoverable, and its id is right.")
        raise PlatformError(f"Amplitude answered {status}.", remedy=_LATER)


_LATER = "Try again later; if it stays so, ask Amplitude's support."


def _refuse_json(response: httpx.Response, into: BinaryIO) -> None:
    """A JSON document is no cohort, but a JSON text may hold one: then that is what `into` holds afterwards."""
    into.seek(0)
    if response.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return
    text = None
    if into.read(1) == b'"':
        into.seek(0)
        try:
            text = json.loads(into.read(_SMALL))
        except ValueError:
            into.seek(0)
            return  # a CSV whose first column stands in quotes
    if not isinstance(text, str):
        raise PlatformError("Amplitude answered with JSON instead of the file.", remedy=_LATER)
    into.seek(0)
    into.truncate()
    into.write(text.encode("utf-8", "replace"))
    into.seek(0)
