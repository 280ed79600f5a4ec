"""`diff`: who joined and who left between two cohort files."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pandas as pd

from core.cohort import diff
from core.cohort.snapshot import ReadReport


def run(previous: Path, current: Path, key: str, out: Path | None, as_json: bool) -> None:
    found = diff(previous, current, key)
    reports = [report for report in (found.previous_report, found.current_report) if report]
    counts = {
        "added": len(found.added),
        "removed": len(found.removed),
        "unchanged": len(found.unchanged),
        "duplicates": sum(report.duplicates for report in reports),
        "empty_keys": sum(report.empty_keys for report in reports),
    }
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        _write(found.added, out / "added.csv")
        _write(found.removed, out / "removed.csv")
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(f"+ {counts['added']:,} added   - {counts['removed']:,} removed   {counts['unchanged']:,} unchanged")
    for path, report in zip((previous, current), reports, strict=True):
        click.echo(f"{path}: {_sum(report)}")


def _sum(report: ReadReport) -> str:
    return (
        f"{report.rows:,} rows = {report.members:,} members + {report.duplicates:,} duplicates "
        f"+ {report.empty_keys:,} empty keys"
    )


def _write(frame: pd.DataFrame, path: Path) -> None:
    """All columns, values exactly as they were read: this file is for programs, not for a spreadsheet."""
    frame.to_csv(path, index=False, lineterminator="\n")
