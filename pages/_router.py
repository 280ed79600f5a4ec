"""The script that Streamlit runs: navigation, the settings that all pages share, then the page that was asked for."""

from __future__ import annotations

import streamlit as st

from pages.parts import acting, masthead, menu, page, style, welcome

with acting.settled() as visitor:
    chosen = st.navigation(menu.pages() if visitor == "known" else menu.closed(), position="top")
    title = chosen.title if visitor == "known" else welcome.TITLES[visitor]
    st.set_page_config(page_title=f"{title} · {page.PRODUCT}", page_icon=page.ICON, layout="wide")
    style.apply(page.PRODUCT)
    page.masthead()
    masthead.show(chosen.title, known=visitor == "known")
    if visitor == "known":
        menu.settle(chosen)
        chosen.run()
    else:
        welcome.show(visitor)
