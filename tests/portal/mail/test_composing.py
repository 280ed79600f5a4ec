"""A letter as a message, the mail server's URL, and the pauses between attempts; nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.errors import InputError
from core.portal.mail.outbox import Mail
from core.portal.mail.postman import check_ways_out
from core.portal.mail.sender import compose, retry_after
from core.settings import Settings

Later = Callable[..., datetime]
MakeSettings = Callable[..., Settings]


@pytest.mark.parametrize(
    ("recipient", "subject"),
    [
        ("pat@acme.example\r\nBcc: victim@example.com", "Hello"),
        ("pat@acme.example, victim@example.com", "Hello"),
        ("not an address", "Hello"),
        ("pat@acme.example", "Hello\r\nBcc: victim@example.com"),
    ],
)
def test_nothing_that_a_letter_holds_adds_a_header_or_a_recipient(recipient: str, subject: str, later: Later) -> None:
    mail = Mail("id", "email", recipient, "1", "test", subject, "Hi", "waiting", 1, "", later(), later(), None)
    with pytest.raises((ValueError, IndexError)):
        compose(mail, "portal@portal.example")


@pytest.mark.parametrize(
    "url",
    ["http://mail.example", "smtp://", "mail.example:25", "smtp://mail.example/inbox", "smtp://mail.example:99999"],
)
def test_an_unusable_mail_server_is_said_at_the_start(url: str, mail_settings: MakeSettings) -> None:
    with pytest.raises(InputError, match="PORTAL_SMTP_URL"):
        check_ways_out(mail_settings(smtp_url=url))


def test_pauses_grow_and_end(later: Later) -> None:
    pauses = [retry_after(attempt, later(), later()) for attempt in (1, 2, 3, 4, 12, 99)]
    assert pauses == [30, 60, 120, 240, 14400, 14400]
    assert retry_after(40, later(), later(5 * 86400 + 1)) is None
