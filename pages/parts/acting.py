"""Who is acting in this session, and the store that they work in."""

from __future__ import annotations

import streamlit as st

from core.portal import Store
from core.portal.demo import DEMO_ORG
from core.portal.test_runs import Runner
from core.settings import Settings


@st.cache_resource
def settings() -> Settings:
    """This installation's settings, read from the environment once."""
    return Settings.from_environment()


@st.cache_resource
def store() -> Store:
    """The one store of this process; it may be used from every session's thread."""
    return Store.open(settings())


def org() -> str:
    """The organisation whose integrations this session sees."""
    return DEMO_ORG


@st.cache_resource
def runner() -> Runner:
    """Carries out the test runs of this process."""
    return Runner(store())
