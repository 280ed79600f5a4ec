"""What happened to an integration, the newest first: who did what, when and why."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.portal.transitions import Transition
from pages.parts import badges, moments
from pages.parts.text import md

SHOWN = 8
_DID = {
    "release_internally": "released it internally",
    "end_internal_release": "ended the internal release",
    "submit": "submitted it for review",
    "withdraw": "withdrew the submission",
    "start_review": "started the review",
    "request_changes": "asked for changes",
    "approve": "approved it; it is deployed",
    "reject": "rejected it",
    "edit": "began the next version",
    "deprecate": "deprecated it",
    "restore": "took it back from deprecation",
    "roll_back": "rolled back to an earlier release",
}
ROLES = {"reviewer": "review team", "partner": "partner", "customer": "customer"}
_COLOURS = {
    "gray": "light-dark(#6b7280, #a9b1bd)",
    "blue": "light-dark(#0b6bcb, #7db0ff)",
    "green": "light-dark(#1a7f4b, #5fd38d)",
    "orange": "light-dark(#b7791f, #ffb86b)",
    "red": "light-dark(#b3261e, #ff9d94)",
}
_STYLE = """
[class*="st-key-moment_"] { position: relative; gap: 0; padding-left: 2rem; }
[class*="st-key-moment_"]::before {
    content: ""; position: absolute; left: 0.375rem; top: 0.4375rem; width: 0.625rem; height: 0.625rem;
    border-radius: 50%;
}
[class*="st-key-moment_"]:not([class*="_last"])::after {
    content: ""; position: absolute; left: 0.625rem; top: 1.375rem; bottom: -0.8125rem; width: 2px;
    background: light-dark(#dfe1e6, #3b3a37);
}
.st-key-timeline, .st-key-timeline_earlier { gap: 0.75rem; }
.st-key-timeline h2 { font-size: 1.0625rem; padding: 0; }
.st-key-timeline :is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) { margin: 0; }
[class*="st-key-moment_"] p { margin: 0; line-height: 1.4; overflow-wrap: anywhere; }
[class*="st-key-reason_"] {
    margin: 0.25rem 0; padding: 0.375rem 0.75rem; border-left: 2px solid light-dark(#c8ccd4, #55524d);
}
[class*="st-key-reason_"] [data-testid="stText"] {
    white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.875rem;
}
"""


def show(transitions: Sequence[Transition]) -> None:
    """Draws the timeline in a box of its own; the earlier part of a long one is folded away."""
    dots = " ".join(
        f'[class*="st-key-moment_{colour}"]::before {{ background: {shade}; }}' for colour, shade in _COLOURS.items()
    )
    st.html(f"<style>{_STYLE}{dots}</style>")
    newest = sorted(transitions, key=lambda one: one.ordinal, reverse=True)
    with st.container(key="timeline", border=True):
        st.header("Timeline", anchor=False)
        if not newest:
            st.caption("Nothing yet. Releases, submissions and decisions are kept here, with who, when and why.")
        _moments(newest[:SHOWN], ends=len(newest) <= SHOWN)
        if len(newest) > SHOWN:
            with st.expander(f"{len(newest) - SHOWN:,} earlier", type="compact"), st.container(key="timeline_earlier"):
                _moments(newest[SHOWN:], ends=True)


def _moments(transitions: Sequence[Transition], *, ends: bool) -> None:
    for number, one in enumerate(transitions, 1):
        colour = badges.COLOURS.get(one.after, "gray")
        last = "_last" if ends and number == len(transitions) else ""
        with st.container(key=f"moment_{colour}_{one.ordinal}{last}"):
            st.markdown(f"**{md(one.person_name) or 'The portal'}** {_DID.get(one.action, md(one.action))}")
            told = [ROLES[one.role]] if one.role in ROLES else []
            told += [f"release {one.release}"] if one.release is not None else []
            moments.show(one.at, "".join(f"{word} · " for word in told))
            if one.reason:
                with st.container(key=f"reason_{one.ordinal}"):
                    st.text(one.reason)
