"""What a customer is filling in: kept in the session until it is saved, secrets that were typed included."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.portal.customers.connecting import hidden_fields, needs_attention, shown_form
from core.portal.customers.connections import CustomerConnection
from core.portal.customers.destinations import Destination
from core.request import Connection
from pages.parts.acting import store

State = dict[str, Any]
NEW = "new"
_STATE = "connect_form"
_ADDRESS = "connection"


def wanted() -> str:
    """The connection whose form the address asks for: an id, `new`, or "" for none."""
    return st.query_params.get(_ADDRESS, "")


def open_form(connection: str) -> None:
    """Opens the form of a connection, or of a new one, from the start."""
    st.session_state.pop(_STATE, None)
    st.query_params[_ADDRESS] = connection


def close_form() -> None:
    st.session_state.pop(_STATE, None)
    st.query_params.pop(_ADDRESS, None)


def load(destination: Destination, saved: CustomerConnection | None, projects: list[str]) -> State:
    """The open form; begun from the saved connection, or empty with a name that is free."""
    of = f"{destination.id}/{saved.id if saved else NEW}"
    state: State | None = st.session_state.get(_STATE)
    if state is None or state["of"] != of:
        state = {"of": of, "epoch": _next_epoch(), "strict": False, "fault": "", "trial": None}
        state |= _saved(destination, saved) if saved else _fresh(destination, projects)
        st.session_state[_STATE] = state
    return state


def _saved(destination: Destination, saved: CustomerConnection) -> State:
    shown = shown_form(saved, destination.integration)
    return {
        "name": saved.name,
        "project": saved.project_id,
        "target": saved.target,
        "fields": dict(shown.fields),
        "mappings": dict(shown.mappings),
        "hidden": sorted(hidden_fields(saved, destination.integration)),
        "strict": bool(needs_attention(store(), saved, destination.integration)),
    }


def _fresh(destination: Destination, projects: list[str]) -> State:
    taken = {connection.name.casefold() for connection in destination.connections}
    names = (f"{destination.name} {number}" if number > 1 else destination.name for number in range(1, len(taken) + 2))
    return {
        "name": next(name for name in names if name.casefold() not in taken),
        "project": projects[0],
        "target": "destination",
        "fields": {},
        "mappings": {},
        "hidden": [],
    }


def _next_epoch() -> int:
    epoch: int = st.session_state.get("connect_epoch", 0) + 1
    st.session_state["connect_epoch"] = epoch
    return epoch


def update(**changes: Any) -> None:
    """Changes the open form. What was found out about it before no longer holds."""
    state = st.session_state.get(_STATE)
    if state is not None:
        st.session_state[_STATE] = {**state, "fault": "", "trial": None, **changes}


def put(part: str, name: str, value: Any) -> None:
    """Sets one value of `fields` or `mappings`; None takes it out, and makes a saved secret be forgotten."""
    state = st.session_state.get(_STATE)
    if state is None:
        return
    values = {key: old for key, old in state[part].items() if key != name}
    if value is not None:
        values[name] = value
    elif part == "fields" and name in state["hidden"]:
        values[name] = ""
    update(**{part: values})


def current() -> State | None:
    """The open form as it is at this moment, for what a button does."""
    state: State | None = st.session_state.get(_STATE)
    return state


def connection_of(state: State) -> Connection:
    return Connection(name=state["name"], fields=state["fields"], mappings=state["mappings"])


def still_saved(state: State) -> frozenset[str]:
    """The saved secrets that the form leaves as they are."""
    return frozenset(state["hidden"]) - state["fields"].keys()
