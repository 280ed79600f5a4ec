"""One endpoint: where it goes, what it sends, what its answers mean."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.integration import (
    ALIASES,
    ENDPOINT_TITLES,
    PREDEFINED,
    CreateListEndpoint,
    Endpoint,
    EndpointName,
    endpoints_of,
    mistakes_of,
    uses_items,
)
from core.integration.variables import Part, names_for
from pages.parts.configure import endpoint_more, error_rules, fields, starting_points
from pages.parts.configure.editing import Editing
from pages.parts.draft import change, rewrite
from pages.parts.findings import findings_at
from pages.parts.template_editor import EditorMistake, EditorVariable, current_text, template_editor

_METHODS = {method: method for method in ("POST", "PUT", "PATCH", "DELETE", "GET")}
_SOURCES = {"response": "In the response", "request": "In the request"}


def show(editing: Editing, name: EndpointName, endpoint: Endpoint) -> None:
    place = f"endpoints.{name}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key=f"row_call_{name}"):
        fields.choice(editing, f"{place}.method", "Method", _METHODS, width=104)
        fields.text(editing, f"{place}.url", "URL", placeholder=_example_url(editing, name))
        _copy_from(editing, name)
    findings_at(editing.report, f"{place}.url", warnings=True)
    findings_at(editing.report, f"{place}.method", warnings=True)
    _editor(editing, name, endpoint, "payload", "Payload", min_lines=5)
    if uses_items(endpoint) or endpoint.item is not None:
        _editor(editing, name, endpoint, "item", "Item: one user inside $items", min_lines=1)
        fields.whole_number(
            editing, f"{place}.batch_size", "Batch size", 1, 100_000, width=180, help="Users in one request, at most."
        )
    if isinstance(endpoint, CreateListEndpoint):
        _list_id(editing, endpoint)
    findings_at(editing.exactly_at(place), place, warnings=True)
    error_rules.show(editing, name)
    endpoint_more.show(editing, name)


def _editor(
    editing: Editing, name: EndpointName, endpoint: Endpoint, part: Part, label: str, *, min_lines: int
) -> None:
    place = f"endpoints.{name}.{part}"
    saved = editing.value(place) or ""
    key = f"editor-{name}-{part}-{editing.draft.id.replace('_', '.')}"  # Streamlit takes no "__" in such a key
    revision = editing.draft.epoch
    shown = current_text(key, saved, revision=revision)
    found = mistakes_of(editing.integration, name, endpoint).get(place, ()) if shown == saved else ()
    mistakes: list[EditorMistake] = [
        {"start": mistake.start, "end": mistake.end, "message": mistake.message, "hint": mistake.hint}
        for mistake in found
    ]
    variables = _variables(editing, name, endpoint, part)
    offered = {variable["name"] for variable in variables}
    template_editor(
        label, saved, key=key, variables=variables, mistakes=mistakes, min_lines=min_lines, revision=revision,
        also_known=[alias for alias, meant in ALIASES.items() if meant in offered],
        on_change=_commit, args=(place, key, saved, revision),
    )  # fmt: skip
    if part == "payload" and not shown.strip():
        st.caption("No body is sent.")
    findings_at(editing.beside_editors, place, warnings=True)


def _commit(place: str, key: str, saved: str, revision: int) -> None:
    change(place, fields.none_if_empty(current_text(key, saved, revision=revision)))


def _variables(editing: Editing, name: EndpointName, endpoint: Endpoint, part: Part) -> list[EditorVariable]:
    """What the editor's list offers here: the fields first, then the pre-defined variables."""
    allowed = names_for(editing.integration, name, endpoint, part).variables
    offered: list[EditorVariable] = []
    for field in editing.integration.mapping_fields:
        if field.variable in allowed:
            offered.append({"name": field.variable, "detail": field.display_name, "kind": "mapping"})
    for custom in editing.integration.custom_fields:
        if custom.variable in allowed:
            offered.append({"name": custom.variable, "detail": custom.display_name, "kind": "field"})
    taken = {variable["name"] for variable in offered}
    for key, predefined in PREDEFINED.items():
        if key in allowed and key not in taken:
            offered.append({"name": key, "detail": predefined.summary, "kind": "pre-defined"})
    return offered


def _list_id(editing: Editing, endpoint: CreateListEndpoint) -> None:
    place = "endpoints.create_list"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="row_list_id"):
        st.segmented_control(
            "List id", list(_SOURCES), default=endpoint.list_id_source, required=True,
            format_func=_SOURCES.__getitem__, **fields.commit(editing, f"{place}.list_id_source"),
        )  # fmt: skip
        fields.text(
            editing, f"{place}.list_id_path", "Path to the list id", placeholder="listId",
            help="JMESPath such as `data.id`, or `header:Location`.",
        )  # fmt: skip
    findings_at(editing.report, f"{place}.list_id_path", warnings=True)


def _copy_from(editing: Editing, name: EndpointName) -> None:
    sources = [source for source in endpoints_of(editing.integration) if source != name]
    if not sources:
        return
    key = editing.draft.key(f"copy.{name}")
    st.menu_button(
        "Copy from", sources, format_func=lambda source: ENDPOINT_TITLES[source], type="tertiary",
        help="Method, URL, payload, item, batch size and error rules of another endpoint.", key=key,
        on_click=_copy, args=(name, key),
    )  # fmt: skip


def _copy(name: EndpointName, key: str) -> None:
    source = st.session_state[key]
    if source:
        rewrite(partial(starting_points.copy_endpoint, source=source, name=name))
        st.toast(f"{ENDPOINT_TITLES[name]} is now like {ENDPOINT_TITLES[source]}.", icon=":material/content_copy:")


def _example_url(editing: Editing, name: EndpointName) -> str:
    base = "https://api.example.com"
    if editing.integration.type == "property":
        return f"{base}/users"
    return f"{base}/lists" if name == "create_list" else f"{base}/lists/$list_id/{name.split('_')[0]}"
