"""The logo of a draft: uploaded, refused with the reason, replaced, removed."""

from __future__ import annotations

import streamlit as st

from core.errors import InputError, NotFoundError
from core.integration.logo import MAX_SIDE, MIN_SIDE, read_logo
from core.portal import StoreBusyError
from pages.parts.acting import org, person, store
from pages.parts.draft import Draft
from pages.parts.findings import refusal
from pages.parts.mark import mark_of

# More than a logo may have, and every kind of picture: what is refused is refused by `read_logo`, with the way out.
MAX_UPLOAD_MB = 10
_STATE = "logo_upload"

_STYLE = """
.st-key-logo { gap: 0.5rem; }
.st-key-logo_row { flex-wrap: nowrap; }
.st-key-logo [data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
.st-key-logo_limits { margin-top: -0.25rem; }
.st-key-logo_row > [data-testid="stElementContainer"]:first-child { flex: none; }
.st-key-logo_row img { border-radius: 0.5rem; display: block; border: 1px solid light-dark(#e3e4e8, #3b3a37); }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def logo_upload(draft: Draft) -> None:
    """The uploader with the present logo beside it. A logo is saved at once, apart from the document."""
    state = _state(draft.id)
    with st.container(key="logo"):
        with st.container(key="logo_row", horizontal=True, vertical_alignment="bottom"):
            st.image(mark_of(draft.stored), width=72, alt="The logo" if draft.stored.logo else "Initials: no logo yet")
            key = f"logo_file-{draft.id}-{state['round']}"
            st.file_uploader(
                "Logo",
                type="image",
                max_upload_size=MAX_UPLOAD_MB,
                key=key,
                on_change=_take,
                args=(draft.id, key),
                help="Best square and with a transparent ground. Without a logo, the initials stand.",
            )
        if state["refusal"]:
            refusal("logo", str(state["refusal"]))
        with st.container(key="logo_limits", horizontal=True, vertical_alignment="center"):
            st.caption(f"A still PNG, {MIN_SIDE} to {MAX_SIDE:,} pixels a side, at most 1 MiB", width="stretch")
            if draft.stored.logo:
                st.button(
                    "Remove logo",
                    key="remove_logo",
                    type="tertiary",
                    icon=":material/close:",
                    on_click=_set,
                    args=(draft.id, None),
                )


def _state(integration_id: str) -> dict[str, object]:
    """`round` numbers the uploader, so that it is empty again after each file; `refusal` is about the last file."""
    state: dict[str, object] = st.session_state.get(_STATE, {})
    return state if state.get("id") == integration_id else {"id": integration_id, "round": 0, "refusal": ""}


def _take(integration_id: str, key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    try:
        logo = read_logo(file.getvalue())
    except InputError as error:
        _next_round(integration_id, f"{file.name}: {error}")
        return
    _set(integration_id, logo.png)


def _set(integration_id: str, png: bytes | None) -> None:
    try:
        store().set_logo(org(), integration_id, png, by=person())
    except (NotFoundError, StoreBusyError) as error:
        _next_round(integration_id, str(error))
        return
    _next_round(integration_id, "")


def _next_round(integration_id: str, sentence: str) -> None:
    state = _state(integration_id)
    st.session_state[_STATE] = {"id": integration_id, "round": int(str(state["round"])) + 1, "refusal": sentence}
