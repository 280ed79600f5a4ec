"""Every variable once: where it is declared and used, and what is wrong with it; what is wrong comes first."""

from __future__ import annotations

import streamlit as st

from core.integration import TrackedVariable, endpoints_of, track
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section
from pages.parts.configure.spans import cell, mono, table
from pages.parts.findings import refusal
from pages.parts.text import md

_YES = ":green[:material/check:]"
_HEAD = ("Variable", "Declared", "Used in", "Pre-defined")


def show(editing: Editing) -> None:
    rows = track(editing.integration)
    wrong = [row for row in rows if _is_wrong(row)]
    wrong += [row for row in rows if row.declared and not row.used]
    idle = [row for row in rows if row.predefined and not row.used]
    with section("variables", "Variables"):
        for row in wrong:
            _problem(row)
        whole = set(endpoints_of(editing.integration))
        shown = [*wrong, *(row for row in rows if row not in wrong and row not in idle)]
        if shown:
            st.markdown(table(_HEAD, (_line(row, len(whole)) for row in shown)))
        else:
            st.caption("None yet. Declare a field on the left, or type a dollar sign in a payload.")
        if idle:
            with st.expander(f"{len(idle)} more that you can use", type="compact"):
                st.markdown(table(("Variable", "Value"), ((cell(f"${row.name}"), row.summary) for row in idle)))


def _is_wrong(row: TrackedVariable) -> bool:
    """Whether a use of it is a mistake; a field that nothing uses is only worth a look."""
    return bool(row.problems) and row.used


def _problem(row: TrackedVariable) -> None:
    sentence = " ".join(row.problems)
    if not _is_wrong(row):
        st.caption(f":material/lightbulb: {mono('$' + row.name)} {md(sentence[:1].lower() + sentence[1:])}")
        return
    is_unknown = row.declared is None and not row.predefined
    places = ", ".join(dict.fromkeys(use.where for use in row.uses)) if is_unknown else ""
    refusal(f"variable_{row.name}", f"${row.name}: {sentence}" + (f" ({places})" if places else ""))


def _line(row: TrackedVariable, endpoints: int) -> tuple[str, ...]:
    mark = ":red[:material/error:] " if _is_wrong(row) else ""
    spelled = f" (also {', '.join(cell(f'${name}') for name in row.written)})" if row.written else ""
    declared = row.declared.capitalize() if row.declared else ""
    return mark + cell(f"${row.name}") + spelled, declared, _used(row, endpoints), _YES if row.predefined else ""


def _used(row: TrackedVariable, endpoints: int) -> str:
    """The endpoints or shared parts that use it; every endpoint is said in two words."""
    places = list(dict.fromkeys(use.where.partition(" › ")[0] for use in row.uses))
    if len(places) == endpoints > 1 and all(use.place.startswith("endpoints.") for use in row.uses):
        return "All endpoints"
    return ", ".join(md(place) for place in places)
