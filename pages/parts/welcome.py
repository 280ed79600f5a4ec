"""What a visitor sees who has not logged in, or whom the portal does not know yet."""

from __future__ import annotations

import streamlit as st

from core.errors import PortalError
from core.portal.people.accounts import NAME_LENGTH, register
from pages.parts import acting
from pages.parts.acting import Visitor
from pages.parts.text import md

TITLES: dict[Visitor, str] = {
    "signed_out": "Log in",
    "unverified": "E-mail not verified",
    "new": "Register your organization",
    "refused": "No access",
}
_STYLE = """
.st-key-welcome { max-width: 34rem; margin: clamp(1rem, 8vh, 5rem) auto 0; padding: 1.75rem 2rem 2rem; }
.st-key-welcome h1 { font-size: 1.625rem; padding: 0; }
.st-key-welcome form, .st-key-welcome [data-testid="stForm"] { border: 0; padding: 0; }
"""


def show(visitor: Visitor) -> None:
    """The one thing that this visitor can do now."""
    st.html(f"<style>{_STYLE}</style>")
    with st.container(key="welcome", border=True):
        st.title({**TITLES, "signed_out": "Developer Portal"}[visitor], anchor=False)
        if visitor == "signed_out":
            st.write("Bring your product to Amplitude's customers: set up, test and submit cohort integrations.")
            if st.button("Log in", key="log_in", type="primary", icon=":material/login:"):
                st.login()
            return
        if visitor == "new":
            _registration()
        elif visitor == "unverified":
            st.write(
                "Your provider does not say that your e-mail address is yours. Verify it there, then log in again."
            )
        else:
            st.write("You are not among the reviewers any more. Ask whoever operates this portal.")
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Log out", key="log_out", icon=":material/logout:"):
                st.logout()
            st.caption(f"Logged in as {md(acting.account_email() or acting.account_name() or 'somebody')}")


def _registration() -> None:
    st.write(
        "You are the first of your organization here, and become its partner. If it is registered already, ask one of "
        "its partners to add you."
    )
    with st.form("register", enter_to_submit=True):
        name = st.text_input("Your name", value=acting.account_name(), key="register_name", max_chars=NAME_LENGTH)
        org_name = st.text_input("Organization name", key="register_org_name", max_chars=NAME_LENGTH)
        org = st.text_input(
            "Organization ID",
            key="register_org",
            max_chars=40,
            help="Under Organization settings in Amplitude. Everything you build belongs to it.",
        )
        if st.form_submit_button("Register", type="primary"):
            try:
                register(acting.store(), acting.account_email(), name, org, org_name)
            except PortalError as error:
                st.error(md(str(error)))
            else:
                st.rerun()
