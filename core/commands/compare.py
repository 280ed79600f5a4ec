"""`diff`: who joined and who left between two cohort files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import click

from core.cohort import Members, ReadReport, diff


def run(previous: Path, current: Path, key: str, out: Path | None, as_json: bool) -> None:
    found = diff(previous, current, key)
    reports = [report for report in (found.previous_report, found.current_report) if report]
    counts = {
        "added": len(found.added),
        "removed": len(found.removed),
        "unchanged": found.counts.unchanged,
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


def _write(members: Members, path: Path) -> None:
    """All columns, values exactly as they were read: this file is for programs, not for a spreadsheet."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(members.columns)
        for table in members.tables(10_000):
            rows.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
