"""One measurement of a stage beside what it is compared with, in the same run."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is `seconds` over `beside_seconds`, or the reverse where the target is a speed-up (`faster`).

    `peak_mb`: resident memory of the process that did the work, from the operating system. `why`: what a target that is
    missed, or a figure that surprises, comes from.
    """

    stage: str
    case: str
    members: int
    seconds: float
    beside: str
    beside_seconds: float
    target: float
    faster: bool = False
    peak_mb: float | None = None
    why: str = ""

    @property
    def ratio(self) -> float:
        return self.beside_seconds / self.seconds if self.faster else self.seconds / self.beside_seconds

    @property
    def met(self) -> bool:
        return self.ratio >= self.target if self.faster else self.ratio <= self.target

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "met": self.met}

    def line(self) -> str:
        sign = ">=" if self.faster else "<="
        peak = "" if self.peak_mb is None else f", peak {self.peak_mb:,.0f} MB"
        return (
            f"{self.stage:12} {self.case:34} {self.members:>12,}  {self.seconds:8.3f} s  beside {self.beside} "
            f"{self.beside_seconds:8.3f} s  ratio {self.ratio:6.2f} ({sign} {self.target:g}: "
            f"{'met' if self.met else 'MISSED'}){peak}"
        )


def medians(runs: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of each work; they take turns, so that whatever else the machine does falls on all of them."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for number, work in enumerate(works):
            started = time.perf_counter()
            work()
            times[number].append(time.perf_counter() - started)
    return [statistics.median(found) for found in times]


def in_a_child(module: str, *arguments: str) -> dict[str, Any]:
    """What `python -m MODULE ARGUMENTS` prints as JSON in its last line, with `peak_mb` of that process added."""
    # Not ru_maxrss: it begins with the memory of the process that started this one.
    code = (
        "import json, pathlib, runpy, sys; sys.argv = sys.argv[1:]; "
        "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=False); "
        "status = pathlib.Path('/proc/self/status').read_text(); "
        "print(json.dumps({'peak_mb': int(status.split('VmHWM:')[1].split()[0]) / 1024}))"
    )
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-c", code, module, *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stderr}")
    said, peak = done.stdout.strip().splitlines()[-2:]
    return {**json.loads(said), **json.loads(peak)}


def told(figures: Sequence[Figure]) -> None:
    for figure in figures:
        print(figure.line(), flush=True)
