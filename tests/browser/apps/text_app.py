"""Shows the strings in the file named by TEXT_APP_STRINGS through `md`, in every kind of place that reads Markdown."""

from __future__ import annotations

import json
import os
from pathlib import Path

import streamlit as st

from pages.parts.text import md

for number, hostile in enumerate(json.loads(Path(os.environ["TEXT_APP_STRINGS"]).read_text(encoding="utf-8"))):
    with st.container(key=f"markdown_{number}"):
        st.markdown(md(hostile))
    with st.container(key=f"within_{number}"):
        st.markdown(f"at 12:30:45 :blue[before] {md(hostile)} :smile: $x$")
    with st.container(key=f"heading_{number}"):
        st.header(md(hostile), anchor=False)
    with st.container(key=f"caption_{number}"):
        st.caption(md(hostile))
    with st.container(key=f"button_{number}"):
        st.button(md(hostile), key=f"press_{number}")
    with st.container(key=f"label_{number}"):
        st.checkbox(md(hostile), key=f"check_{number}")
    with st.container(key=f"error_{number}"):
        st.error(md(hostile))
