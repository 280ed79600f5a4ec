"""Who is acting in this session, and the store that they work in.

With an OIDC provider in Streamlit's secrets a person is who they log in as. Without one the portal is in demo mode:
"Acting as" changes the person, and the address keeps who it is (`?as=...`), so that a reload and a link stay with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Literal

import streamlit as st

from core.errors import ForbiddenError, NotFoundError
from core.portal import Store
from core.portal.demo import CUSTOMER_ORG, DEMO_ORG, DEMO_PERSON
from core.portal.people import Organisation, Person, Right, may, require
from core.portal.people.accounts import sign_in
from core.portal.people.directory import PLATFORM_ORG
from core.portal.test_runs import Runner
from core.settings import Settings

Visitor = Literal["known", "signed_out", "unverified", "new", "refused"]
"""`new` has logged in but belongs to no organisation yet; `refused` was a reviewer and is none any more."""

_PERSON = "acting_as"
_ADDRESS = "as"


class _Known(local):
    """Who acts in the run that this thread carries out, once it is settled; a page asks some twenty times a run."""

    person: Person | None = None
    organisation: Organisation | None = None


_known = _Known()


@st.cache_resource
def settings() -> Settings:
    """This installation's settings, read from the environment once."""
    return Settings.from_environment()


@st.cache_resource
def store() -> Store:
    """The one store of this process; it may be used from every session's thread."""
    return Store.open(settings())


def demo_mode() -> bool:
    """Whether people choose who they are, because there is no provider to log in with."""
    return not (st.secrets.load_if_toml_exists() and "auth" in st.secrets)


@contextmanager
def settled() -> Iterator[Visitor]:
    """Around every run of the router: finds out who acts. Only for a visitor who is `known` there is a `person`.

    What was found out holds until the run ends. Callbacks and fragments, which come before or without it, ask anew.
    """
    visitor = _settle()
    try:
        if visitor == "known":
            _known.person = person()
            _known.organisation = organisation()
        yield visitor
    finally:
        _known.person = _known.organisation = None


def _settle() -> Visitor:
    if demo_mode():
        _settle_demo()
        return "known"
    st.session_state.pop(_PERSON, None)
    if not st.user.get("is_logged_in"):
        return "signed_out"
    if st.user.get("email_verified") not in (True, "true") or not account_email():
        return "unverified"
    try:
        signed_in = sign_in(store(), settings(), account_email(), account_name())
    except ForbiddenError:
        return "refused"
    if signed_in is None:
        return "new"
    st.session_state[_PERSON] = signed_in.id
    return "known"


def account_email() -> str:
    """The address that the provider gave; whether it is verified is for `settle` to say."""
    return str(st.user.get("email") or "")


def account_name() -> str:
    """The name that the provider gave, "" if none."""
    return str(st.user.get("name") or "")


def act_as(person_id: str) -> None:
    """Makes somebody else act in this session, which forgets what the one before typed. Only in demo mode."""
    if not demo_mode():
        return
    _known.person = _known.organisation = None
    for key in list(st.session_state):
        del st.session_state[key]
    st.session_state[_PERSON] = store().get_person(person_id).id
    st.query_params.clear()
    if person_id != DEMO_PERSON:
        st.query_params[_ADDRESS] = person_id


def people_to_act_as() -> list[tuple[Organisation, list[Person]]]:
    """Everybody of a demo installation, by organisation."""
    reviewer = next(iter(store().list_reviewers()), None)
    known = [*store().list_organisations(reviewer)] if reviewer else []
    known.sort(key=lambda one: (one.id != DEMO_ORG, one.id != CUSTOMER_ORG))
    if reviewer:
        known.append(store().get_organisation(PLATFORM_ORG))
    return [(one, store().list_people(one.id)) for one in known]


def person() -> Person:
    """Who acts in this session."""
    if _known.person is not None:
        return _known.person
    return store().get_person(st.session_state.get(_PERSON, DEMO_PERSON) if demo_mode() else st.session_state[_PERSON])


def organisation() -> Organisation:
    """The organisation of the person who acts."""
    if _known.organisation is not None:
        return _known.organisation
    return store().get_organisation(person().org_id)


def can(right: Right) -> bool:
    """Whether the person who acts has a right, for what to show; what is done checks it again in the core."""
    return may(person(), right, organisation())


def admit(right: Right) -> None:
    """Ends the page with a sentence and a way on unless the person who acts has the right to be on it."""
    try:
        require(person(), right, organisation())
    except ForbiddenError as error:
        with st.container(key="not_admitted", border=True):
            st.header("This page is not yours to open", anchor=False)
            st.text(str(error))
            st.page_link("organization.py", label="Organization settings", icon=":material/arrow_forward:")
        st.stop()


def org() -> str:
    """The organisation whose integrations, connections and cohorts this session sees."""
    return person().org_id


@st.cache_resource
def runner() -> Runner:
    """Carries out the test runs of this process."""
    return Runner(store())


def _settle_demo() -> None:
    named = st.query_params.get(_ADDRESS)
    if named is not None and named != st.session_state.get(_PERSON):
        try:
            st.session_state[_PERSON] = store().get_person(named).id
        except NotFoundError:
            st.session_state.pop(_PERSON, None)
    acting = st.session_state.get(_PERSON, DEMO_PERSON)
    try:
        store().get_person(acting)
    except NotFoundError:  # somebody took them out of their organisation meanwhile
        acting = next(one.id for _, people in people_to_act_as() for one in people)
        st.session_state[_PERSON] = acting
    if acting != DEMO_PERSON:
        st.query_params[_ADDRESS] = acting
    elif named is not None:
        del st.query_params[_ADDRESS]
