"""Read and compare two cohort files: ours beside bare DuckDB, Polars and pandas, each in a process of its own.

    python -m benchmarks.diff [MEMBERS]

Bare DuckDB is the fastest form found that gives the same answer, members in file order: both files into tables, a full
join of keys to row numbers, the rows of those without a partner. (In single runs at 10 M, two anti-joins straight over
the files, which read each twice, took 1.4 times as long; a GROUP BY of both sides 1.8 times.) It does not look for
repeated or empty keys, nor for bytes that are no text. Polars and pandas give members in another order, which is not
held against them.
"""

from __future__ import annotations

import hashlib
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.data import COLUMNS, KEY, KEY_ONLY, day
from benchmarks.figure import Figure, in_a_child, told

RUNS = 5
PANDAS_AT = 1_000_000
Answer = tuple[int, int, int, str]
"""Joined, left, stayed, and a digest of the keys of those who joined, in order; empty where order is not kept."""


def ours(before: Path, now: Path, memory_limit: str = "") -> Callable[[], Answer]:
    from core.cohort import diff, engine

    if memory_limit:
        engine.MEMORY_LIMIT = memory_limit
    found = diff(before, now, KEY)
    counts = found.counts
    return lambda: (counts.added, counts.removed, counts.unchanged, _digest(found.added.frame()[KEY].tolist()))


def bare(before: Path, now: Path) -> Callable[[], Answer]:
    import duckdb

    engine = duckdb.connect(config={"temp_directory": str(now.parent / "spilled"), "checkpoint_threshold": "1000TB"})
    for name, path in (("old", before), ("new", now)):
        engine.execute(f"CREATE TABLE {name} AS FROM read_csv('{path}', all_varchar=true)")
    engine.execute(
        f"CREATE TABLE pairs AS SELECT new.rowid AS n, old.rowid AS o FROM old FULL JOIN new ON old.{KEY} = new.{KEY}"
    )
    kept = "CREATE TABLE {} AS FROM {} WHERE rowid IN (SELECT {} FROM pairs WHERE {} IS NULL) ORDER BY rowid"
    engine.execute(kept.format("added", "new", "n", "o"))
    engine.execute(kept.format("removed", "old", "o", "n"))
    [(added, removed, stayed)] = engine.execute(
        "SELECT count(*) FILTER (o IS NULL), count(*) FILTER (n IS NULL), count(n + o) FROM pairs"
    ).fetchall()
    keys = engine.execute(f"SELECT {KEY} FROM added")
    return lambda: (added, removed, stayed, _digest([key for (key,) in keys.fetchall()]))


def polars(before: Path, now: Path) -> Callable[[], Answer]:
    import polars as pl

    old, new = (pl.scan_csv(path, infer_schema=False) for path in (before, now))
    added, removed = pl.collect_all([new.join(old, on=KEY, how="anti"), old.join(new, on=KEY, how="anti")])
    stayed = new.select(pl.len()).collect().item() - len(added)
    return lambda: (len(added), len(removed), stayed, "")


def pandas(before: Path, now: Path) -> Callable[[], Answer]:
    import pandas as pd

    old, new = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (before, now))
    merged = old.merge(new, on=KEY, how="outer", indicator=True)
    added, removed = merged[merged["_merge"] == "right_only"], merged[merged["_merge"] == "left_only"]
    return lambda: (len(added), len(removed), len(merged) - len(added) - len(removed), "")


MODULES = {"ours": "core.cohort", "bare": "duckdb", "polars": "polars", "pandas": "pandas"}
WAYS = {"ours": ours, "bare": bare, "polars": polars, "pandas": pandas}
WHY_TIGHT = "What costs is writing to disk and reading again what half of the usual memory cannot hold."


_UNLIKE = (
    "Bare DuckDB believes every file and has no memory limit. Ours looks every byte over (0.15 s for 600 MB), looks at "
    "the ends of keys, and proves that no key is repeated; of the properties it takes only those of who joined or left "
    "out of the file (`core/cohort/left_in_text.py`), which is why it is ahead with five of them."
)
_POLARS = (
    "Polars keeps neither the order of the members nor an account of the rows. With keys alone, at a million, the join "
    "and starting the engine are two thirds of our time; its reader of a file of one column is faster than DuckDB's."
)
_PANDAS = (
    "The target was set beside a pandas that took 9.7 s for five properties; pandas 3 with Arrow's text takes a third "
    "of that. Bare DuckDB, whose reader and join are most of our time, is 6 to 11 times as fast as pandas."
)
REASONS = {
    f"{case} beside {beside}": why
    for case in ("key only", "5 properties")
    for beside, why in (("bare DuckDB", _UNLIKE), ("Polars", _POLARS), ("pandas", _PANDAS))
}


def figures(members: int) -> list[Figure]:
    found = []
    for case, columns in (("key only", KEY_ONLY), ("5 properties", COLUMNS)):
        files = [str(day(number, members, columns)) for number in (1, 2)]
        ways = ["ours", "bare", "polars", *(["pandas"] if members == PANDAS_AT else [])]
        took = side_by_side("benchmarks.diff", [(way, *files) for way in ways])
        _agree(took)
        mine, theirs, polar, *panda = took
        peak = mine["peak_mb"]
        found.append(_figure(case, members, mine, "bare DuckDB", theirs, 1.15, peak=peak))
        found.append(_figure(case, members, mine, "Polars", polar, 1.0, faster=True))
        found += [_figure(case, members, mine, "pandas", other, 15.0, faster=True) for other in panda]
    tight, normal = side_by_side("benchmarks.diff", [("ours", *files, "512MB"), ("ours", *files)])
    found.append(
        _figure(
            "5 properties, limit 512 MB",
            members,
            tight,
            "the usual limit",
            normal,
            2.0,
            peak=tight["peak_mb"],
            why=WHY_TIGHT,
        )
    )
    return found


def _figure(
    case: str, members: int, mine: dict[str, Any], beside: str, other: dict[str, Any], target: float, *,
    faster: bool = False, peak: float | None = None, why: str = "",
) -> Figure:  # fmt: skip
    seconds, others = mine["seconds"], other["seconds"]
    return Figure("diff", case, members, seconds, beside, others, target, faster=faster, peak_mb=peak, why=why)


def side_by_side(module: str, commands: list[tuple[str, ...]], runs: int = RUNS) -> list[dict[str, Any]]:
    """What each command says in a process of its own, `seconds` the median and `peak_mb` the highest of the runs.

    They take turns, so that whatever else the machine does falls on all of them.
    """
    heard: list[list[dict[str, Any]]] = [[] for _ in commands]
    for _ in range(runs):
        for number, command in enumerate(commands):
            heard[number].append(in_a_child(module, *command))
    return [
        {
            **said[0],
            "seconds": statistics.median(one["seconds"] for one in said),
            "peak_mb": max(one["peak"] for one in said),
        }
        for said in heard
    ]


def _agree(took: list[dict[str, Any]]) -> None:
    """Raises AssertionError when the answers differ: then nothing was measured."""
    for other in took[1:]:
        assert other["answer"][:3] == took[0]["answer"][:3], (took[0], other)
    assert took[0]["answer"] == took[1]["answer"], took[:2]


def _digest(keys: list[str]) -> str:
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _work(way: str, *arguments: str) -> None:
    paths, rest = [Path(argument) for argument in arguments[:2]], arguments[2:]
    for path in paths:  # into the system's cache, for everybody alike
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
    import_module(MODULES[way])
    started = time.perf_counter()
    answer = WAYS[way](*paths, *rest)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "answer": answer()}))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        _work(*sys.argv[1:])
    else:
        told(figures(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
