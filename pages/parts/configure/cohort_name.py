"""Whether the cohort's name goes out as it is or as a slug, with what that does to a name."""

from __future__ import annotations

import streamlit as st

from core.template import slug
from pages.parts.configure import fields
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section
from pages.parts.configure.spans import mono

_EXAMPLE = "Saturday's cohort & héllo"


def show(editing: Editing) -> None:
    with section("cohort_name", "Cohort name"):
        on = fields.switch(editing, "slugify_cohort_name", "Slugify cohort name")
        if on:
            st.caption(f"{mono(_EXAMPLE)} :material/arrow_forward: {mono(slug(_EXAMPLE))}")
        else:
            st.caption(f"{mono('$amp_cohort_name')} is sent as it is, e.g. {mono(_EXAMPLE)}")
