"""Set up: what the integration is called and looks like to customers, and which of the two types it is."""

from __future__ import annotations

import streamlit as st

from pages.parts import findings, logo_upload, tile, type_choice
from pages.parts.draft import open_draft, settle_conflict
from pages.parts.draft_header import draft_header
from pages.parts.labels import CATEGORIES
from pages.parts.mark import mark_of

SUMMARY_LENGTH = 100
STYLE = """
.st-key-setup h2 { font-size: 1.25rem; padding: 0.25rem 0 0.5rem; }
.st-key-summary_length, .st-key-summary_length_over { margin-top: -0.75rem; }
.stApp .st-key-summary_length_over [data-testid="stCaptionContainer"] { color: light-dark(#8a4b00, #ffb86b); }
"""

draft = open_draft()
for part in (findings, logo_upload, tile, type_choice):
    part.apply_style()
st.html(f"<style>{STYLE}</style>")
draft_header(draft, "setup")
settle_conflict()
report = draft.report
fresh = draft.stored.revision == 1 and not draft.value("display_name")  # nobody has had the chance to mistake anything

with st.container(key="setup"):
    form, preview = st.columns([11, 10], gap="large")

with form:
    st.header("How it is listed", anchor=False)
    naming, sorting = st.columns([3, 2])
    with naming:
        name = st.text_input(
            "Display name",
            value=draft.value("display_name"),
            placeholder="Your product's name, e.g. Acme Messaging",
            live="250ms",
            autocomplete="off",
            **draft.bound("display_name"),
        )
        if not fresh:
            findings.findings_at(report, "display_name")
    with sorting:
        categories = list(CATEGORIES)
        category = st.selectbox(
            "Category",
            categories,
            index=categories.index(draft.value("category")),
            format_func=CATEGORIES.__getitem__,
            **draft.bound("category"),
        )

    summary = st.text_input(
        "Summary",
        value=draft.value("summary"),
        placeholder="What a customer gets, in one line",
        live="250ms",
        autocomplete="off",
        **draft.bound("summary"),
    )
    length = len(summary.strip())
    with st.container(key="summary_length_over" if length > SUMMARY_LENGTH else "summary_length"):
        st.caption(f"{length} of about {SUMMARY_LENGTH} characters", text_alignment="right")

    description = st.text_area(
        "Description",
        value=draft.value("description"),
        height=128,
        help="Markdown: paragraphs, headings, lists, **bold**, *italic*, `code` and https links. Images are not shown.",
        **draft.bound("description"),
    )

    logo_upload.logo_upload(draft)

    type_choice.type_choice(draft)
    findings.findings_at(report, "type")

    if st.button("Continue to Configure", type="primary", icon=":material/arrow_forward:", icon_position="right"):
        st.switch_page("configure.py", query_params={"id": draft.id})

with preview:
    st.header("What customers see", anchor=False)
    mark = mark_of(draft.stored)
    st.caption("On the Destinations page")
    tile.tile_among_others(name, category, mark)
    st.caption("When they open it")
    tile.details(name, category, summary, description, mark)
