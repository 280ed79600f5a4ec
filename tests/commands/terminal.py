"""Runs `python -m core` as a partner's CI does, against a destination on a loopback port."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.sync.loopback import Heard, Server, reply, serving

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "s3cr3t-0123456789"
USERS = 'user_id,email\n007,a@example.com\n1e5,\n"q""uote",c@example.com\nüñï,d@example.com\n'

LIST: dict[str, Any] = {
    "display_name": "Acme",
    "summary": "Sends cohorts to Acme.",
    "auth": {"method": "bearer", "token": "$bearer_token"},
    "custom_fields": [{"variable": "bearer_token", "display_name": "Bearer Token", "secret": True}],
    "mapping_fields": [
        {"variable": "user", "display_name": "User ID"},
        {"variable": "mail", "display_name": "Email", "required": False},
    ],
    "endpoints": {
        "create_list": {"url": "BASE/lists", "payload": '{"name": "$amp_cohort_name"}'},
        "add_users": {
            "url": "BASE/lists/$list_id/add",
            "payload": '{"users": $items}',
            "item": '{"id": "$user", "mail": "${mail|sha256}"}',
            "batch_size": 3,
        },
        "remove_users": {
            "url": "BASE/lists/$list_id/remove",
            "payload": '{"users": $items}',
            "item": '{"id": "$user"}',
            "batch_size": 3,
        },
    },
}
PROPERTY: dict[str, Any] = {
    **{name: LIST[name] for name in ("display_name", "summary", "auth", "custom_fields", "mapping_fields")},
    "type": "property",
    "endpoints": {
        "update_users": {
            "method": "PATCH",
            "url": "BASE/users?cohort=$amp_cohort_id",
            "payload": "$items",
            "item": '{"id": "$user", "in": $in_cohort}',
            "batch_size": 3,
        }
    },
}
PER_USER: dict[str, Any] = {
    **{name: PROPERTY[name] for name in PROPERTY if name != "endpoints"},
    "endpoints": {
        "update_users": {"method": "PUT", "url": "BASE/users/$user", "payload": '{"in": $in_cohort, "mail": "$mail"}'}
    },
}
SETTINGS: dict[str, Any] = {
    "fields": {"bearer_token": "env:ACME_TOKEN"},
    "mappings": {"user": "user_id", "mail": "email"},
    "cohort": {"id": "c1", "name": "Power users & Co", "url": "https://app.example.com/c1"},
}


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def arguments(*command: str | Path) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "core", *map(str, command)]


def environment(**extra: str) -> dict[str, str]:
    return {**os.environ, "ACME_TOKEN": TOKEN, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **extra}


def run(*command: str | Path, cwd: Path = ROOT, **extra: str) -> Ended:
    done = subprocess.run(
        arguments(*command), cwd=cwd, env=environment(**extra), capture_output=True, timeout=120, check=False
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@dataclass
class Desk:
    """A folder with the files that commands take."""

    folder: Path

    def write(self, name: str, content: str | bytes | dict[str, Any]) -> Path:
        path = self.folder / name
        text = json.dumps(content) if isinstance(content, dict) else content
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def integration(self, document: dict[str, Any] = LIST, base: str = "https://api.example.test") -> Path:
        return self.write("integration.json", json.dumps(document).replace("BASE", base))

    def settings(self, **changes: Any) -> Path:
        return self.write("settings.json", {**SETTINGS, **changes})

    def cohort(self, text: str = USERS, name: str = "cohort.csv") -> Path:
        return self.write(name, text)


@dataclass
class Partner:
    """A destination that keeps the members of its lists."""

    server: Server
    members: set[str] = field(default_factory=set)


@contextmanager
def partner() -> Iterator[Partner]:
    found: list[Partner] = []

    def converse(connection: socket.socket, heard: Heard) -> None:
        if heard.target.endswith(("/add", "/remove")):
            ids = {user["id"] for user in json.loads(heard.body)["users"]}
            with found[0].server.lock:
                members = found[0].members
                found[0].members = members | ids if heard.target.endswith("/add") else members - ids
        reply(200, b'{"listId": "L 1"}')(connection, heard)

    with serving(converse) as server:
        found.append(Partner(server))
        yield found[0]
