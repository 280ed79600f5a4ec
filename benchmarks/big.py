"""A hundred million ids a side: does it finish within 8 GB of memory, in what time, with how much disk.

    python -m benchmarks.big [MEMBERS]

Beside bare DuckDB with its usual limit, four fifths of the machine's memory. Only run when asked for.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from pathlib import Path

from benchmarks.data import KEY, KEY_ONLY, day
from benchmarks.figure import Figure, in_a_child, told


def figures(members: int) -> list[Figure]:
    files = [str(day(number, members, KEY_ONLY)) for number in (1, 2)]
    took = in_a_child("benchmarks.big", "work", *files)
    theirs = in_a_child("benchmarks.diff", "bare", *files)
    assert took["answer"] == theirs["answer"][:3], (took, theirs)
    why = f"At most {took['disk_mb']:,.0f} MB of disk in use."
    return [
        Figure(
            "big", "key only", members, took["seconds"], "bare DuckDB, no limit", theirs["seconds"], 3.0,
            peak_mb=took["peak_mb"], why=why,
        )
    ]  # fmt: skip


def _work(before: Path, now: Path) -> None:
    from core.cohort import diff
    from core.cohort.engine import shared

    most, ended = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.2):
            sizes = [
                path.stat().st_size for path in shared().folder.rglob("*") if path.is_file() and not path.is_symlink()
            ]
            most = max(most, sum(sizes))

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    try:
        answer = diff(before, now, KEY).counts[:3]
    finally:
        ended.set()
        watcher.join()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "disk_mb": most / 1e6, "answer": answer}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        _work(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        told(figures(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000))
