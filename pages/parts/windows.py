"""The windows that open over the list of integrations: delete, import, start from an example.

Which one is open is kept in the session, so that it stays open while the page is drawn again.
"""

from __future__ import annotations

import streamlit as st

from core.errors import ConflictError, DocumentError, InputError, NotFoundError
from core.integration import Integration, load_integration
from core.integration.logo import Logo
from core.portal.demo import EXAMPLES, Example, read_examples
from core.portal.intake import take_in
from core.request import Connection
from pages.parts.acting import org, store
from pages.parts.labels import TYPES, UNTITLED
from pages.parts.mark import initials_mark, thumbnail
from pages.parts.text import md

MAX_DOCUMENT_MB = 5
_OPEN = "open_window"

# Windows are drawn outside the page, where light-dark() does not know the scheme: colours here must fit both.
_STYLE = """
[class*="st-key-example_"] { flex-wrap: nowrap; gap: 0.875rem; }
[class*="st-key-example_"] > * { min-width: 0; }
[class*="st-key-example_"] > [data-testid="stElementContainer"] { flex: none; }
[class*="st-key-example_"] img { border-radius: 0.375rem; display: block; }
[class*="st-key-words_"] { gap: 0.125rem; }
[class*="st-key-words_"] p { line-height: 1.4; margin: 0; }
[class*="st-key-words_"] :is([data-testid="stCaptionContainer"], [data-testid="stMarkdownContainer"]) { margin: 0; }
.st-key-confirm_delete button, .st-key-confirm_delete button p { color: #ffffff; }
.st-key-confirm_delete button { background: #b3261e; border-color: #b3261e; }
.st-key-confirm_delete button:hover { background: #8f1d17; border-color: #8f1d17; }
[class*="st-key-use_"] button strong {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}
.st-key-import_problems li { overflow-wrap: anywhere; }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def open_window(kind: str, about: str = "") -> None:
    """Opens one of the windows; `about` is the integration that it is about."""
    st.session_state[_OPEN] = {"kind": kind, "about": about}


def show_open_window() -> None:
    """Draws the window that is open, if one is."""
    window = st.session_state.get(_OPEN)
    if not window:
        return
    if window["kind"] == "delete":
        _delete(window["about"])
    elif window["kind"] == "import":
        _import()
    elif window["kind"] == "examples":
        _examples()


def start(integration: Integration, logo: Logo | None = None, settings: Connection | None = None) -> None:
    """Makes a draft of a document, with settings to test it with, and goes to it."""
    stored = take_in(store(), org(), integration, logo, settings)
    _close()
    st.switch_page("setup.py", query_params={"id": stored.id})


def example_rows() -> None:
    """The examples, each with the button that makes a draft of it."""
    for example in _read_examples():
        integration = example.integration
        mark = thumbnail(example.logo.png) if example.logo else initials_mark(integration.display_name)
        name = md(integration.display_name) or UNTITLED
        with st.container(key=f"example_{example.name}", horizontal=True, vertical_alignment="center"):
            st.image(mark, width=40, alt="")
            with st.container(key=f"words_{example.name}"):
                st.markdown(f"**{name}**")
                st.caption(f"{TYPES[integration.type]} · {md(integration.summary)}")
            if st.button(f"Use **{name}**", key=f"use_{example.name}"):
                start(integration, example.logo, example.settings)


def _close() -> None:
    st.session_state.pop(_OPEN, None)


@st.cache_resource(ttl=60, show_spinner=False)
def _read_examples() -> tuple[Example, ...]:
    return read_examples(EXAMPLES)


@st.dialog("Delete this integration?", on_dismiss=_close)
def _delete(integration_id: str) -> None:
    try:
        document = store().get(org(), integration_id).document
    except NotFoundError:
        _close()
        st.rerun()
    name = md(str(document.get("display_name", ""))) or UNTITLED
    st.markdown(f"**{name}** goes with its logo, its earlier versions, its test settings and its test runs.")
    st.markdown("This cannot be undone.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="cancel_delete"):
            _close()
            st.rerun()
        if st.button("Delete", key="confirm_delete", type="primary"):
            try:
                store().delete(org(), integration_id)
            except ConflictError as error:
                st.error(md(str(error)), icon=":material/error:")
                return
            _close()
            st.toast(f"Deleted {name}.", icon=":material/delete:")
            st.rerun()


@st.dialog("Import an integration", on_dismiss=_close)
def _import() -> None:
    file = st.file_uploader("JSON document", type="json", max_upload_size=MAX_DOCUMENT_MB, key="import_file")
    if file is None:
        st.caption("A document as Export JSON gives it. It becomes a new draft; nothing that you have is replaced.")
        return
    try:
        start(load_integration(file.getvalue(), name=file.name))
    except DocumentError as error:
        _problems(error, file.name)
    except InputError as error:
        st.error(md(str(error)), icon=":material/error:")


@st.dialog("Start from an example", width="medium", on_dismiss=_close)
def _examples() -> None:
    st.caption("An example becomes a draft of your own.")
    example_rows()


def _problems(error: DocumentError, name: str) -> None:
    with st.container(key="import_problems"):
        if not error.problems:
            st.error(md(f"{error.where} {error.what} {error.remedy}"), icon=":material/error:")
            return
        shown = error.problems[:10]
        more = len(error.problems) - len(shown)
        count = "one thing" if len(error.problems) == 1 else f"{len(error.problems)} things"
        lines = [f"- **{md(field) or 'The document'}** {md(sentence)}" for field, sentence in shown]
        lines += [f"- and {more} more"] if more else []
        st.error(f"{md(name)} cannot be imported: {count} to mend.\n\n" + "\n".join(lines), icon=":material/error:")
