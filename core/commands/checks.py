"""`check`: what keeps an integration from working, and what its partner should look at."""

from __future__ import annotations

import json
from pathlib import Path

import click

from core.commands.documents import read_integration
from core.integration import check


def run(integration_path: Path, as_json: bool, strict: bool) -> int:
    """The exit code: 1 with errors (with `strict`, with warnings too), else 0."""
    report = check(read_integration(integration_path))
    errors, warnings = len(report.errors), len(report.warnings)
    if as_json:
        findings = [finding.as_dict() for finding in report.findings]
        click.echo(json.dumps({"errors": errors, "warnings": warnings, "findings": findings}, ensure_ascii=False))
    else:
        for finding in report.findings:
            click.echo(f"{finding.severity:8}{finding.id:28}{finding}")
        click.echo(f"{errors} errors, {warnings} warnings" if report.findings else "No findings.")
    return 1 if errors or (strict and warnings) else 0
