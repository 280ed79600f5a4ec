"""Writes docs/performance.md and its plots from the figures of a run."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from itertools import groupby
from pathlib import Path

import matplotlib

from benchmarks.figure import Figure

matplotlib.use("Agg")
from matplotlib import pyplot

DOCS = Path(__file__).resolve().parent.parent / "docs"
JUDGED_FROM = 1_000_000
_PACKAGES = ("duckdb", "pyarrow", "pandas", "polars", "orjson", "httpx")
_HEAD = """# Performance

Every target is a ratio of two works done in one run, taking turns; seconds are medians. Peak memory is what the
operating system counted for the process that did the work. The data are made by `benchmarks/data.py`, the same on every
machine. Below a million members there are no targets: those figures are in the plots.
This page is written by `make bench`; a `why` stands in the stage's module.
"""
_ROWS = """| case | members | seconds | beside | seconds | ratio | target | peak |
| --- | ---: | ---: | --- | ---: | ---: | --- | ---: |
"""


def write_report(figures: Sequence[Figure], arguments: Sequence[str]) -> None:
    command = " ".join(["python -m benchmarks", *arguments])
    parts = [_HEAD, f"Last run: `{command}`, on {_machine()}.\n"]
    for stage, group in groupby(figures, key=lambda figure: figure.stage):
        found = list(group)
        about = (import_module(f"benchmarks.{stage}").__doc__ or "").strip()
        text = about.replace("\n    python", "\n    $ python")
        parts.append(f"## {stage.capitalize()}\n\n{text}\n\n{_ROWS}{''.join(map(_row, _judged(found)))}")
        reasons = dict.fromkeys(f"* {figure.case}: {why}" for figure in _judged(found) if (why := _why(figure)))
        if reasons:
            parts.append("\n".join(reasons) + "\n")
        if picture := _plot(stage, found):
            parts.append(f"![{stage}: seconds and memory against members](pictures/{picture})\n")
    (DOCS / "performance.md").write_text("\n".join(parts), encoding="utf-8")


def _why(figure: Figure) -> str:
    """Where a figure comes from: its own words, and what its stage's module says of the case (`REASONS`)."""
    reasons: dict[str, str] = getattr(import_module(f"benchmarks.{figure.stage}"), "REASONS", {})
    return "; ".join(filter(None, (figure.why, reasons.get(f"{figure.case} beside {figure.beside}", ""))))


def _judged(figures: Sequence[Figure]) -> Sequence[Figure]:
    """Those that a target is meant for; all, when none is."""
    return [figure for figure in figures if figure.members >= JUDGED_FROM] or figures


def _row(figure: Figure) -> str:
    peak = "" if figure.peak_mb is None else f"{figure.peak_mb:,.0f} MB"
    target = f"{'≥' if figure.faster else '≤'} {figure.target:g} {'met' if figure.met else '**missed**'}"
    return (
        f"| {figure.case} | {figure.members:,} | {figure.seconds:.3g} | {figure.beside} | {figure.beside_seconds:.3g} "
        f"| {figure.ratio:.2f} | {target} | {peak} |\n"
    )


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = []
    for package in _PACKAGES:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    python = ".".join(map(str, sys.version_info[:3]))
    cpu = _cpu()
    return (
        f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GB, {platform.system()}, Python {python}, {', '.join(versions)}"
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _plot(stage: str, figures: Sequence[Figure]) -> str | None:
    """Seconds, ours and what stands beside it, and peak memory, against members; None for a single size."""
    if len({figure.members for figure in figures}) < 2:
        return None
    drawn, (times, memory) = pyplot.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    for case in dict.fromkeys(figure.case for figure in figures):
        of_case = [figure for figure in figures if figure.case == case]
        ours = sorted({figure.members: figure.seconds for figure in of_case}.items())
        times.plot(*zip(*ours, strict=True), marker="o", label=case)
        peaks = sorted({figure.members: figure.peak_mb for figure in of_case if figure.peak_mb}.items())
        if peaks:
            memory.plot(*zip(*peaks, strict=True), marker="o", label=case)
    for axes, unit in ((times, "seconds"), (memory, "peak memory, MB")):
        axes.set(xscale="log", yscale="log", xlabel="members", ylabel=unit)
        axes.grid(alpha=0.3)
    times.legend(fontsize=8)
    name = f"performance-{stage}.svg"
    (DOCS / "pictures").mkdir(exist_ok=True)
    matplotlib.rcParams["svg.hashsalt"] = stage  # the same picture for the same figures
    pyplot.savefig(DOCS / "pictures" / name, metadata={"Date": None})
    pyplot.close(drawn)
    return name
