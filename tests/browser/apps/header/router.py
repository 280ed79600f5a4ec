"""The header of an integration's pages with all it can hold, over pages that are otherwise empty."""

from __future__ import annotations

import streamlit as st

from pages.parts import page, style

st.set_page_config(page_title=page.PRODUCT, page_icon=page.ICON, layout="wide")
style.apply(page.PRODUCT)
page.masthead()
st.navigation(
    [
        st.Page("integrations.py", title="Integrations", url_path="", default=True),
        st.Page("setup.py", title="Set up", url_path="setup", visibility="hidden"),
        st.Page("configure.py", title="Configure", url_path="configure", visibility="hidden"),
        st.Page("test.py", title="Test", url_path="test", visibility="hidden"),
        st.Page("submit.py", title="Submit", url_path="submit", visibility="hidden"),
    ],
    position="top",
).run()
