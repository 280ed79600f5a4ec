"""`sync`: one run against the real endpoints, its outcome as text or JSON."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread

import click

from core.commands.documents import read_integration, read_settings
from core.commands.inputs import Prepared, prepare
from core.sync import Delivery, Listener, RetrySchedule, SyncRun, journal, run_sync


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
    with _stoppable() as stop, _progress(prepared) as show, _remembered(state, prepared) as remember:

        def listener(delivery: Delivery, result: SyncRun) -> None:
            remember(delivery, result)
            show(delivery, result)

        result = run_sync(
            prepared.builder,
            prepared.change,
            list_id=prepared.list_id,
            allow_removals=allow_removals,
            schedule=schedule,
            listener=listener,
            stop=stop,
        )
    if as_json:
        click.echo(json.dumps(result.as_dict(), ensure_ascii=False))
    else:
        _tell(result)
    return 0 if result.outcome == "succeeded" else 1


def _nothing(_delivery: Delivery, _result: SyncRun) -> None:
    pass


@contextmanager
def _remembered(state: Path | None, prepared: Prepared) -> Iterator[Listener]:
    """Keeps what is acknowledged in the state folder, if there is one."""
    if state is None or prepared.current is None:
        yield _nothing
        return
    with journal(state, prepared.change.key, prepared.list_id, prepared.current) as listener:
        yield listener


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
    for skipped in result.skipped_members[:5]:
        click.echo(f"  skipped {skipped.key}: {skipped.reason}")
