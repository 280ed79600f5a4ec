"""`render`: every request of a run, and nothing sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from core.commands.documents import read_integration, read_settings
from core.commands.inputs import prepare
from core.errors import InputError
from core.request import RenderedRequest, curl, har, json_line, postman
from core.sync import Skipped, render_all
from core.template import ValueFault


def run(
    integration_path: Path, cohort: Path, previous: Path | None, settings: Path | None, form: str, reveal: bool
) -> None:
    integration = read_integration(integration_path)
    prepared = prepare(integration, read_settings(settings), cohort, previous)
    skipped: Counter[str] = Counter()
    requests = _requests(render_all(prepared.builder, prepared.change, list_id=prepared.list_id), skipped)
    try:
        _print(requests, integration.display_name or "Integration", form, reveal)
    except ValueFault as fault:
        raise InputError(f"{fault.reason}.", remedy=f"Fill in {_settings_key(fault)} in the settings.") from None
    for reason, count in skipped.most_common():
        click.echo(f"skipped {count:,}: {reason}", err=True)


def _print(requests: Iterator[RenderedRequest], name: str, form: str, reveal: bool) -> None:
    if form == "jsonl":
        for request in requests:
            click.echo(json_line(request, reveal=reveal))
    elif form == "curl":
        for number, request in enumerate(requests, 1):
            command = curl(request.wire if reveal else request.marked)
            click.echo(f"# {number} {request.endpoint}, {request.members} members")
            for variable, meaning in command.variables:
                if "," in meaning:
                    click.echo(f"# {variable} holds {meaning}")
            click.echo(command.command + "\n")
    elif form == "har":
        click.echo(json.dumps(har(requests, reveal=reveal), ensure_ascii=False, indent=2))
    else:
        click.echo(json.dumps(postman(requests, name, reveal=reveal), ensure_ascii=False, indent=2))


def _requests(found: Iterable[RenderedRequest | Skipped], skipped: Counter[str]) -> Iterator[RenderedRequest]:
    for one in found:
        if isinstance(one, Skipped):
            skipped[one.reason] += 1
        else:
            yield one


def _settings_key(fault: ValueFault) -> str:
    """Where a settings file holds the value that is missing."""
    cohort = {"amp_cohort_name": "cohort.name", "amp_cohort_id": "cohort.id"}
    return cohort.get(fault.variable, fault.variable if fault.variable == "list_id" else f"fields.{fault.variable}")
