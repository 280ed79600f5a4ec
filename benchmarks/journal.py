"""What the journal costs: a first sync with every acknowledgement on disk before it counts, beside one without.

    python -m benchmarks.journal [MEMBERS]

Both read the cohort file and send it in batches of 10,000 to a local server, in processes of their own. The journal is
the file of facts alone; a state folder keeps the members as well, which is measured as `with the state folder`.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.data import COLUMNS, KEY, day
from benchmarks.end_to_end import BATCH
from benchmarks.figure import Figure, in_a_child, told
from benchmarks.local_server import local_server
from benchmarks.partner import connection, integration

RUNS = 5
WHY = (
    "the server answers at once, so the flushes are all that is waited for; they go to disk in groups while requests "
    "are in flight. What is left is writing the keys, in the threads that send, which all want Python's lock"
)
WHY_STATE = "the members are written before the run begins; at its end that file becomes the membership"


def sync(url: str, now: str, keeps: str) -> dict[str, Any]:
    """`keeps`: nothing, journal or state."""
    from core.cohort import read_snapshot
    from core.request import RequestBuilder
    from core.sync import Change, journal, run_sync
    from core.sync.journal_file import Journal

    started = time.perf_counter()
    members = read_snapshot(Path(now), KEY).members
    builder = RequestBuilder(integration(url, BATCH), connection(), columns=COLUMNS)
    change = Change(members, members.first(0), KEY)
    with tempfile.TemporaryDirectory() as folder:
        if keeps == "state":
            with journal(Path(folder), KEY, None, members) as ledger:
                run = run_sync(builder, change, ledger=ledger)
        elif keeps == "journal":
            book = Journal(Path(folder))
            run = run_sync(builder, change, ledger=book)
            book.close()
        else:
            run = run_sync(builder, change)
        seconds = time.perf_counter() - started
    if run.outcome != "succeeded":
        raise RuntimeError(f"{run.outcome}: {run.errors}")
    return {"members": run.added, "seconds": seconds}


def figures(members: int) -> list[Figure]:
    now = str(day(1, members))
    found: dict[str, list[dict[str, Any]]] = {"nothing": [], "journal": [], "state": []}
    with local_server() as url:
        for _ in range(RUNS):
            for keeps, runs in found.items():
                runs.append(in_a_child("benchmarks.journal", "sync", url, now, keeps))
    seconds = {keeps: statistics.median(one["seconds"] for one in runs) for keeps, runs in found.items()}
    peak = {keeps: max(one["peak_mb"] for one in runs) for keeps, runs in found.items()}
    without = seconds["nothing"]
    return [
        Figure("journal", "with the journal", members, seconds["journal"], "without", without, 1.05, False,
               peak["journal"], WHY),
        Figure("journal", "with the state folder", members, seconds["state"], "without", without, 2.0, False,
               peak["state"], WHY_STATE),
    ]  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["sync"]:
        print(json.dumps(sync(*sys.argv[2:5])))
    else:
        told(figures(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
