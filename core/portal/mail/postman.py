"""Takes what is due out of the outbox and hands it on. Called every few seconds, by any number of processes."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import ExitStack
from datetime import datetime, timedelta

from core.portal.mail.outbox import Mail, Outbox
from core.portal.mail.sender import Unsent, open_server, retry_after, send, sender_address, smtp_server
from core.portal.mail.slack import tell_slack
from core.settings import Settings
from core.sync import ANYWHERE, NetworkPolicy

AT_ONCE = 50
"""Letters handed on in one call, so that a call ends."""


def check_ways_out(settings: Settings) -> None:
    """Whether the mail settings can be used. Raises InputError, naming the variable."""
    if settings.smtp_url:
        smtp_server(settings.smtp_url)
        sender_address(settings.mail_from)


def deliver_mail(
    store: Outbox,
    settings: Settings,
    now: datetime,
    *,
    policy: NetworkPolicy = ANYWHERE,
    context: ssl.SSLContext | None = None,
) -> int:
    """Hand on what is due at `now`; the number of letters that were accepted.

    What does not go out waits longer each time (`retry_after`); after a fault that is not about one letter (the server
    is away) the rest waits as well. `policy` says where Slack's webhook may be (the operator chose it), `context` which
    certificates are good.
    """
    sent = 0
    with ExitStack() as stack:
        smtp: smtplib.SMTP | None = None
        for _ in range(AT_ONCE):
            mail = store.claim_mail(now)
            if mail is None:
                break
            if not (settings.slack_webhook if mail.channel == "slack" else settings.smtp_url):
                store.mark_kept(mail.id)
                continue
            try:
                if mail.channel == "slack":
                    tell_slack(settings.slack_webhook, mail, policy)
                else:
                    if smtp is None:
                        smtp = stack.enter_context(open_server(smtp_server(settings.smtp_url), context=context))
                    send(smtp, mail, settings.mail_from)
            except Unsent as fault:
                _put_back(store, mail, fault, now)
                if fault.everything:
                    break
            else:
                store.mark_sent(mail.id, now)
                sent += 1
    return sent


def _put_back(store: Outbox, mail: Mail, fault: Unsent, now: datetime) -> None:
    seconds = None if fault.for_good else retry_after(mail.attempts, mail.created_at, now)
    again_at = None if seconds is None else now + timedelta(seconds=seconds)
    store.mark_unsent(mail.id, fault.reason, again_at)
    if fault.everything:
        store.hold_back(mail.channel, again_at or now + timedelta(minutes=5))
