"""Letters by SMTP (RFC 5321), as plain-text messages (RFC 5322). Encrypted where the server offers it (RFC 3207)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from core.errors import InputError
from core.portal.mail.outbox import Mail

SECONDS = 20.0
_EXAMPLES = "Examples: smtp://user:password@mail.example.com:587, smtps://mail.example.com."
_PORTS = {"smtp": 25, "smtps": 465}
_HERE = {"localhost", "127.0.0.1", "::1"}


class Unsent(Exception):
    """A letter did not go out. `for_good`: trying again would end the same. `everything`: it is not about this letter,
    so that the others need not be tried now either.
    """

    def __init__(self, reason: str, *, for_good: bool = False, everything: bool = False) -> None:
        self.reason = reason
        self.for_good = for_good
        self.everything = everything
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed in. `wrapped`: encrypted from the first byte on (smtps)."""

    host: str
    port: int
    wrapped: bool
    user: str = ""
    password: str = field(default="", repr=False)


def smtp_server(url: str) -> SmtpServer:
    """The server that PORTAL_SMTP_URL names. Raises InputError."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if scheme not in _PORTS or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise InputError("This is not the URL of a mail server.", where="PORTAL_SMTP_URL", remedy=_EXAMPLES)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmtpServer(host, port or _PORTS[scheme], scheme == "smtps", user, password)


def sender_address(address: str) -> str:
    """PORTAL_MAIL_FROM, checked. Raises InputError."""
    try:
        return str(Address(addr_spec=address))
    except (HeaderParseError, ValueError, IndexError):
        pass
    raise InputError("This is not an e-mail address.", where="PORTAL_MAIL_FROM", remedy="Example: portal@example.com")


@contextmanager
def open_server(server: SmtpServer, *, context: ssl.SSLContext | None = None) -> Iterator[smtplib.SMTP]:
    """A conversation with the server, encrypted and logged in. Raises Unsent, about everything.

    A password is never sent unencrypted, but to this very machine; certificates are checked by `context` (the system's
    trust unless another is given).
    """
    context = context or ssl.create_default_context()
    try:
        if server.wrapped:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    except (OSError, smtplib.SMTPException) as error:
        raise Unsent(f"The mail server cannot be reached: {_said(error)}", everything=True) from error
    try:
        try:
            _agree(smtp, server, context)
        except smtplib.SMTPAuthenticationError as error:
            raise Unsent(
                f"The mail server refuses the user name or password: {_said(error)}", everything=True
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unsent(f"The mail server broke off: {_said(error)}", everything=True) from error
        yield smtp
    finally:
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


def send(smtp: smtplib.SMTP, mail: Mail, mail_from: str) -> None:
    """Hand one letter in. Raises Unsent."""
    try:
        message = compose(mail, mail_from)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise Unsent(f"It cannot be addressed to {mail.recipient!r}.", for_good=True) from error
    try:
        # not send_message, which writes ">From" where a line begins with "From"
        smtp.sendmail(mail_from, [mail.recipient], message.as_bytes())
    except smtplib.SMTPRecipientsRefused as refused:
        code, text = next(iter(refused.recipients.values()))
        raise Unsent(f"The mail server refuses the recipient: {_answer(code, text)}", for_good=code >= 500) from refused
    except smtplib.SMTPSenderRefused as error:
        raise Unsent(f"The mail server refuses the sender {mail_from}: {_said(error)}", everything=True) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Unsent("The mail server does not take such an address.", for_good=True) from error
    except smtplib.SMTPResponseException as error:
        reason = f"The mail server refuses the message: {_said(error)}"
        raise Unsent(reason, for_good=error.smtp_code >= 500) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unsent(f"The mail server broke off: {_said(error)}", everything=True) from error


def compose(mail: Mail, mail_from: str) -> EmailMessage:
    """The message. Its id is that of the letter, so that a copy can be told. Raises ValueError for an address or a
    subject that would not stay within its header.
    """
    message = EmailMessage(policy=SMTP)
    domain = mail_from.rpartition("@")[2] or "localhost"
    message["From"] = Address(display_name="Developer Portal", addr_spec=mail_from)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body + "\n", cte="quoted-printable")
    return message


def _agree(smtp: smtplib.SMTP, server: SmtpServer, context: ssl.SSLContext) -> None:
    smtp.ehlo_or_helo_if_needed()
    if not server.wrapped and smtp.has_extn("starttls"):
        smtp.starttls(context=context)
        smtp.ehlo()
    elif not server.wrapped and server.password and server.host not in _HERE:
        reason = "The mail server offers no encryption, and the password is not sent without; use smtps:// or port 587."
        raise Unsent(reason, everything=True)
    if server.user or server.password:
        smtp.login(server.user, server.password)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS:g} s"
    return str(getattr(error, "strerror", None) or error) or type(error).__name__


def _answer(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"[:300]


def retry_after(attempts: int, created_at: datetime, now: datetime) -> float | None:
    """Seconds until a letter that was tried `attempts` times is tried again: 30 s, doubling up to 4 hours; None once it
    is older than five days, as servers do it among themselves (RFC 5321, 4.5.4.1).
    """
    if (now - created_at).total_seconds() > 5 * 86400:
        return None
    return float(min(30 * 2 ** (attempts - 1), 4 * 3600))
