"""`rotate-keys`: every saved secret under the first key, so that an older key can be retired."""

from __future__ import annotations

import click

from core.portal import Store
from core.settings import Settings


def run() -> int:
    """The exit code: 0 when no secret needs an older key any more, 1 when some could not be opened."""
    store = Store.open(Settings.from_environment())
    try:
        done = store.reseal_secrets()
    finally:
        store.close()
    click.echo(f"{done.secrets:,} secrets are under the first key.")
    if done.unreadable:
        click.echo(f"{done.unreadable:,} secrets cannot be opened by any key; they have to be entered again.", err=True)
        return 1
    click.echo("The other keys are no longer needed.")
    return 0
