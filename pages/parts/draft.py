"""The draft that a page edits: read from the store on every run, saved with every change.

Each widget is bound to a place in the document (`endpoints.add_users.url`). Its change is saved at once, on top of the
revision it was drawn from: the store merges what others changed elsewhere, and what contradicts is put before the user.
Widgets are keyed by an *epoch*, which moves on when the document changed other than through them, so that they are
drawn anew from the document.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import streamlit as st

from core.errors import NotFoundError
from core.integration import Integration, Report, check, title_of
from core.portal import MISSING, EditConflict, StoreBusyError, Stored
from pages.parts import page
from pages.parts.acting import admit, org, person, store
from pages.parts.text import md

_STATE = "draft"
Document = dict[str, Any]


@dataclass(frozen=True)
class Draft:
    """One integration as this run shows it."""

    stored: Stored
    epoch: int

    @property
    def id(self) -> str:
        return self.stored.id

    @property
    def document(self) -> Document:
        return self.stored.document

    @cached_property
    def integration(self) -> Integration:
        return Integration.model_validate(self.document)

    @cached_property
    def report(self) -> Report:
        """The checks of the document as it stands."""
        name = self.integration.display_name
        return check(self.integration, name_taken=store().name_taken(org(), name, self.id))

    def key(self, place: str) -> str:
        """The widget key of a place in the document; it changes with the epoch."""
        return f"{place.replace('.', '-')}-{self.id}-{self.epoch}"

    def value(self, place: str) -> Any:
        """What the document holds at a place; None where there is nothing."""
        found: Any = self.document
        for step in place.split("."):
            if isinstance(found, list):
                found = found[int(step)] if int(step) < len(found) else None
            else:
                found = (found or {}).get(step)
        return found

    def bound(self, place: str) -> dict[str, Any]:
        """The `key`, `on_change` and `args` of a widget that edits this place."""
        return {"key": self.key(place), "on_change": _commit, "args": (self.id, place, self.key(place))}


def open_draft() -> Draft:
    """The integration that the address names; ends the page when there is none that the person may edit."""
    admit("build")
    integration_id = page.requested() or page.none_chosen()
    try:
        stored = store().get(org(), integration_id)
    except NotFoundError:
        page.none_chosen()
    state = st.session_state.get(_STATE)
    if not state or state["id"] != integration_id:
        state = {"id": integration_id, "epoch": 0, "revision": stored.revision, "document": stored.document}
    elif state["revision"] != stored.revision:
        if st.session_state.get("conflict", {}).get("id") != integration_id:
            st.toast("Updated with changes from another window.", icon=":material/sync:")
        state = {**state, "epoch": state["epoch"] + 1, "revision": stored.revision, "document": stored.document}
    st.session_state[_STATE] = state
    return Draft(stored, state["epoch"])


def change(place: str, value: Any) -> None:
    """Sets one place of the open draft and saves; the widget of that place shows the value already."""

    def set_value(document: Document) -> None:
        *path, last = place.split(".")
        target: Any = document
        for step in path:
            target = target[int(step)] if isinstance(target, list) else target.setdefault(step, {})
        if isinstance(target, list):
            target[int(last)] = value
        else:
            target[last] = value

    _save(set_value, redraw=False)


def rewrite(edit: Callable[[Document], None]) -> None:
    """Changes the open draft as a whole (a field added, an endpoint copied) and draws all its widgets anew."""
    _save(edit, redraw=True)


def _commit(integration_id: str, place: str, key: str) -> None:
    """Saves what a bound widget holds."""
    if st.session_state.get(_STATE, {}).get("id") == integration_id:
        change(place, st.session_state[key])


def _save(edit: Callable[[Document], None], *, redraw: bool) -> None:
    state = st.session_state[_STATE]
    document = copy.deepcopy(state["document"])
    edit(document)
    try:
        saved = store().save(org(), state["id"], state["revision"], document, by=person())
    except NotFoundError:
        return  # deleted elsewhere; the page that is drawn next says so
    except StoreBusyError as busy:
        st.toast(md(str(busy)), icon=":material/error:", duration="long")
        return
    except EditConflict as conflict:
        st.session_state["conflict"] = {
            "id": state["id"],
            "revision": conflict.latest.revision,
            "mine": conflict.mine_kept,
            "places": [[list(found.path), found.mine, found.theirs] for found in conflict.conflicts],
        }
        return
    moved = redraw or saved.merged
    st.session_state[_STATE] = {
        "id": state["id"],
        "epoch": state["epoch"] + (1 if moved else 0),
        "revision": saved.revision,
        "document": saved.document,
    }


def settle_conflict() -> None:
    """Shows the changes that contradict each other, if there are any, and lets the user choose."""
    conflict = st.session_state.get("conflict")
    state = st.session_state.get(_STATE)
    if not conflict or not state or conflict["id"] != state["id"]:
        return
    with st.container(border=True, key="conflict"):
        st.html("<style>.st-key-conflict { border-inline-start: 0.25rem solid #b7791f; gap: 0.75rem; }</style>")
        st.markdown("**The same place was changed in another window.** Which version do you want to keep?")
        for path, mine, theirs in conflict["places"]:
            title = md(title_of(tuple(path)) or "The document")
            st.markdown(f"{title} · yours: **{md(_shown(mine))}** · the other: **{md(_shown(theirs))}**")
        with st.container(horizontal=True):
            st.button("Keep mine", type="primary", on_click=_keep_mine)
            st.button("Take the other", on_click=_take_other)


def _shown(value: Any) -> str:
    if value is MISSING or value in ("", None):
        return "(nothing)"
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _keep_mine() -> None:
    conflict = st.session_state.pop("conflict")
    state = st.session_state[_STATE]
    saved = store().save(org(), conflict["id"], conflict["revision"], conflict["mine"], overwrite=True, by=person())
    st.session_state[_STATE] = {
        **state, "epoch": state["epoch"] + 1, "revision": saved.revision, "document": saved.document,
    }  # fmt: skip


def _take_other() -> None:
    st.session_state.pop("conflict")
    latest = store().get(org(), st.session_state[_STATE]["id"])
    state = st.session_state[_STATE]
    st.session_state[_STATE] = {
        **state, "epoch": state["epoch"] + 1, "revision": latest.revision, "document": latest.document,
    }  # fmt: skip
