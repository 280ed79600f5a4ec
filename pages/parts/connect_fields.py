"""The fields of a Connect form as the partner designed them: one code for the preview in Configure and the real form.

Whoever shows the form says what is in it (`Form`) and takes what is typed (`Form.put`); this part only draws.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.integration import CustomField, Integration, MappingField
from core.request import ConnectionProblem
from pages.parts.findings import refusal
from pages.parts.text import md

Put = Callable[[str, str, Any], None]
"""Takes one value: `("fields" | "mappings", variable, value)`; None where the field was emptied."""

_STYLE = """
[class*="st-key-row_connect-mapping"] [class*="st-key-connect-mapping"] { flex: 1 1 9rem; max-width: 16rem; }
[class*="st-key-row_connect-mapping"] [data-testid="stMarkdown"] { padding-bottom: 0.5rem; }
.st-key-section_connect [class*="-required-"] [data-testid="stWidgetLabel"] p::after {
    content: " *" / ""; color: light-dark(#b3261e, #ff9d94);
}
[class*="st-key-icon_forget_"] button { padding-inline: 0.375rem; min-width: 0; }
[class*="st-key-icon_forget_"] button [data-testid="stMarkdownContainer"] {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
"""


@dataclass(frozen=True)
class Form:
    """What is in a form. `scope` ends the key of every widget: with another one they are drawn anew.

    `saved` names the secrets that the server holds, whose values no page has. `problems` are shown under fields that
    hold something, and with `strict` under empty ones too. Without `columns` the property's name is typed.
    """

    scope: str
    fields: Mapping[str, Any]
    mappings: Mapping[str, str | None]
    columns: tuple[str, ...]
    put: Put
    saved: Collection[str] = ()
    problems: Mapping[str, ConnectionProblem] = field(default_factory=dict)
    strict: bool = False

    def key(self, kind: str, of: CustomField | MappingField) -> str:
        """The style block marks the labels of required fields by their keys."""
        need = "required" if of.required else "optional"
        return f"connect-{kind}-{need}-{of.variable}-{self.scope}"


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def show(integration: Integration, form: Form) -> None:
    """Draws every field and mapping once, in the order that the partner gave them."""
    seen: set[str] = set()
    for custom in integration.custom_fields:
        if custom.variable not in seen:
            seen.add(custom.variable)
            _field(form, custom)
    for mapping in integration.mapping_fields:
        if mapping.variable not in seen:
            seen.add(mapping.variable)
            _mapping(form, mapping)


def _label(of: CustomField | MappingField) -> str:
    name = md(of.display_name or of.variable) or "Field without a name"
    return name if of.required else f"{name} (optional)"


def _field(form: Form, custom: CustomField) -> None:
    value = form.fields.get(custom.variable)
    help_ = md(custom.help) if custom.help else None
    hidden = custom.secret or custom.variable in form.saved
    key = form.key(f"{custom.field_type}-{'secret' if hidden else 'plain'}", custom)
    bound: dict[str, Any] = {
        "key": key, "on_change": _commit, "args": (form.put, "fields", custom.variable, key), "help": help_,
    }  # fmt: skip
    if custom.field_type != "string":
        _choice(custom, value, bound)
    elif hidden:
        _secret(form, custom, value, bound)
    else:
        st.text_input(_label(custom), str(value or ""), placeholder=custom.default or "", **bound)
    _problem(form, custom, key, given=value not in (None, "") or custom.variable in form.saved)


def _choice(custom: CustomField, value: Any, bound: dict[str, Any]) -> None:
    plain = {option.value: option.label or option.value for option in custom.options}
    current = value if value in plain else custom.default if custom.default in plain else None
    if custom.field_type == "button_group":
        labels = {option: md(label) for option, label in plain.items()}
        st.segmented_control(_label(custom), list(labels), default=current, format_func=labels.__getitem__, **bound)
        return
    index = list(plain).index(current) if current is not None else None
    st.selectbox(
        _label(custom), list(plain), index=index, format_func=plain.__getitem__, placeholder="Choose an option",
        **bound,
    )  # fmt: skip


def _secret(form: Form, custom: CustomField, value: Any, bound: dict[str, Any]) -> None:
    """A saved secret stays on the server: the box is empty, says that there is one, and takes another."""
    kept = "saved" if custom.variable in form.saved else "filled in" if value else ""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key=f"row_{bound['key']}"):
        st.text_input(
            _label(custom), type="password", live="250ms", autocomplete="new-password",
            placeholder=f"•••••••••••• {kept}; type to replace" if kept else "", **bound,
        )  # fmt: skip
        if kept:
            st.button(
                f"Forget {md(custom.display_name or custom.variable)}", icon=":material/close:", type="tertiary",
                key=f"icon_forget_{bound['key']}", on_click=_forget, args=(form.put, custom.variable, bound["key"]),
            )  # fmt: skip


def _mapping(form: Form, mapping: MappingField) -> None:
    current = form.mappings.get(mapping.variable)
    key = form.key(f"mapping-{len(form.columns)}", mapping)
    there = form.columns if form.columns or not current else (current,)
    choices = there if mapping.required else ("", *there)
    wanted = current or (None if mapping.required else "")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"row_{key}"):
        st.selectbox(
            _label(mapping), choices, index=choices.index(wanted) if wanted in choices else None, key=key,
            format_func=lambda column: column or "Not mapped",
            placeholder="Select user property…" if form.columns else "Type it, e.g. user_id",
            accept_new_options=not form.columns, help=md(mapping.help) if mapping.help else None,
            on_change=_commit, args=(form.put, "mappings", mapping.variable, key),
        )  # fmt: skip
        target = md(mapping.target_name or mapping.display_name) or "–"
        st.markdown(f":material/arrow_forward: {target}", width="content")
    if form.strict:
        _problem(form, mapping, key, given=True)


def _problem(form: Form, of: CustomField | MappingField, key: str, *, given: bool) -> None:
    problem = form.problems.get(of.variable)
    if problem is not None and (given or form.strict):
        refusal(key, problem.message)


def _commit(put: Put, part: str, name: str, key: str) -> None:
    put(part, name, st.session_state[key] or None)


def _forget(put: Put, variable: str, key: str) -> None:
    st.session_state[key] = ""
    put("fields", variable, None)
