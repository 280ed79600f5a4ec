"""The guide pages, `docs/guide/*.md`, and the way to them from a page: a question mark that opens the fitting one."""

from __future__ import annotations

import streamlit as st

from core.settings import APP_FOLDER

TOPICS = {
    "prerequisites": "Prerequisites",
    "process": "The process",
    "set-up": "Set up",
    "configure": "Configure",
    "test": "Test",
    "submit": "Submit and review",
    "sync": "Connect and sync",
    "faq": "Questions",
}
_FOLDER = APP_FOLDER / "docs" / "guide"


def topic(wanted: str) -> str:
    """The topic of this name, or the first one for a name that is none."""
    return wanted if wanted in TOPICS else next(iter(TOPICS))


@st.cache_data(max_entries=len(TOPICS))
def text(name: str) -> str:
    """A topic's text in Markdown."""
    return (_FOLDER / f"{topic(name)}.md").read_text(encoding="utf-8")


def link(name: str, label: str = "") -> None:
    """A quiet link to a topic; `label` says what one learns there."""
    st.page_link("help.py", label=label or TOPICS[name], icon=":material/help:", query_params={"topic": name})
