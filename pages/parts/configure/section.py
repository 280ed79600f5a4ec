"""One bordered section of a panel, with its title and one line under it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def section(key: str, title: str, line: str = "") -> Iterator[None]:
    """`title` and `line` must be the page's own words, or escaped."""
    with st.container(border=True, key=f"section_{key}"):
        st.subheader(title, anchor=False)
        if line:
            st.caption(line)
        yield
