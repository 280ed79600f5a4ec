from pages.parts import page

actions = page.header(
    "configure",
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
