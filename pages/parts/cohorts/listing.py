"""The cohorts of the organisation, by project: what each holds now, where it comes from, what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.portal.cohorts import Cohort, CohortSnapshot
from core.portal.people import Project
from pages.parts import moments
from pages.parts.cohorts.words import COHORT, errands, rows_of, source_of
from pages.parts.text import md

_STYLE = """
.st-key-list_header h1 { font-size: 1.75rem; padding: 0.25rem 0; }
.st-key-empty_page { max-width: 46rem; margin-inline: auto; width: 100%; }
.st-key-empty { padding: 1.75rem 2rem 2rem; }
.st-key-empty h2 { font-size: 1.375rem; padding: 0 0 0.5rem; }
[class*="st-key-project_cohorts_"] { gap: 0.5rem; }
[class*="st-key-project_cohorts_"] h2 { font-size: 1.0625rem; padding: 0.5rem 0 0; }
[class*="st-key-cohort_row_"] {
    position: relative; padding: 0.75rem 1rem; border: 1px solid light-dark(#dfe1e6, #3b3a37); border-radius: 0.5rem;
    column-gap: 1rem; row-gap: 0.375rem;
}
[class*="st-key-cohort_row_"]:hover { border-color: light-dark(#0b6bcb, #7db0ff); }
[class*="st-key-cohort_row_"]:has(a:focus-visible) {
    outline: 2px solid light-dark(#0b6bcb, #7db0ff); outline-offset: 2px;
}
[class*="st-key-cohort_named_"] { gap: 0; min-width: min(16rem, 60%); }
[class*="st-key-cohort_named_"] [data-testid="stPageLink"], [class*="st-key-cohort_named_"] a { position: static; }
[class*="st-key-cohort_named_"] a { padding: 0; background: none; outline: none; }
[class*="st-key-cohort_named_"] a::after { content: ""; position: absolute; inset: 0; border-radius: 0.5rem; }
[class*="st-key-cohort_named_"] a p { font-weight: 600; white-space: normal; overflow-wrap: anywhere; }
[class*="st-key-cohort_named_"] [data-testid="stCaptionContainer"] { margin: 0; overflow-wrap: anywhere; }
[class*="st-key-cohort_now_"] { gap: 0; align-items: flex-end; min-width: 8.5rem; }
[class*="st-key-cohort_now_"] p { margin: 0; font-size: 0.9375rem; }
[class*="st-key-cohort_row_"] :is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) {
    margin-bottom: 0;
}
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def show(projects: Sequence[Project], cohorts: Sequence[Cohort], newest: dict[str, CohortSnapshot]) -> None:
    """A row a cohort, under its project when there are several."""
    for project in projects:
        theirs = [cohort for cohort in cohorts if cohort.project_id == project.id]
        if not theirs:
            continue
        with st.container(key=f"project_cohorts_{project.id}"):
            if len(projects) > 1:
                st.header(md(project.title), anchor=False)
            for cohort in theirs:
                _row(cohort, newest.get(cohort.id))


def _row(cohort: Cohort, snapshot: CohortSnapshot | None) -> None:
    with st.container(key=f"cohort_row_{cohort.id}", horizontal=True, vertical_alignment="center"):
        with st.container(key=f"cohort_named_{cohort.id}"):
            st.page_link("cohorts.py", label=md(cohort.name), query_params={COHORT: cohort.id})
            st.caption(f"{md(cohort.amp_id)} · {md(source_of(cohort))}")
        if errands().is_going(cohort.id):
            st.badge("Fetching", color="blue")
        elif cohort.fault or errands().trouble(cohort.id):
            st.badge("Needs attention", color="orange")
        with st.container(key=f"cohort_now_{cohort.id}", width="content"):
            if snapshot is None:
                st.caption("No snapshot yet", width="content")
            else:
                st.markdown(rows_of(snapshot), width="content")
                moments.show(snapshot.taken_at, "As of ")
