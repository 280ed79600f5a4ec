"""A mail server on loopback, people to write to, and what happens to an integration of theirs."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from core.portal import Store
from core.portal.demo import load_people
from core.portal.mail.outbox import Correspondence
from core.settings import Settings


@dataclass
class Post:
    """What the server received, and how it is to behave: `answers` are given to the next messages, in turn."""

    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.received.append(message_from_bytes(envelope.content, policy=default))
            self.recipients.append(envelope.rcpt_tos)
            self.encrypted.append(session.ssl is not None)
        return answer


StartPost = Callable[..., tuple[Post, int]]


@pytest.fixture
def start_post() -> Iterator[StartPost]:
    """Starts a mail server and gives what it received, and its port."""
    running: list[Controller] = []

    def start(
        *, port: int = 0, tls: ssl.SSLContext | None = None, wrapped: bool = False, password: str = ""
    ) -> tuple[Post, int]:
        post = Post()
        options: dict[str, Any] = {}
        if tls is not None and not wrapped:
            options["tls_context"] = tls
        if password:
            options["auth_required"] = True
            options["auth_require_tls"] = tls is not None and not wrapped
            options["authenticator"] = lambda _server, _session, _envelope, _way, given: AuthResult(
                success=given.password.decode() == password, handled=False
            )
        controller = Controller(
            post, hostname="127.0.0.1", port=port or free_port(), ssl_context=tls if wrapped else None, **options
        )
        controller.start()
        running.append(controller)
        return post, controller.port

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def people(store: Store) -> Store:
    """A store with the demo's organisations and people, which writes e-mail."""
    load_people(store)
    store.correspondence = Correspondence("https://portal.example", email=True)
    return store


@pytest.fixture
def mail_settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(**changes: Any) -> Settings:
        return Settings(data_dir=tmp_path, database_url="", mail_from="portal@portal.example", **changes)

    return make


@pytest.fixture
def later() -> Callable[[float], datetime]:
    """A time so many seconds after all that the test's clock can reach."""
    start = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
    return lambda seconds=0.0: start + timedelta(seconds=seconds)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
