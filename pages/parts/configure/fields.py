"""Widgets bound to places of the draft: what one commits is saved at once, converted to what the document holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from pages.parts.configure.editing import Editing
from pages.parts.draft import Document, change, rewrite
from pages.parts.text import md

Convert = Callable[[Any], Any]


def same(value: Any) -> Any:
    return value


def none_if_empty(value: str) -> str | None:
    return value if value.strip() else None


def commit(editing: Editing, place: str, convert: Convert = same) -> dict[str, Any]:
    """The `key`, `on_change` and `args` of a widget that edits a place."""
    key = editing.draft.key(place)
    return {"key": key, "on_change": _commit, "args": (place, key, convert)}


def _commit(place: str, key: str, convert: Convert) -> None:
    change(place, convert(st.session_state[key]))


def text(editing: Editing, place: str, label: str, *, optional: bool = False, **options: Any) -> str:
    """A line of text, saved while one types. With `optional` an empty one is saved as null."""
    bound = commit(editing, place, none_if_empty if optional else str.strip)
    return st.text_input(label, value=editing.value(place) or "", live=True, **bound, **options) or ""


def choice(editing: Editing, place: str, label: str, options: Mapping[Any, str], **layout: Any) -> Any:
    """One of a few values; `options` maps each to its words, which must be the page's own."""
    values = list(options)
    current = editing.value(place)
    index = values.index(current) if current in values else 0
    return st.selectbox(label, values, index=index, format_func=options.__getitem__, **commit(editing, place), **layout)


def switch(editing: Editing, place: str, label: str, **options: Any) -> bool:
    return st.toggle(label, value=bool(editing.value(place)), **commit(editing, place), **options)


def whole_number(editing: Editing, place: str, label: str, lowest: int, highest: int, **options: Any) -> None:
    value = editing.value(place)
    st.number_input(label, lowest, highest, value, step=1, **commit(editing, place), **options)


def label_of(position: int) -> Any:
    """Rows of a list share the labels of the first; the others keep theirs for screen readers."""
    return "visible" if position == 0 else "collapsed"


def add_button(editing: Editing, place: str, label: str, new: Mapping[str, Any]) -> None:
    """Appends an entry to the list at a place, which may be null."""
    edit = partial(_append, place=place, new=dict(new))
    st.button(
        label,
        icon=":material/add:",
        type="tertiary",
        key=editing.draft.key(f"add.{place}"),
        on_click=rewrite,
        args=(edit,),
    )


def remove_button(editing: Editing, place: str, position: int, name: str) -> None:
    """Takes an entry out of the list at a place. `name` says which, for those who cannot see the row."""
    key = editing.draft.key(f"icon_remove.{place}.{position}")
    edit = partial(_take_out, place=place, position=position)
    st.button(f"Remove {md(name)}", icon=":material/close:", type="tertiary", key=key, on_click=rewrite, args=(edit,))


def _append(document: Document, *, place: str, new: dict[str, Any]) -> None:
    parent, last = _parent(document, place)
    parent[last] = [*(parent.get(last) or []), new] if isinstance(parent, dict) else [*parent[last], new]


def _take_out(document: Document, *, place: str, position: int) -> None:
    parent, last = _parent(document, place)
    entries = parent[last] or []
    parent[last] = [entry for number, entry in enumerate(entries) if number != position]


def _parent(document: Document, place: str) -> tuple[Any, Any]:
    *path, last = place.split(".")
    target: Any = document
    for step in path:
        target = target[int(step)] if isinstance(target, list) else target[step]
    return target, int(last) if isinstance(target, list) else last
