"""`sandbox`: a destination on 127.0.0.1 that takes the shape of an integration."""

from __future__ import annotations

from pathlib import Path

import click

from core.commands.documents import read_integration, read_settings
from core.destination import serve
from core.errors import InputError


def run(integration_path: Path | None, port: int, settings: Path | None) -> None:
    integration = None if integration_path is None else read_integration(integration_path)
    connection = None if settings is None else read_settings(settings)
    try:
        serve(integration, port, connection, ready=lambda url: click.echo(f"Sandbox on {url}, Ctrl-C to stop"))
    except OSError as error:
        raise InputError(f"cannot be used: {error.strerror}.", where=f"port {port}", remedy="Choose another.") from None
