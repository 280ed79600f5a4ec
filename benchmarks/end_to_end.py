"""From cohort files to the last acknowledgement: a first sync, and a second one with 10 % churn, to a local server.

    python -m benchmarks.end_to_end [MEMBERS]

Beside it the script that one usually writes: pandas reads and merges, a dict a member, json.dumps, one request after
the other. And the slower of rendering and sending alone, done one after the other: they overlap, so that the sync's
part takes little more than that. Each work runs in a process of its own, batches of 10,000 members with two fields.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.data import COLUMNS, KEY, day
from benchmarks.figure import Figure, in_a_child, told
from benchmarks.local_server import local_server
from benchmarks.partner import connection, integration

BATCH = 10_000
RUNS = 3
SCRIPT_UP_TO = 1_000_000
"""The usual script is measured up to so many members; its time grows in step with them, or faster."""
WHY_OVERLAP = (
    "rendering alone takes {rendering:.3f} s, sending alone {sending:.3f} s, together about the sum: to a server that "
    "answers at once both want Python's lock some ten times a request, and handing it from thread to thread costs as "
    "much as the work in between (12,000 switches in a sync of 10 M members; the thread that renders is off the "
    "processor for a third of the time). Tried without gain: another switch interval, larger tables, a thread that "
    "reads ahead, fewer connections. A destination that takes time to answer hides all of it (`Send`, 50 ms)"
)
REASONS = {
    "second sync, 10 % churn beside the usual script": (
        "the whole of it takes less than bare DuckDB takes to read and compare the two files (`Diff`: 0.5 and 3.6 s). "
        "The target was set beside a pandas with which the script took 10.6 s for a million members"
    )
}
WHY_SCALED = f"the script was measured with {SCRIPT_UP_TO:,} members and its time multiplied"


def sync(url: str, now: str, before: str = "") -> dict[str, Any]:
    """Reads, compares, sends, as the command line does; with the seconds until the sending begins."""
    from core.cohort import diff
    from core.request import RequestBuilder
    from core.sync import Change, run_sync

    started = time.perf_counter()
    found = diff(Path(before) if before else None, Path(now), KEY)
    compared = time.perf_counter()
    builder = RequestBuilder(integration(url, BATCH), connection(), columns=COLUMNS)
    change = Change(found.added, found.removed, KEY, found.counts.unchanged)
    run = run_sync(builder, change, list_id="L1" if before else None)
    ended = time.perf_counter()
    if run.outcome != "succeeded":
        raise RuntimeError(f"{run.outcome}: {run.errors}")
    return {"members": run.added + run.removed, "seconds": ended - started, "sending": ended - compared}


def parts(url: str, now: str) -> dict[str, Any]:
    """Rendering alone, then sending alone what was rendered."""
    from benchmarks.send import ours
    from core.cohort import diff
    from core.request import BatchValues, RequestBuilder
    from core.sync import Batch, batches
    from core.sync.flights import Outgoing

    found = diff(None, Path(now), KEY)
    builder = RequestBuilder(integration(url, BATCH), connection(), columns=COLUMNS)
    values = BatchValues(list_id="L1", computed_time=1)
    rendering = sending = 0.0
    made = batches(builder, "add_users", "add", found.added, KEY, values)
    ended = False
    while not ended:
        started = time.perf_counter()
        some = []
        for batch in made:
            if isinstance(batch, Batch):
                some.append(Outgoing(batch, batch.render(builder, values)))
            if len(some) == 100:
                break
        else:
            ended = True
        rendered = time.perf_counter()
        ours(builder, some)
        rendering += rendered - started
        sending += time.perf_counter() - rendered
    return {"rendering": rendering, "sending": sending}


def script(url: str, now: str, before: str = "") -> dict[str, Any]:
    import httpx
    import pandas as pd

    started = time.perf_counter()
    new = pd.read_csv(now, dtype=str, keep_default_na=False)
    if before:
        old = pd.read_csv(before, dtype=str, keep_default_na=False)
        merged = old.merge(new, on=KEY, how="outer", indicator=True, suffixes=("_old", ""))
        calls = [("add", merged[merged["_merge"] == "right_only"]), ("remove", merged[merged["_merge"] == "left_only"])]
    else:
        calls = [("add", new)]
    sent = 0
    with httpx.Client(trust_env=False, verify=False, timeout=30) as client:
        headers = {"Authorization": "Bearer token-of-a-benchmark", "Content-Type": "application/json"}
        for what, frame in calls:
            for at in range(0, len(frame), BATCH):
                part = frame.iloc[at : at + BATCH]
                email = "email_old" if what == "remove" else "email"
                users = [{"id": row[KEY], "email": row[email]} for row in part.to_dict("records")]
                body = json.dumps({"users": users})
                client.post(f"{url}/lists/L1/{what}", content=body, headers=headers).raise_for_status()
                sent += len(part)
    return {"members": sent, "seconds": time.perf_counter() - started}


def figures(members: int) -> list[Figure]:
    first, second = str(day(1, members)), str(day(2, members))
    small = min(members, SCRIPT_UP_TO)
    scale = members / small
    old, new = str(day(1, small)), str(day(2, small))
    target = 12 if members <= SCRIPT_UP_TO else 20
    why = WHY_SCALED if scale > 1 else ""
    found = []
    with local_server() as url:
        for case, files, theirs in (
            ("first sync", (first,), (old,)),
            ("second sync, 10 % churn", (second, first), (new, old)),
        ):
            mine = [_child("sync", url, *files) for _ in range(RUNS)]
            usual = statistics.median(_child("script", url, *theirs)["seconds"] for _ in range(RUNS)) * scale
            seconds = statistics.median(one["seconds"] for one in mine)
            peak = max(one["peak_mb"] for one in mine)
            found.append(
                Figure("end_to_end", case, members, seconds, "the usual script", usual, target, True, peak, why)
            )
            if case == "first sync":
                alone = _child("parts", url, first)
                slower = max(alone["rendering"], alone["sending"])
                sending = statistics.median(one["sending"] for one in mine)
                why_overlap = WHY_OVERLAP.format(**alone)
                found.append(
                    Figure(
                        "end_to_end", "rendering and sending overlap", members, sending, "the slower alone", slower,
                        1.15, why=why_overlap,
                    )
                )  # fmt: skip
    return found


def _child(work: str, *arguments: str) -> dict[str, Any]:
    return in_a_child("benchmarks.end_to_end", work, *arguments)


WORKS: dict[str, Callable[..., dict[str, Any]]] = {"sync": sync, "parts": parts, "script": script}

if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in WORKS:
        print(json.dumps(WORKS[sys.argv[1]](*sys.argv[2:])))
    else:
        told(figures(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
