"""A page with nothing but editors, for the editor's own tests: in small what a page of an integration does."""

from __future__ import annotations

import json

import streamlit as st

from pages.parts import style
from pages.parts.template_editor import EditorMistake, EditorVariable, current_text, template_editor

VARIABLES: list[EditorVariable] = [
    {"name": "amp_cohort_name", "detail": "name of the cohort", "kind": "pre-defined"},
    {"name": "amp_cohort_id", "detail": "id of the cohort", "kind": "pre-defined"},
    {"name": "list_id", "detail": "id from list creation", "kind": "pre-defined"},
    {"name": "items", "detail": "the users of this batch", "kind": "pre-defined"},
    {"name": "bearer_token", "detail": "Bearer Token, a custom field", "kind": "custom field"},
    {"name": "email", "detail": "Email Mapping, per user", "kind": "mapping"},
]
SAVED = """{
  "name": "[Amplitude] $amp_cohort_name",
  "price": "$$5", "list": $list_id, "on": true, "n": -1.5e3,
  "ids": $items
}"""
COPIED = '{"copied": $items}'


def mistakes_of(text: str) -> list[EditorMistake]:
    """Every `$itmes` is a mistake here; nothing else is."""
    found: list[EditorMistake] = []
    start = text.find("$itmes")
    while start >= 0:
        message, hint = "$itmes is not a variable.", "Did you mean $items?"
        found.append({"start": start, "end": start + len("$itmes"), "message": message, "hint": hint})
        start = text.find("$itmes", start + 1)
    return found


def count_change(key: str) -> None:
    st.session_state.changes = f"{current_text(key, '', revision=st.session_state.revision)} in {key}"


st.set_page_config(layout="wide")
style.apply("Editor")
state = st.session_state
state.setdefault("revision", 0)
state.setdefault("draft", SAVED)

if st.button("Copy from another endpoint"):
    state.draft = COPIED
    state.revision += 1
if st.button("Something else changed"):
    state.draft = current_text("payload", state.draft, revision=state.revision)
    state.revision += 1
if st.button("Rerun"):
    state.draft = "an older value"
st.checkbox("Read only", key="read_only")

left, right = st.columns(2)
with left:
    text = current_text("payload", state.draft, revision=state.revision)
    returned = template_editor(
        "API payload",
        state.draft,
        key="payload",
        variables=VARIABLES,
        also_known=["cohort_name"],
        mistakes=mistakes_of(text),
        revision=state.revision,
        disabled=state.read_only,
        on_change=count_change,
        args=("payload",),
    )
    template_editor("Item", '"$email"', key="item", variables=VARIABLES, min_lines=1)
with right:
    with st.container(key="seen"):
        st.code(json.dumps(returned), language=None)
    with st.container(key="changed"):
        st.text(state.get("changes", "nothing"))
