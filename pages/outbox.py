"""The mail that the portal wrote: a reviewer reads all of it, everybody else what was written to them."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from core.portal.mail import Mail, MailState
from pages.parts import acting, moments
from pages.parts.text import md

PER_PAGE = 25
_STATES: dict[MailState, tuple[str, str]] = {
    "waiting": ("Waiting", "blue"),
    "sent": ("Sent", "green"),
    "failed": ("Not sent", "red"),
    "kept": ("Kept here", "gray"),
}
_STYLE = """
.st-key-mails { max-width: 60rem; gap: 0.5rem; }
.st-key-mails p { overflow-wrap: anywhere; }
.st-key-mails [class*="st-key-mail_"] { gap: 0.5rem; }
.st-key-mails pre { white-space: pre-wrap; overflow-wrap: anywhere; font-family: inherit; font-size: 0.9375rem; }
.st-key-outbox_head h1 { font-size: 1.75rem; padding: 0 0 0.25rem; }
.st-key-outbox_head { gap: 0.5rem; }
"""

st.html(f"<style>{_STYLE}</style>")
reader = acting.person()
everything = acting.can("read_outbox")
with st.container(key="outbox_head"):
    st.title("Mail", anchor=False)
    if everything:
        st.caption("Everything that the portal wrote, the newest first.")
    else:
        st.caption(f"What the portal wrote to {md(reader.email)}, the newest first.")
    if not acting.settings().smtp_url:
        st.caption("No mail server is set up (`PORTAL_SMTP_URL`): mail is kept here and not sent.")


def letter(mail: Mail) -> None:
    """One letter; it opens to its text."""
    word, colour = _STATES[mail.state]
    to = "Slack" if mail.channel == "slack" else mail.recipient
    when = moments.ago(mail.created_at, datetime.now(UTC))
    line = f"{md(mail.subject)} :gray[· {md(to) + ' · ' if everything else ''}{when}]"
    with st.container(key=f"mail_{mail.id}"), st.expander(line):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(word, color=colour)
            st.caption(f"To {md(to)}", width="content")
            moments.show(mail.sent_at or mail.created_at)
        if everything and mail.fault:
            tries = "once" if mail.attempts == 1 else f"{mail.attempts} times"
            st.warning(f"Tried {tries}. {md(mail.fault)}")
        st.text(mail.body)


count = acting.store().count_mails(reader)
pages = max(1, -(-count // PER_PAGE))
skip = (min(st.session_state.get("outbox_page", 1), pages) - 1) * PER_PAGE
with st.container(key="mails"):
    for mail in acting.store().list_mails(reader, limit=PER_PAGE, skip=skip):
        letter(mail)
    if not count:
        st.info("There is no mail yet. The portal writes when something is submitted, answered, or a sync fails.")
    if pages > 1:
        st.pagination(pages, key="outbox_page")
