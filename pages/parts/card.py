"""One integration in the list: a card that opens it, and a menu with what else can be done with it."""

from __future__ import annotations

import re

import streamlit as st

from core.errors import NotFoundError
from core.integration import Integration, dump_integration
from pages.parts import badges, moments, page, windows
from pages.parts.acting import org, store
from pages.parts.catalogue import Entry
from pages.parts.draft_header import last_step
from pages.parts.labels import CATEGORIES, TYPES, UNTITLED
from pages.parts.text import md

# The link's area is stretched over the card; the menu lies above it.
_STYLE = """
[class*="st-key-card_"] {
    position: relative; gap: 0.625rem; height: 100%; padding: 1rem; box-sizing: border-box; border-radius: 0.5rem;
    border: 1px solid light-dark(#dfe1e6, #3b3a37);
}
[class*="st-key-card_"]:hover { border-color: light-dark(#0b6bcb, #7db0ff); }
[class*="st-key-card_"]:has(a:focus-visible) { outline: 2px solid light-dark(#0b6bcb, #7db0ff); outline-offset: 2px; }
[class*="st-key-top_"] { flex-wrap: nowrap; gap: 0.75rem; }
[class*="st-key-top_"] > * { min-width: 0; }
[class*="st-key-top_"] > [data-testid="stElementContainer"]:first-child { flex: none; }
[class*="st-key-top_"] img { border-radius: 0.375rem; display: block; }
[class*="st-key-named_"] { gap: 0; }
[class*="st-key-named_"] [data-testid="stPageLink"] { position: static; }
[class*="st-key-named_"] a { position: static; padding: 0; background: none; outline: none; }
[class*="st-key-named_"] a::after { content: ""; position: absolute; inset: 0; border-radius: 0.5rem; }
[class*="st-key-named_"] a p {
    font-weight: 600; font-size: 1rem; line-height: 1.35; white-space: normal; overflow-wrap: anywhere;
    overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
}
[class*="st-key-named_"] [data-testid="stCaptionContainer"] { margin: 0; }
[class*="st-key-more_"] { position: relative; z-index: 1; flex: none; align-self: flex-start; width: auto; }
[class*="st-key-more_"] button { padding: 0.125rem; min-height: 2rem; min-width: 2rem; }
[class*="st-key-more_"] button [data-testid="stMarkdownContainer"] {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
[class*="st-key-more_"] button div[aria-hidden="true"] { display: none; }
[class*="st-key-said_"] p {
    font-size: 0.875rem; line-height: 1.45; min-height: 2.9em; overflow: hidden; overflow-wrap: anywhere;
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
}
[class*="st-key-foot_"] { gap: 0.625rem; margin-top: auto; }
[class*="st-key-foot_"] > *:last-child { margin-left: auto; }
[data-testid="stPopoverBody"]:has([class*="st-key-menu_"]) { min-width: 0; width: 11rem; padding: 0.375rem; }
[class*="st-key-menu_"] { gap: 0; }
[class*="st-key-menu_"] button { justify-content: flex-start; padding: 0.25rem 0.625rem; }
[class*="st-key-menu_"] button > div { justify-content: flex-start; width: 100%; }
[class*="st-key-menu_"] button:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def card(entry: Entry) -> None:
    """Draws one integration."""
    with st.container(key=f"card_{entry.id}"):
        with st.container(key=f"top_{entry.id}", horizontal=True, vertical_alignment="top"):
            st.image(entry.mark, width=40, alt="")
            with st.container(key=f"named_{entry.id}"):
                begun: page.Step = "configure" if entry.state == "draft" else "submit"
                step = last_step(entry.id, begun if entry.name.strip() else "setup")
                st.page_link(f"{step}.py", label=md(entry.name) or UNTITLED, query_params={"id": entry.id})
                st.caption(
                    f"{CATEGORIES.get(entry.category, md(entry.category))} · {TYPES.get(entry.type, TYPES['list'])}"
                )
            _menu(entry)
        with st.container(key=f"said_{entry.id}"):
            st.markdown(md(entry.summary) or ":gray[No summary yet]")
        with st.container(key=f"foot_{entry.id}", horizontal=True, vertical_alignment="center"):
            badges.show(entry.state, deployed=entry.deployed, internal=entry.internal)
            if entry.to_fix:
                st.badge(f"{entry.to_fix} to fix", icon=":material/error:", color="red")
            moments.show(entry.updated_at, "Changed ")


def _menu(entry: Entry) -> None:
    name = md(entry.name) or UNTITLED
    menu = st.popover(
        f"Actions for {name}",
        icon=":material/more_vert:",
        type="tertiary",
        key=_menu_key(entry.id),
        on_change="rerun",
    )
    if menu.open:
        with menu, st.container(key=f"menu_{entry.id}"):
            st.button(
                "Duplicate",
                key=f"duplicate_{entry.id}",
                icon=":material/content_copy:",
                type="tertiary",
                width="stretch",
                on_click=_duplicate,
                args=(entry.id,),
            )
            st.download_button(
                "Export JSON",
                data=lambda: _exported(entry.id),
                file_name=f"{_file_name(entry.name)}.json",
                mime="application/json",
                key=f"export_{entry.id}",
                icon=":material/download:",
                type="tertiary",
                width="stretch",
                on_click="ignore",
            )
            st.button(
                "Delete",
                key=f"delete_{entry.id}",
                icon=":material/delete:",
                type="tertiary",
                width="stretch",
                on_click=_ask_to_delete,
                args=(entry.id,),
            )


def _menu_key(integration_id: str) -> str:
    return f"more_{integration_id}"


def _ask_to_delete(integration_id: str) -> None:
    st.session_state[_menu_key(integration_id)] = False
    windows.open_window("delete", integration_id)


def _duplicate(integration_id: str) -> None:
    st.session_state[_menu_key(integration_id)] = False
    try:
        copy = store().duplicate(org(), integration_id)
    except NotFoundError:
        return  # deleted in another window; the list that is drawn next no longer has it
    st.toast(md(f"Made {copy.document['display_name']}."), icon=":material/content_copy:")


def _exported(integration_id: str) -> str:
    return dump_integration(Integration.model_validate(store().get(org(), integration_id).document))


def _file_name(name: str) -> str:
    """Letters, digits and hyphens of a name: what every file system takes."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60] or "integration"
