"""Runs the measurements and writes what they found: results.json, docs/performance.md and its plots.

    python -m benchmarks [STAGE ...] [--members 1000000 10000000] [--growth 10000 100000]
    python -m benchmarks report          writes the report anew, from the figures that there are

A stage is a module of this folder with `figures(members) -> list[Figure]`. Those that were not run keep the figures of
the last run that had them.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.report import write_report

RESULTS = Path(__file__).resolve().parent / "results.json"
STAGES: dict[str, tuple[int, ...]] = {
    "diff": (1_000_000, 10_000_000),
    "incremental": (1_000_000, 10_000_000),
    "render": (1_000_000,),
    "send": (10_000_000,),
    "end_to_end": (1_000_000, 10_000_000),
    "journal": (1_000_000,),
}
"""The stages in the order of the report, with the numbers of members that each is measured at by default."""

ONCE: dict[str, tuple[int, ...]] = {"pages": (1_000_000,)}
"""The stages that are measured at one size only."""

ON_REQUEST: dict[str, tuple[int, ...]] = {"big": (100_000_000,)}
GROWTH = (10_000, 100_000)


def main() -> None:
    known = [*STAGES, *ONCE, *ON_REQUEST]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument(
        "stages", nargs="*", metavar="STAGE", help=f"of {', '.join(known)}; by default {', '.join([*STAGES, *ONCE])}"
    )
    parser.add_argument("--members", nargs="*", type=int, default=[], help="numbers of members, for every stage")
    parser.add_argument("--growth", nargs="*", type=int, default=list(GROWTH), help="smaller numbers, for the plots")
    options = parser.parse_args()
    if options.stages == ["report"]:
        kept = _read()
        write_report([figure for stage in known for figure in kept.get(stage, [])], sys.argv[1:])
        return
    if unknown := set(options.stages) - set(known):
        parser.error(f"no such stage: {', '.join(sorted(unknown))}")
    kept = _read()
    for stage in options.stages or [*STAGES, *ONCE]:
        growth = options.growth if stage not in ONCE else []
        sizes = options.members or [*growth, *{**STAGES, **ONCE, **ON_REQUEST}[stage]]
        figures = []
        for members in sizes:
            for figure in import_module(f"benchmarks.{stage}").figures(members):
                print(figure.line(), flush=True)
                figures.append(figure)
        kept[stage] = figures
        _write(kept)
    write_report([figure for stage in known for figure in kept.get(stage, [])], sys.argv[1:])


def _read() -> dict[str, list[Figure]]:
    if not RESULTS.exists():
        return {}
    names = {field.name for field in fields(Figure)}
    return {
        stage: [Figure(**{name: value for name, value in one.items() if name in names}) for one in found]
        for stage, found in json.loads(RESULTS.read_text(encoding="utf-8")).items()
    }


def _write(found: dict[str, list[Figure]]) -> None:
    told = {stage: [figure.as_dict() for figure in figures] for stage, figures in found.items()}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
