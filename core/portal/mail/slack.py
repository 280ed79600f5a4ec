"""Lines to a Slack channel through an incoming webhook: one POST, no redirects, only where the policy allows."""

from __future__ import annotations

import json

from core.integration.models import DeliverySettings
from core.portal.mail.outbox import Mail
from core.portal.mail.sender import Unsent
from core.request import HttpRequest
from core.sync import NetworkPolicy, open_client
from core.sync.transport import exchange

_SECONDS = 10.0


def tell_slack(webhook: str, mail: Mail, policy: NetworkPolicy) -> None:
    """Post one line. Raises Unsent; its reason never holds the webhook, which is a secret."""
    body = json.dumps({"text": escaped(mail.body)}).encode()
    request = HttpRequest("POST", webhook, (("Content-Type", "application/json"),), body)
    with open_client(DeliverySettings(concurrency=1, timeout_seconds=_SECONDS), policy=policy) as client:
        done = exchange(client, request, deadline_seconds=_SECONDS)
    if done.answer is None:
        raise Unsent(f"Slack cannot be reached: {done.fault}", for_good=done.unusable, everything=not done.unusable)
    status = done.answer.status
    if status == 200:
        return
    passing = status == 429 or status >= 500
    raise Unsent(f"Slack answered {status}.", for_good=not passing, everything=passing)


def escaped(text: str) -> str:
    """`text` so that Slack shows it as it is: no mention, link or channel can be made of what somebody typed."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
