"""Lines to Slack: a stand-in for the webhook on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.portal import Store
from core.portal.mail import announce
from core.portal.mail.events import AccessRequested
from core.portal.mail.outbox import Correspondence
from core.portal.mail.postman import deliver_mail
from core.settings import Settings
from core.sync import NetworkPolicy
from tests.portal.conftest import on_sqlite

pytestmark = on_sqlite


class Webhook(ThreadingHTTPServer):
    answers: list[tuple[int, dict[str, str]]]
    posted: list[tuple[str, dict[str, str]]]


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, json.loads(body)))
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook(("127.0.0.1", 0), _Handler)
    server.answers, server.posted = [], []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def slack(webhook: Webhook, mail_settings: Callable[..., Settings]) -> Settings:
    return mail_settings(slack_webhook=f"http://127.0.0.1:{webhook.server_port}/services/SECRET")


def ask(people: Store, name: str = "Larkspur Retail") -> None:
    people.correspondence = Correspondence("https://portal.example", slack=True)
    organisation = people.update_organisation("318822", {"name": name})
    announce(people, AccessRequested(organisation=organisation, by=people.get_person("nora")))


def line(people: Store) -> tuple[str, str]:
    [mail] = [mail for mail in people.list_mails(people.get_person("rita")) if mail.channel == "slack"]
    return mail.state, mail.fault


def test_a_line_is_posted_and_mentions_nobody(
    people: Store, webhook: Webhook, slack: Settings, later: Callable[..., datetime]
) -> None:
    ask(people, "<!channel> & <https://evil.example|Northwind>")
    assert deliver_mail(people, slack, later()) == 1
    [(path, sent)] = webhook.posted
    assert path == "/services/SECRET"
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example|Northwind&gt; (organization 318822)" in sent["text"]
    assert line(people) == ("sent", "")


@pytest.mark.parametrize(
    ("answer", "state"),
    [((503, {}), "waiting"), ((429, {}), "waiting"), ((404, {}), "failed"), ((302, {"Location": "/other"}), "failed")],
)
def test_what_slack_answers_decides_whether_it_is_tried_again(
    people: Store,
    webhook: Webhook,
    slack: Settings,
    later: Callable[..., datetime],
    answer: tuple[int, dict[str, str]],
    state: str,
) -> None:
    webhook.answers = [answer]
    ask(people)
    assert deliver_mail(people, slack, later()) == 0
    assert line(people) == (state, f"Slack answered {answer[0]}.")
    assert len(webhook.posted) == 1
    assert deliver_mail(people, slack, later(60)) == (1 if state == "waiting" else 0)


def test_a_webhook_where_requests_may_not_go_is_refused_without_saying_it(
    people: Store, webhook: Webhook, slack: Settings, later: Callable[..., datetime]
) -> None:
    ask(people)
    assert deliver_mail(people, slack, later(), policy=NetworkPolicy(allow_private=False)) == 0
    state, fault = line(people)
    assert state == "failed"
    assert "SECRET" not in fault
    assert webhook.posted == []
