"""The daily case: the membership is kept in Parquet, a new CSV comes, 1 % of the members are others.

    python -m benchmarks.incremental [MEMBERS]

Beside the same two days as two CSV files.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.data import COLUMNS, KEY, day
from benchmarks.diff import side_by_side
from benchmarks.figure import Figure, told

WHY = (
    "both read the keys of the new day and join; of the other day, a Parquet file's keys are read 0.4 s sooner at 10 M"
)


REASONS = {
    "membership in Parquet, 1 % churn beside two CSV files": (
        "Since two CSV files are compared by their keys, both at once, a kept membership saves little: before, they "
        "took 5.4 s at 10 M, and this 4.7 s. A sync also has to know before it sends that no key of the new day is "
        "repeated, which two files prove by their join."
    )
}


def figures(members: int) -> list[Figure]:
    before, now = (str(day(number, members, COLUMNS, churn=1)) for number in (1, 2))
    saved, two_files = side_by_side("benchmarks.incremental", [("saved", before, now), ("csv", before, now)])
    assert saved["answer"] == two_files["answer"], (saved, two_files)
    case = "membership in Parquet, 1 % churn"
    return [
        Figure(
            "incremental", case, members, saved["seconds"], "two CSV files", two_files["seconds"], 0.7,
            peak_mb=saved["peak_mb"],
        )
    ]  # fmt: skip


def _work(way: str, before: Path, now: Path) -> None:
    from core.cohort import diff, read_snapshot
    from core.sync import SyncState, change_since, load_state, save_state

    with tempfile.TemporaryDirectory() as folder:
        if way == "saved":
            save_state(Path(folder), KEY, "L1", read_snapshot(before, KEY).members)
        for path in (before, now):
            path.read_bytes()
        started = time.perf_counter()
        if way == "saved":
            state = load_state(Path(folder), KEY)
            current = read_snapshot(now, KEY, keys_first=True)  # as a sync does that has a state
            change = change_since(SyncState("L1", state.membership), current, KEY)
            answer = (len(change.added), len(change.removed), change.unchanged)
        else:
            answer = diff(before, now, KEY).counts[:3]
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "answer": answer}))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in ("saved", "csv"):
        _work(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        told(figures(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
