"""`sync`: one run against the real endpoints, its outcome as text or JSON."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, current_thread, main_thread

import click
import pandas as pd

from core.cohort import read_snapshot
from core.commands.inputs import Prepared, prepare, read_integration, read_settings
from core.sync import (
    Delivery,
    Listener,
    RetrySchedule,
    SyncRun,
    load_state,
    next_membership,
    plan,
    run_sync,
    save_state,
)


def run(
    integration_path: Path,
    cohort: Path,
    previous: Path | None,
    state: Path | None,
    settings: Path | None,
    *,
    allow_removals: bool,
    retry_delays: tuple[float, ...] | None,
    as_json: bool,
) -> int:
    """The exit code: 0 when everything was acknowledged, else 1."""
    prepared = prepare(read_integration(integration_path), read_settings(settings), cohort, previous, state)
    schedule = None
    if retry_delays is not None:
        schedule = RetrySchedule(retry_delays, jitter=0)
        click.echo(f"Shortened retries: {', '.join(f'{delay:g} s' for delay in retry_delays) or 'none'}.", err=True)
    if previous is not None and prepared.list_id is None and "create_list" in prepared.builder.configured:
        click.echo("No list_id is known: a list is created, and it receives the difference only.", err=True)
    with _stoppable() as stop, _progress(prepared, allow_removals) as listener:
        result = run_sync(
            prepared.builder,
            prepared.change,
            list_id=prepared.list_id,
            allow_removals=allow_removals,
            schedule=schedule,
            listener=listener,
            stop=stop,
        )
    if state is not None:
        _remember(state, prepared, cohort, result)
    if as_json:
        click.echo(json.dumps(result.as_dict(), ensure_ascii=False))
    else:
        _tell(result)
    return 0 if result.outcome == "succeeded" else 1


def _remember(state: Path, prepared: Prepared, cohort: Path, result: SyncRun) -> None:
    key = prepared.change.key
    current: pd.DataFrame = read_snapshot(cohort, key).frame
    before = load_state(state, key).membership
    members = next_membership(before, current, key, result.added_keys, result.removed_keys)
    save_state(state, key, result.list_id, members)


@contextmanager
def _stoppable() -> Iterator[Event]:
    """Ctrl-C ends the run after the requests that are in flight; a second one ends it at once."""
    stop = Event()
    if current_thread() is not main_thread():
        yield stop
        return

    def on_interrupt(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(prepared: Prepared, allow_removals: bool) -> Iterator[Listener]:
    """A bar of members on a terminal; nothing elsewhere."""
    if not click.get_text_stream("stderr").isatty():
        yield lambda _delivery, _result: None
        return
    planned = plan(prepared.builder, prepared.change, list_id=prepared.list_id, allow_removals=allow_removals)
    bar = click.progressbar(length=max(planned.members, 1), label="Sending", file=click.get_text_stream("stderr"))
    with bar:

        def advance(delivery: Delivery, _result: SyncRun) -> None:
            bar.update(delivery.members)

        yield advance


def _tell(result: SyncRun) -> None:
    click.echo(
        f"{result.outcome}: {result.added:,} added, {result.removed:,} removed, {result.rejected:,} rejected, "
        f"{result.skipped:,} skipped; {result.requests:,} requests, {result.retries:,} retries"
    )
    if result.list_id is not None:
        click.echo(f"list id: {result.list_id}")
    for error in result.errors:
        status = f" {error.status}" if error.status else ""
        click.echo(f"  {error.endpoint}{status}: {error.reason} ({error.members:,} members). {error.message}")
    for skipped in result.skipped_members[:5]:
        click.echo(f"  skipped {skipped.key}: {skipped.reason}")
