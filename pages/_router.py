"""The script that Streamlit runs: navigation, the settings that all pages share, then the page that was asked for."""

from __future__ import annotations

import streamlit as st

from pages.parts import page, style

# The pages that work on one integration need its id in the address; they are reached through the steps in the header.
chosen = st.navigation(
    [
        st.Page("integrations.py", title="Integrations", url_path="", default=True),
        st.Page("setup.py", title="Set up", url_path="setup", visibility="hidden"),
        st.Page("configure.py", title="Configure", url_path="configure", visibility="hidden"),
        st.Page("test.py", title="Test", url_path="test", visibility="hidden"),
    ],
    position="top",
)
st.set_page_config(page_title=f"{chosen.title} · {page.PRODUCT}", page_icon=page.ICON, layout="wide")
style.apply(page.PRODUCT)
page.masthead()
chosen.run()
