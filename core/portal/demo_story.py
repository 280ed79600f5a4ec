"""What happened in the demo before it was first opened: nine days of a partner, a reviewer and a customer.

Nothing of it is made up: the partner's tests, the review and the customer's daily syncs are carried out by the portal's
own functions, to the sandbox, on a store whose clock stands in the past. So every page has something to show, and what
it shows is what the portal does.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from core.cohort import Members, generate_users
from core.destination import DirectTransport, Faults, Sandbox, sandboxed
from core.integration import Integration, endpoints_of
from core.portal.cohorts.desk import add_cohort, upload_snapshot
from core.portal.customers.connecting import connect
from core.portal.demo import CUSTOMER_ORG, DEMO_ORG, DEMO_PERSON, Example
from core.portal.intake import take_in
from core.portal.people import Person
from core.portal.review import add_comment, approve, fingerprint, start_review, submit
from core.portal.store import Store
from core.portal.stored import Stored
from core.portal.syncs.carry_out import carry_out
from core.portal.syncs.manage import create_sync
from core.portal.syncs.means import Means
from core.portal.syncs.sandboxes import Sandboxes
from core.portal.test_runs import Runner, RunOrder, Step
from core.portal.vault import Vault
from core.request import Cohort, Connection, RequestBuilder
from core.settings import Settings
from core.sync import Change, RetrySchedule

DAYS = 8
MEMBERS = 1_200
LEAVE_EACH_DAY = 30
JOIN_EACH_DAY = 45
REJECTING_DAY = 3
FAILING_DAY = 6
_COLUMNS = ("user_id", "email", "phone", "first_name", "country", "plan", "device_id")
_APPROVED, _IN_REVIEW = "acme_messaging", "beacon_crm"
_HOST = "https://sandbox.example"


@dataclass
class _Past:
    """A clock that stands still until it is put forward."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def at(self, day: int, hour: int = 9, minute: int = 0) -> None:
        """Puts the clock to a time of the day `day` days before the last one."""
        self.now = (self._end - timedelta(days=day)).replace(hour=hour, minute=minute, second=0, microsecond=0)

    def __post_init__(self) -> None:
        self._end = self.now


def tell(settings: Settings, examples: Sequence[Example], now: datetime) -> None:
    """Fills the store of `settings`, whose people must be there, with what happened until `now`."""
    clock = _Past(now)
    store = Store(settings.database_url, Vault.open(settings), clock=clock)
    try:
        clock.at(DAYS + 2)
        drafts = {example.name: _taken_in(store, example) for example in reversed(examples)}
        partner, reviewer = store.get_person(DEMO_PERSON), store.get_person("rita")
        if _APPROVED in drafts:
            approved = drafts[_APPROVED]
            _submitted(store, partner, approved, _account("Log in as review@acme.example and open Lists."))
            clock.at(DAYS + 1, 15)
            start_review(store, reviewer, approved.id, 1)
            clock.at(DAYS + 1, 16, 20)
            approve(store, reviewer, approved.id, 1, note="Tests repeated, all users arrived.")
            _synced(store, settings, clock, store.get_person("carl"), approved.id)
        if _IN_REVIEW in drafts:
            clock.at(2, 11)
            waiting = drafts[_IN_REVIEW]
            _submitted(store, partner, waiting, _account("Ask pat@acme.example for a look at the segment."))
            clock.at(1, 10)
            start_review(store, reviewer, waiting.id, 1)
            clock.at(1, 10, 30)
            said = add_comment(
                store, reviewer, waiting.id, "What should a customer do when the key is refused?",
                place="endpoints.add_users.errors",
            )  # fmt: skip
            clock.at(1, 14)
            add_comment(
                store, partner, waiting.id, "Make a new key under API access. I will say so in the rule for 401.",
                place=said.place, parent_id=said.id,
            )  # fmt: skip
    finally:
        store.close()


def _taken_in(store: Store, example: Example) -> Stored:
    return take_in(store, DEMO_ORG, example.integration, example.logo, example.settings)


def _account(access: str) -> dict[str, Any]:
    return {"access": access}


def _submitted(store: Store, partner: Person, draft: Stored, account: dict[str, Any]) -> None:
    """Tests the draft in the sandbox, as the page does, and hands it in with the settings it was tested with."""
    integration = Integration.model_validate(draft.document)
    saved = store.get_test_settings(DEMO_ORG, draft.id) or {}
    fields = {name: value for name, value in saved.get("fields", {}).items() if value}
    missing = {field.variable: "demo-0000" for field in integration.custom_fields if field.variable not in fields}
    fields = {**{name: value for name, value in missing.items() if _required(integration, name)}, **fields}
    cohort = Cohort(id="7khm89cz", name="Power users", url="https://app.example.com/cohort/7khm89cz")
    connection = Connection(name="Review", fields=fields, mappings=saved.get("mappings", {}), cohort=cohort)
    members = generate_users(_COLUMNS, 40, seed=7, awkward_every=10)
    sandbox = Sandbox(integration, connection)
    builder = RequestBuilder(sandboxed(integration, _HOST), connection, columns=_COLUMNS)
    first = Change(Members.of(members), Members.of(members.iloc[:0]), _COLUMNS[0])
    later = Change(Members.of(members.iloc[:0]), Members.of(members.head(10)), _COLUMNS[0], unchanged=30)
    order = RunOrder(
        builder=builder,
        steps=[Step("First sync", first, len(endpoints_of(integration)), 40), Step("Then", later, 1, 10)],
        schedule=RetrySchedule(()),
        transport=DirectTransport(sandbox),
        notes={"target": "sandbox", "revision": draft.revision, "fingerprint": fingerprint(draft.document)},
    )
    run_id = Runner(store).carry_out(DEMO_ORG, draft.id, order)
    _dated(store, DEMO_ORG, run_id)
    filled = {"fields": fields, "mappings": dict(connection.mappings), **account}
    submit(store, partner, draft.id, test_account=filled, note="First version.")


def _required(integration: Integration, variable: str) -> bool:
    return any(
        field.variable == variable and field.required and not field.default for field in integration.custom_fields
    )


def _synced(store: Store, settings: Settings, clock: _Past, customer: Person, integration_id: str) -> None:
    """A customer connects, and a cohort is synced each day, with one day on which users were not accepted and one on
    which the destination was down.
    """
    clock.at(DAYS, 8, 30)
    project = store.list_projects(CUSTOMER_ORG)[0].id
    cohort = add_cohort(store, customer, project, "Weekend shoppers", "upload", amp_id="w3k3nd5h")
    sandboxes = Sandboxes()
    means = Means(settings, schedule=RetrySchedule(()), sandboxes=sandboxes, pause=lambda _seconds: None)
    everybody = generate_users(_COLUMNS, MEMBERS + DAYS * JOIN_EACH_DAY, seed=11, awkward_every=400)
    sync = None
    for day in range(DAYS):
        clock.at(DAYS - 1 - day, 6, 40)
        present = everybody.iloc[day * LEAVE_EACH_DAY : MEMBERS + day * JOIN_EACH_DAY]
        upload_snapshot(store, settings, customer, cohort.id, f"{clock.now:%Y-%m-%d}.csv", _csv(present), now=clock.now)
        clock.at(DAYS - 1 - day, 7)
        sync = sync or create_sync(store, customer, cohort.id, _connected(store, customer, integration_id), "daily")
        sandbox = sandboxes.of(sync.id)
        if sandbox is not None:
            sandbox.faults = _faults(day)
        run_id = carry_out(store, means, store.get_sync(CUSTOMER_ORG, sync.id), clock.now)
        if run_id is not None:
            _dated(store, CUSTOMER_ORG, run_id)


def _connected(store: Store, customer: Person, integration_id: str) -> str:
    """The id of the customer's connection, to the sandbox."""
    filled = Connection(
        name="Shop messages",
        fields={"bearer_token": "larkspur_demo_5Q2x0a7f"},
        mappings={"user_id_field_amplitude": "user_id", "email_field_amplitude": "email"},
    )
    project = store.list_projects(CUSTOMER_ORG)[0].id
    return connect(store, customer, integration_id, project, filled, target="sandbox").id


def _faults(day: int) -> Faults:
    if day == REJECTING_DAY:
        return Faults(reject_every=15)
    return Faults(error_500_every=1) if day == FAILING_DAY else Faults()


def _csv(members: pd.DataFrame) -> io.BytesIO:
    return io.BytesIO(members.to_csv(index=False).encode())


def _dated(store: Store, org: str, run_id: str) -> None:
    """Puts the times in the summary of a run, which it took from the machine's clock, to those of the story."""
    run = store.get_run(org, run_id)
    shift = run.summary["started"] - run.created_at.timestamp()
    times: dict[str, Any] = {name: run.summary[name] - shift for name in ("started", "ended") if name in run.summary}
    store.update_run(run_id, summary=run.summary | times)
