"""Letters on their way to a real mail server on loopback, and what becomes of those that it does not take."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.portal import Store
from core.portal.mail.letters import Letter
from core.portal.mail.postman import AT_ONCE, deliver_mail
from core.settings import Settings
from tests.portal.conftest import on_sqlite
from tests.portal.mail.conftest import StartPost, free_port

Later = Callable[..., datetime]
MakeSettings = Callable[..., Settings]
BODY = "Hello Zoë,\n\nAcme was submitted.\n.\nFrom here on: € 日本 " + "long " * 400

pytestmark = [
    on_sqlite,
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),  # the stand-in's, about itself
]


def post(store: Store, recipient: str = "pat@acme.example", subject: str = "Näh: submitted", body: str = BODY) -> None:
    store.post([Letter("email", recipient, "1", "test", subject, body)])


def states(store: Store) -> list[tuple[str, str, str]]:
    return [(mail.recipient, mail.state, mail.fault) for mail in store.list_mails(store.get_person("rita"))]


def test_a_letter_arrives_as_it_was_written(
    people: Store, start_post: StartPost, mail_settings: MakeSettings, later: Later
) -> None:
    received, port = start_post()
    post(people)
    assert deliver_mail(people, mail_settings(smtp_url=f"smtp://127.0.0.1:{port}"), later()) == 1
    [message] = received.received
    assert received.recipients == [["pat@acme.example"]]
    assert message["To"] == "pat@acme.example"
    assert message["From"] == "Developer Portal <portal@portal.example>"
    assert message["Subject"] == "Näh: submitted"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == BODY.rstrip("\n")
    assert states(people) == [("pat@acme.example", "sent", "")]
    assert deliver_mail(people, mail_settings(smtp_url=f"smtp://127.0.0.1:{port}"), later(9999)) == 0


def test_a_letter_keeps_its_message_id_on_every_attempt(
    people: Store, start_post: StartPost, mail_settings: MakeSettings, later: Later
) -> None:
    received, port = start_post()
    received.answers = ["451 Try later", "250 OK"]
    post(people)
    settings = mail_settings(smtp_url=f"smtp://127.0.0.1:{port}")
    assert deliver_mail(people, settings, later()) == 0
    assert states(people) == [("pat@acme.example", "waiting", "The mail server refuses the message: 451 Try later")]
    assert deliver_mail(people, settings, later(29)) == 0
    assert deliver_mail(people, settings, later(30)) == 1
    [mail] = people.list_mails(people.get_person("pat"))
    assert (mail.attempts, mail.fault) == (2, "")
    assert received.received[0]["Message-ID"] == f"<{mail.id}@portal.example>"


def test_a_refused_recipient_fails_for_good_and_holds_nobody_up(
    people: Store, start_post: StartPost, mail_settings: MakeSettings, later: Later
) -> None:
    received, port = start_post()
    received.refused["gone@acme.example"] = "550 No such mailbox"
    post(people, "gone@acme.example")
    post(people)
    assert deliver_mail(people, mail_settings(smtp_url=f"smtp://127.0.0.1:{port}"), later()) == 1
    assert sorted(states(people)) == [
        ("gone@acme.example", "failed", "The mail server refuses the recipient: 550 No such mailbox"),
        ("pat@acme.example", "sent", ""),
    ]


def test_while_the_server_is_away_all_mail_waits_and_then_goes_out(
    people: Store, start_post: StartPost, mail_settings: MakeSettings, later: Later
) -> None:
    port = free_port()
    settings = mail_settings(smtp_url=f"smtp://127.0.0.1:{port}")
    for _ in range(3):
        post(people)
    assert deliver_mail(people, settings, later()) == 0
    assert deliver_mail(people, settings, later(1)) == 0
    mails = people.list_mails(people.get_person("pat"))
    assert sorted(mail.attempts for mail in mails) == [0, 0, 1]
    assert {mail.state for mail in mails} == {"waiting"}
    received, _ = start_post(port=port)
    assert deliver_mail(people, settings, later(60)) == 3
    assert len(received.received) == 3


def test_a_long_queue_is_worked_off_in_parts(
    people: Store, start_post: StartPost, mail_settings: MakeSettings, later: Later
) -> None:
    received, port = start_post()
    settings = mail_settings(smtp_url=f"smtp://127.0.0.1:{port}")
    for _ in range(AT_ONCE + 1):
        post(people, body="Hello.")
    assert [deliver_mail(people, settings, later()) for _ in range(3)] == [AT_ONCE, 1, 0]
    assert len(received.received) == AT_ONCE + 1


def test_mail_that_waits_when_the_server_is_taken_away_is_kept(
    people: Store, mail_settings: MakeSettings, later: Later
) -> None:
    post(people)
    assert deliver_mail(people, mail_settings(), later()) == 0
    assert states(people) == [("pat@acme.example", "kept", "")]


def test_the_password_goes_out_encrypted_where_that_is_offered(
    people: Store,
    start_post: StartPost,
    mail_settings: MakeSettings,
    later: Later,
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server_side, client_side = certificate
    received, port = start_post(tls=server_side, password="p@ss/word")
    settings = mail_settings(smtp_url=f"smtp://user:p%40ss%2Fword@localhost:{port}")
    post(people)
    assert deliver_mail(people, settings, later(), context=client_side) == 1
    assert received.encrypted == [True]


def test_a_server_that_is_encrypted_from_the_start(
    people: Store,
    start_post: StartPost,
    mail_settings: MakeSettings,
    later: Later,
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server_side, client_side = certificate
    _, port = start_post(tls=server_side, wrapped=True)
    post(people)
    settings = mail_settings(smtp_url=f"smtps://localhost:{port}")
    assert deliver_mail(people, settings, later()) == 0
    [(_, state, fault)] = states(people)
    assert state == "waiting"
    assert "certificate" in fault
    assert deliver_mail(people, settings, later(600), context=client_side) == 1


def test_a_wrong_password_is_said_and_tried_again(
    people: Store, start_post: StartPost, mail_settings: MakeSettings, later: Later
) -> None:
    _, port = start_post(password="right")
    post(people)
    assert deliver_mail(people, mail_settings(smtp_url=f"smtp://user:wrong@127.0.0.1:{port}"), later()) == 0
    [(_, state, fault)] = states(people)
    assert (state, fault.startswith("The mail server refuses the user name or password: 535")) == ("waiting", True)
    assert "wrong" not in fault
    assert deliver_mail(people, mail_settings(smtp_url=f"smtp://user:right@127.0.0.1:{port}"), later(600)) == 1


def test_a_password_is_not_sent_in_the_clear_to_another_machine(
    people: Store, start_post: StartPost, mail_settings: MakeSettings, later: Later
) -> None:
    received, port = start_post(password="right")
    post(people)
    other_spelling = "127.1"  # leads to this machine too, but does not say so
    settings = mail_settings(smtp_url=f"smtp://user:right@{other_spelling}:{port}")
    assert deliver_mail(people, settings, later()) == 0
    [(_, state, fault)] = states(people)
    assert (state, "no encryption" in fault) == ("waiting", True)
    assert received.received == []


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The contexts of a server with a certificate for localhost, and of a client that trusts it."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(file)
    return server_side, ssl.create_default_context(cafile=str(file))
