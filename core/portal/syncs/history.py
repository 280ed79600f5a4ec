"""What happened: the runs of a sync as lines, what can be downloaded of them, and how long they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from core.errors import NotFoundError
from core.portal.people import Person
from core.portal.runs import Run
from core.portal.store import Store
from core.portal.syncs.left_out import left_out_path
from core.settings import Settings

MOST_EXCHANGES = 2_000
"""Deliveries that a HAR holds at most; a run keeps hardly more in full."""

_KILLED = "The server ended in the middle of this run; what was left is sent by the next one."


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in a table. `outcome` is `running` while it goes on; `seconds` is None then and for one that was killed.

    `withheld` counts removals that wait for a yes. `errors` are as the partner words them: each a dictionary with
    endpoint, status, reason, message, classified, members, requests. `fault` and `remedy` are the portal's own words
    for a run that did not go well, "" otherwise.
    """

    run_id: str
    started_at: datetime
    seconds: float | None
    outcome: str
    asked_for: bool
    release: int | None
    snapshot: str
    added: int
    removed: int
    skipped: int
    rejected: int
    failed: int
    requests: int
    retries: int
    withheld: int
    errors: tuple[dict[str, Any], ...]
    fault: str
    remedy: str


def run_lines(store: Store, person: Person, sync_id: str, limit: int = 500) -> list[RunLine]:
    """The newest first. Raises ForbiddenError, NotFoundError."""
    store.demand(person, "connect")
    store.get_sync(person.org_id, sync_id)
    return [line_of(run) for run in store.list_sync_runs(person.org_id, sync_id, limit)]


def line_of(run: Run) -> RunLine:
    """The line of a run of kind `sync`."""
    summary = run.summary
    step = summary["steps"][0] if summary.get("steps") else {}
    result = step.get("result") or {}
    ended = summary.get("ended")
    killed = run.state == "stopped" and ended is None
    return RunLine(
        run_id=run.id,
        started_at=run.created_at,
        seconds=None if ended is None else max(0.0, ended - summary["started"]),
        outcome=run.state,
        asked_for=bool(summary.get("asked_for")),
        release=summary.get("release"),
        snapshot=step.get("name", ""),
        added=result.get("added", 0),
        removed=result.get("removed", 0),
        skipped=result.get("skipped", 0),
        rejected=result.get("rejected", 0),
        failed=result.get("failed", 0),
        requests=result.get("requests", 0),
        retries=result.get("retries", 0),
        withheld=result.get("withheld") or 0,
        errors=tuple(result.get("errors", ())),
        fault="The server ended in the middle of this run; the next one went on with it."
        if killed
        else summary.get("fault", ""),
        remedy=str(summary.get("remedy", "")),
    )


def left_out_csv(store: Store, settings: Settings, person: Person, run_id: str) -> bytes | None:
    """Who was skipped, rejected or not delivered in a run, and why, as CSV; None when nobody was.

    Raises ForbiddenError, NotFoundError.
    """
    run = _run(store, person, run_id)
    try:
        return left_out_path(settings, str(run.sync_id), run.id).read_bytes()
    except OSError:
        return None


def run_har(store: Store, person: Person, run_id: str) -> dict[str, Any]:
    """The exchanges of a run as HAR 1.2, an entry a try, secrets masked. Raises ForbiddenError, NotFoundError."""
    run = _run(store, person, run_id)
    events = store.run_events(person.org_id, run.id, limit=MOST_EXCHANGES)
    entries = [_entry(event.event, attempt) for event in events for attempt in event.event["attempts"]]
    creator = {"name": "Developer Portal", "version": "1.0"}
    return {"log": {"version": "1.2", "creator": creator, "entries": entries}}


def prune(store: Store, settings: Settings, now: datetime) -> int:
    """Deletes the runs of all syncs that are older than the operator keeps them, with their files; how many."""
    old = store.forget_sync_runs(now - timedelta(days=settings.history_days))
    for sync_id, run_id in old:
        left_out_path(settings, sync_id, run_id).unlink(missing_ok=True)
    return len(old)


def _run(store: Store, person: Person, run_id: str) -> Run:
    store.demand(person, "connect")
    run = store.get_run(person.org_id, run_id)
    if run.kind != "sync":
        raise NotFoundError("There is no such run of a sync.")
    return run


def _entry(delivery: dict[str, Any], attempt: dict[str, Any]) -> dict[str, Any]:
    sent = delivery["request"]
    request: dict[str, Any] = {
        "method": sent["method"],
        "url": sent["url"],
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(sent["headers"]),
        "queryString": _pairs(parse_qsl(urlsplit(sent["url"]).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": sent["bytes"],
    }
    if sent["body"]:
        request["postData"] = {"mimeType": _content_type(sent["headers"]), "text": sent["body"]}
    status = attempt["status"] or 0
    content = {
        "size": len(attempt["body"]),
        "mimeType": _content_type(attempt["headers"]) or "x-unknown",
        "text": attempt["body"],
    }
    response = {
        "status": status,
        "statusText": _phrase(status) if status else (attempt["fault"] or "no answer"),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(attempt["headers"]),
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
    began = datetime.fromtimestamp(attempt["started"], UTC).isoformat(timespec="milliseconds")
    return {
        "startedDateTime": began.replace("+00:00", "Z"),
        "time": attempt["elapsed_ms"],
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": attempt["elapsed_ms"], "receive": 0},
        "comment": f"{delivery['endpoint']}, {delivery['members']} members, try {attempt['number']}",
    }


def _pairs(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _content_type(headers: Any) -> str:
    return next((str(value) for name, value in headers if name.lower() == "content-type"), "")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
