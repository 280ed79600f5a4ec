"""How fast and how stubbornly requests go out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.configure import fields
from pages.parts.configure.editing import Editing
from pages.parts.configure.section import section
from pages.parts.draft import change

_DEFAULT_LIMIT = {"requests": 10, "per_seconds": 1.0}


def show(editing: Editing) -> None:
    with section("delivery", "Delivery", _summary(editing.value("delivery"))):
        shown = st.expander("Change", type="compact", key="delivery_settings", on_change="rerun")
    if not shown.open:
        return
    with shown:
        with st.container(horizontal=True, vertical_alignment="bottom", key="row_delivery"):
            fields.whole_number(editing, "delivery.concurrency", "Requests at once", 1, 64)
            st.number_input(
                "Time-out in seconds",
                0.5,
                600.0,
                float(editing.value("delivery.timeout_seconds")),
                step=5.0,
                format="%g",
                **fields.commit(editing, "delivery.timeout_seconds"),
            )
            fields.whole_number(editing, "delivery.max_retries", "Retries", 0, 20)
        _rate_limit(editing)
        fields.switch(
            editing,
            "delivery.isolate_refused",
            "Isolate refused members",
            help="Halve a refused batch until the members at fault are found, so that the others get through.",
        )


def _rate_limit(editing: Editing) -> None:
    limit = editing.value("delivery.rate_limit")
    key = editing.draft.key("delivery.rate_limit")
    on = st.toggle("Rate limit", value=limit is not None, key=key, on_change=_switch_limit, args=(key,))
    if not on or limit is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="row_rate_limit"):
        fields.whole_number(editing, "delivery.rate_limit.requests", "Requests", 1, 100_000)
        st.number_input(
            "Per seconds",
            0.1,
            86_400.0,
            float(limit["per_seconds"]),
            step=1.0,
            format="%g",
            **fields.commit(editing, "delivery.rate_limit.per_seconds"),
        )


def _switch_limit(key: str) -> None:
    change("delivery.rate_limit", _DEFAULT_LIMIT if st.session_state[key] else None)


def _summary(delivery: dict[str, Any]) -> str:
    limit = delivery["rate_limit"]
    rate = f"{limit['requests']:,} per {limit['per_seconds']:g} s" if limit else "no rate limit"
    return (
        f"{delivery['concurrency']} requests at once, {delivery['timeout_seconds']:g} s time-out, "
        f"{delivery['max_retries']} retries, {rate}"
    )
