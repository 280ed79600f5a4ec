"""`sync`: one run against the real endpoints, its outcome as text or JSON."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread

import click

from core.commands.documents import read_integration, read_settings
from core.commands.inputs import Prepared, prepare
from core.sync import Delivery, Ledger, Listener, RetrySchedule, SyncRun, journal, locked, run_sync, suggested_rules


def run(
    integration_path: Path,
    cohort: Path,
    previous: Path | None,
    state: Path | None,
    settings: Path | None,
    *,
    allow_removals: bool,
    create_again: bool,
    retry_delays: tuple[float, ...] | None,
    as_json: bool,
) -> int:
    """The exit code: 0 when everything was acknowledged, else 1. Nobody else may use the state folder meanwhile."""
    integration, connection = read_integration(integration_path), read_settings(settings)
    with nullcontext() if state is None else locked(state):
        prepared = prepare(
            integration, connection, cohort, previous, state, allow_removals=allow_removals, create_again=create_again
        )
        result = _carry_out(prepared, previous, state, allow_removals, retry_delays)
    if as_json:
        click.echo(json.dumps(result.as_dict(), ensure_ascii=False))
    else:
        _tell(result)
    return 0 if result.outcome == "succeeded" else 1


def _carry_out(
    prepared: Prepared,
    previous: Path | None,
    state: Path | None,
    allow_removals: bool,
    retry_delays: tuple[float, ...] | None,
) -> SyncRun:
    schedule = None
    if retry_delays is not None:
        schedule = RetrySchedule(retry_delays, jitter=0)
        click.echo(f"Shortened retries: {', '.join(f'{delay:g} s' for delay in retry_delays) or 'none'}.", err=True)
    if previous is not None and prepared.list_id is None and "create_list" in prepared.builder.configured:
        click.echo("No list_id is known: a list is created, and it receives the difference only.", err=True)
    with _stoppable() as stop, _progress(prepared) as show, _remembered(state, prepared) as ledger:
        return run_sync(
            prepared.builder,
            prepared.change,
            list_id=prepared.list_id,
            allow_removals=allow_removals,
            schedule=schedule,
            listener=show,
            ledger=ledger,
            stop=stop,
        )


def _nothing(_delivery: Delivery, _result: SyncRun) -> None:
    pass


@contextmanager
def _remembered(state: Path | None, prepared: Prepared) -> Iterator[Ledger | None]:
    """Keeps what is acknowledged in the state folder, if there is one."""
    if state is None or prepared.current is None:
        yield None
        return
    with journal(state, prepared.change.key, prepared.list_id, prepared.current, prepared.mapping) as ledger:
        yield ledger


@contextmanager
def _stoppable() -> Iterator[Event]:
    """Ctrl-C ends the run after the requests that are in flight; a second one ends the process at once."""
    stop = Event()
    if current_thread() is not main_thread():
        yield stop
        return

    def on_interrupt(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        # In a thread of its own: the interrupted code may hold the lock that setting the event needs.
        Thread(target=stop.set).start()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(prepared: Prepared) -> Iterator[Listener]:
    """A bar of members on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    members = len(prepared.change.added) + len(prepared.change.removed)
    bar = click.progressbar(length=max(members, 1), label="Sending", file=sys.stderr)
    with bar:

        def advance(_delivery: Delivery, result: SyncRun) -> None:
            settled = result.added + result.removed + result.rejected + result.failed + result.skipped
            bar.update(min(settled, members) - bar.pos)

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
    if result.withheld is not None:
        sample = ", ".join(result.withheld.sample)
        more = ", …" if result.withheld.members > len(result.withheld.sample) else ""
        click.echo(f"  withheld removals: {sample}{more}")
    for suggestion in suggested_rules(result):
        rule = json.dumps(suggestion.rule, ensure_ascii=False)
        click.echo(f"  no rule names {suggestion.answers:,} answers of {suggestion.endpoint}; suggested: {rule}")
    for skipped in result.skipped_members[:5]:
        click.echo(f"  skipped {skipped.key}: {skipped.reason}")
