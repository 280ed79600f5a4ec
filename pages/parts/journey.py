"""The six steps from a plan to a tile, and how far one is."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.portal.journey import JourneyStep, Progress
from pages.parts.text import md

_MARKS: dict[Progress, tuple[str, str, str]] = {
    "done": ("check_circle", "Done", "light-dark(#12663a, #7ee2a8)"),
    "current": ("radio_button_checked", "Your turn", "light-dark(#0b5fb8, #7db0ff)"),
    "waiting": ("schedule", "Under way", "light-dark(#0b5fb8, #7db0ff)"),
    "attention": ("error", "Sent back", "light-dark(#8a4b00, #ffb86b)"),
    "ahead": ("radio_button_unchecked", "Ahead", "light-dark(#565d6b, #a9b1bd)"),
}
_STYLE = """
[class*="st-key-journey_step_"] { position: relative; gap: 0; padding-left: 2rem; }
[class*="st-key-journey_step_"]::before {
    font-family: "Material Symbols Rounded"; position: absolute; left: 0; top: 0; font-size: 1.25rem; line-height: 1.2;
}
[class*="st-key-journey_step_"]:not([class*="_last"])::after {
    content: ""; position: absolute; left: 0.5625rem; top: 1.625rem; bottom: -0.625rem; width: 2px;
    background: light-dark(#dfe1e6, #3b3a37);
}
.st-key-journey { gap: 0.75rem; }
.st-key-journey h2 { font-size: 1.0625rem; padding: 0; }
.st-key-journey p { margin: 0; line-height: 1.4; }
.st-key-journey :is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) { margin: 0; }
"""


def apply_style() -> None:
    marks = " ".join(
        f'[class*="st-key-journey_step_{progress}"]::before {{ content: "{icon}" / "{word}"; color: {colour}; }}'
        for progress, (icon, word, colour) in _MARKS.items()
    )
    st.html(f"<style>{_STYLE}{marks}</style>")


def show(steps: Sequence[JourneyStep], title: str = "The way to a tile") -> None:
    """Draws the steps one under the other, in a box of their own. `title` must be the page's own words."""
    apply_style()
    with st.container(key="journey", border=True):
        st.header(title, anchor=False)
        for number, step in enumerate(steps, 1):
            last = "_last" if number == len(steps) else ""
            with st.container(key=f"journey_step_{step.progress}_{number}{last}"):
                st.markdown(f"**{number}. {md(step.title)}**")
                st.caption(md(step.text))
