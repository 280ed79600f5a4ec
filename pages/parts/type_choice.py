"""The choice between the two types of integration, as two cards that say when each fits."""

from __future__ import annotations

import streamlit as st

from pages.parts.draft import Draft
from pages.parts.labels import TYPES

_CAPTIONS = {
    "list": "Your API keeps lists: each cohort gets one, and users are added to it and removed.  \n"
    '`POST /lists/42/add`  \n`{"userIds": ["u-1", "u-2"]}`',
    "property": "Your API keeps user profiles: each user is told whether they are in the cohort.  \n"
    '`POST /users/update`  \n`[{"id": "u-1", "in_cohort": true}]`',
}

_STYLE = """
.st-key-type_choice [role="radiogroup"] {
    display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 0.75rem;
}
.st-key-type_choice [role="radiogroup"] > div {
    position: relative; min-width: 0; padding: 0.625rem 0.875rem 0.75rem; box-sizing: border-box;
    border: 1px solid light-dark(#d5d8de, #41454e); border-radius: 0.5rem;
}
.st-key-type_choice [role="radiogroup"] > div:hover { border-color: light-dark(#8b909a, #77756f); }
.st-key-type_choice [role="radiogroup"] > div:has(input:checked) {
    border-color: light-dark(#0b6bcb, #7db0ff); background: light-dark(#f3f8fe, #151d2b);
    box-shadow: inset 0 0 0 1px light-dark(#0b6bcb, #7db0ff);
}
.st-key-type_choice [role="radiogroup"] > div:has(input:focus-visible) {
    outline: 2px solid light-dark(#0b6bcb, #7db0ff); outline-offset: 2px;
}
.st-key-type_choice [role="radiogroup"] label::after { content: ""; position: absolute; inset: 0; cursor: pointer; }
.st-key-type_choice [data-testid="stRadioCaption"] code {
    padding: 0; font-size: 0.75rem; background: none; overflow-wrap: anywhere;
    color: light-dark(#12663a, #7ee2a8);
}
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def type_choice(draft: Draft) -> None:
    types = list(TYPES)
    with st.container(key="type_choice"):
        st.radio(
            "Integration type",
            types,
            index=types.index(draft.value("type")),
            format_func=lambda kind: f"**{TYPES[kind]}**",
            captions=[_CAPTIONS[kind] for kind in types],
            width="stretch",
            **draft.bound("type"),
        )
