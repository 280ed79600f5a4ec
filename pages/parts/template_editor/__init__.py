"""The editor for templates: JSON with `$variables`, coloured, completed, its mistakes underlined while one types.

A Streamlit component with no dependency and no build: `editor.js` and `editor.css` beside this file are all of it.
The browser owns the text while it is edited. A page shows one like this, the text first, so that the mistakes it hands
over are those of the text that is on the screen:

    text = current_text("payload", saved, revision=revision)
    template_editor("Payload", saved, key="payload", variables=..., mistakes=mistakes_of(text), revision=revision)

`saved` counts when the editor appears, and again whenever `revision` changes; to replace the text from Python (copied
from another endpoint, say), hand over the new text with another `revision`. With the same revision the browser's text
stands, so that a rerun never takes back what has been typed meanwhile. Keep `key` the same across revisions, so that
the caret stays; a page that leaves the editor out for a run must hand over the latest text when it shows it again.

In Streamlit's own page tests one types with `at.session_state["payload"] = {"edit": {"text": ..., "revision": 0}}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import streamlit as st

__all__ = ["EditorMistake", "EditorVariable", "current_text", "template_editor"]

_HERE = Path(__file__).parent
_HTML = """
<div data-part="root">
  <label data-part="label" for="text"></label>
  <div data-part="frame">
    <div class="margin" aria-hidden="true"><div data-part="gutter"></div></div>
    <div class="text">
      <pre data-part="code" aria-hidden="true"></pre>
      <textarea data-part="textarea" id="text" wrap="off" spellcheck="false" autocapitalize="off" autocomplete="off"
        autocorrect="off" aria-autocomplete="list" aria-controls="options" aria-describedby="message keys"></textarea>
    </div>
  </div>
  <div data-part="message" id="message" role="status"></div>
  <div id="keys" hidden>Type a dollar sign to choose a variable. Tab indents; press Escape, then Tab, to leave.</div>
  <div data-part="listbox" id="options" role="listbox" aria-label="Variables" popover="manual"></div>
</div>
"""
_mount = st.components.v2.component(
    "template_editor",
    html=_HTML,
    css=(_HERE / "editor.css").read_text(encoding="utf-8"),
    js=(_HERE / "editor.js").read_text(encoding="utf-8"),
)


class EditorVariable(TypedDict):
    """A variable that the list offers. `detail` is a few words beside its name; `kind` is free, such as "mapping"."""

    name: str
    detail: str
    kind: str


class EditorMistake(TypedDict):
    """A mistake in the text. `start` and `end` are offsets in code points, as Python counts them."""

    start: int
    end: int
    message: str
    hint: str


def current_text(key: str, value: str, *, revision: int = 0) -> str:
    """The text that the editor `key` holds in this run; `value` until something was typed in this revision.

    Lines end in `\n`, as they do in the browser, so that offsets into the text mean the same on both sides.
    """
    state = st.session_state.get(key)
    typed = state.get("edit") if isinstance(state, Mapping) else None
    if isinstance(typed, Mapping) and typed.get("revision") == revision and isinstance(typed.get("text"), str):
        return str(typed["text"])
    return value.replace("\r\n", "\n").replace("\r", "\n")


def template_editor(
    label: str,
    value: str,
    *,
    key: str,
    variables: Sequence[EditorVariable],
    mistakes: Sequence[EditorMistake] = (),
    also_known: Sequence[str] = (),
    min_lines: int = 4,
    revision: int = 0,
    disabled: bool = False,
    on_change: Callable[..., None] | None = None,
    args: Sequence[Any] = (),
) -> str:
    """Shows the editor and returns its text. It is `min_lines` high at least, grows to 24 lines, then scrolls.

    What is typed reruns the page (or the fragment around) 150 ms after the last key and when the editor is left.
    `mistakes` are those of `current_text(key, value, revision=revision)`; the first is also spelled out below.
    `also_known` are names that may be used but are not offered.
    `on_change(*args)` is called before such a rerun; `current_text` has the new text then.
    """

    def changed() -> None:
        if on_change is not None:
            on_change(*args)

    text = current_text(key, value, revision=revision)
    _mount(
        key=key,
        data={
            "label": label,
            "value": text,
            "revision": revision,
            "variables": [dict(variable) for variable in variables],
            "also_known": list(also_known),
            "mistakes": [dict(mistake) for mistake in mistakes],
            "min_lines": min_lines,
            "disabled": disabled,
        },
        on_edit_change=changed,  # Streamlit tells no changes of a mapping under the name `value`
    )
    return text
