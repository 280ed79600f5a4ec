"""The header with all it can hold; each page of this app is nothing but it."""

from __future__ import annotations

from pages.parts import page


def show(step: page.Step) -> None:
    actions = page.header(
        step,
        integration=page.requested(),
        name="Acme :red[Messaging] $1/$2",
        status="changes_requested",
        note="saved 2 s ago",
        fixes=[
            page.Fix("$itmes in Add users is not a variable. Did you mean $items?", "configure"),
            page.Fix("The logo is missing.", "setup"),
        ],
    )
    actions.button("Submit for review", type="primary")
