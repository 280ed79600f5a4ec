"""What stands at the right of the header bar on every page: who acts, and the way to be somebody else."""

from __future__ import annotations

import streamlit as st

from core.portal.people import Person
from pages.parts import acting, menu
from pages.parts.text import md

# A popover stands outside the app and knows no `light-dark()`: its colours are made of the text's.
# The header bar is Streamlit's own and takes no widgets: the box is laid over it, and the bar's menu ends before it.
_STYLE = """
.st-key-masthead {
    position: fixed; top: 0; right: clamp(1rem, 2.5vw, 2.5rem); z-index: 999995; width: auto; height: 3.75rem;
    gap: 0.75rem; pointer-events: none; flex-wrap: nowrap;
}
.st-key-masthead > * { pointer-events: auto; width: auto; }
.st-key-masthead [data-testid="stPopoverButton"] { max-width: 17rem; min-height: 2.25rem; padding-block: 0.25rem; }
.st-key-masthead [data-testid="stPopoverButton"] p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[data-testid="stHeader"] [data-testid="stToolbar"] { padding-right: 22rem; }
[data-testid="stPopoverBody"]:has(.st-key-masthead_people) { width: min(21rem, calc(100vw - 1rem)); }
.st-key-masthead_people { gap: 0.75rem; }
.st-key-masthead_people [data-testid="stCaptionContainer"] { color: inherit; opacity: 0.8; }
.st-key-masthead_mail { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding-top: 0.5rem; }
.st-key-masthead_people [class*="st-key-masthead_org_"] { gap: 0.125rem; }
.st-key-masthead_people button { justify-content: flex-start; padding-inline: 0.5rem; width: 100%; }
.st-key-masthead_people button > div { justify-content: flex-start; width: 100%; }
@media (max-width: 1200px) {
    .st-key-masthead [data-testid="stPopoverButton"] [data-testid="stMarkdownContainer"] {
        position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
    }
    [data-testid="stHeader"] [data-testid="stToolbar"] { padding-right: 9.5rem; }
}
@media (max-width: 640px) {
    .st-key-masthead { gap: 0.25rem; }
}
"""
_ROLES = {"partner": "Partner", "customer": "Customer", "reviewer": "Reviewer"}


def show(current: str, *, known: bool) -> None:
    """Draws it. `current` is the title of the page that is open; nobody stands there unless the visitor is `known`."""
    st.html(f"<style>{_STYLE}</style>")
    if not known:
        return
    person, demo = acting.person(), acting.demo_mode()
    name = f"Acting as {md(person.name)}" if demo else md(person.name)
    with st.container(key="masthead", horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if demo:
            st.badge("Demo", color="violet", help="Nobody logs in here: choose whom you act as.")
        with (
            st.popover(name, icon=":material/account_circle:", key=f"masthead_who_{person.id}", width="content"),
            st.container(key="masthead_people"),
        ):
            if demo:
                _demo(person, current)
            else:
                _account(person)


def _account(person: Person) -> None:
    st.markdown(f"**{md(person.name)}**")
    st.caption(f"{md(person.email)}  \n{_ROLES[person.role]} · {md(acting.organisation().name)}")
    st.page_link("outbox.py", label="Mail from the portal", icon=":material/mail:")
    if st.button("Log out", key="log_out", icon=":material/logout:"):
        st.logout()


def _demo(person: Person, current: str) -> None:
    st.caption("This portal is in demo mode: nobody logs in, and you choose whom you act as.")
    for organisation, people in acting.people_to_act_as():
        with st.container(key=f"masthead_org_{organisation.id}"):
            st.caption(f"**{md(organisation.name)}**")
            for one in people:
                here, label = one.id == person.id, f"{md(one.name)} · {_ROLES[one.role]}"
                chosen = st.button(
                    f"**{label}**" if here else label,
                    key=f"act_as_{one.id}",
                    type="tertiary",
                    icon=":material/check:" if here else ":material/person:",
                )
                if chosen and not here:
                    acting.act_as(one.id)
                    menu.go_on(current)
    with st.container(key="masthead_mail"):
        st.page_link("outbox.py", label="Mail to " + md(person.name), icon=":material/mail:")
