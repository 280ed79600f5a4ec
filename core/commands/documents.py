"""Reads the documents that commands are given. Imports nothing heavy: `check` should answer at once."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import InputError
from core.integration import Integration, load_integration
from core.integration.document import parse_json_object, validate
from core.request import Connection, with_environment


def read_bytes(path: Path) -> bytes:
    """A file's content. Raises `InputError` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}.", where=str(path)) from None


def read_integration(path: Path) -> Integration:
    return load_integration(read_bytes(path), name=str(path))


def read_settings(path: Path | None) -> Connection:
    """A settings file with its `env:NAME` values looked up; without a file an empty form."""
    if path is None:
        return Connection()
    connection = validate(Connection, parse_json_object(read_bytes(path), what=str(path)), what=str(path))
    return with_environment(connection, os.environ)
