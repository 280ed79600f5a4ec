"""An SMTP server on loopback that keeps what it is sent, for a test to wait for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        """The address that the letter leads to."""
        return next(word for word in self.text.split() if word.startswith("http://"))


@dataclass
class MailServer:
    """`letters` are those received so far, in that order."""

    url: str = ""
    letters: list[Letter] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        text = message.get_content().replace("\r\n", "\n")
        with self._news:
            self.letters += [Letter(address, str(message["subject"]), text) for address in envelope.rcpt_tos]
            self._news.notify_all()
        return "250 OK"

    def wait_for(self, to: str, subject: str, number: int = 1, seconds: float = 60) -> Letter:
        """The letter to an address with this subject, the `number`-th of them, once it is there."""
        with self._news:
            self._news.wait_for(lambda: self.subjects_to(to).count(subject) >= number, seconds)
            found = [one for one in self.letters if (one.to, one.subject) == (to, subject)]
        assert len(found) >= number, f"No letter {subject!r} came to {to}, only {self.subjects_to(to)}"
        return found[number - 1]

    def subjects_to(self, address: str) -> list[str]:
        return [letter.subject for letter in self.letters if letter.to == address]


@contextmanager
def running() -> Iterator[MailServer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mail = MailServer(f"smtp://127.0.0.1:{port}")
    controller = Controller(mail, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mail
    finally:
        controller.stop()
