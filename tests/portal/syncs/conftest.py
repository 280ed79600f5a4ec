"""A shop with a cohort and a connection, a destination that answers on the loopback address, a clock of the tests'."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from core.destination import EXAMPLE, Sandbox, SandboxRegistry, sandboxed, start_sandbox
from core.integration import Integration
from core.portal import Store
from core.portal.cohorts.keeping import add_snapshot
from core.portal.people import Person
from core.portal.runs import Run
from core.portal.syncs.carry_out import carry_out
from core.portal.syncs.means import Interruption, Means
from core.portal.syncs.sandboxes import Sandboxes
from core.portal.syncs.syncs import Sync
from core.portal.tables import integrations, mails, releases
from core.request import Connection
from core.settings import Settings
from core.sync import RetrySchedule

MAKER, SHOP, RIVAL = "maker", "shop", "rival"
SECRET = "tok-5ecret-value"
AT_ONCE = RetrySchedule((0.0, 0.0), jitter=0)


class Time:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Time:
    return Time()


@dataclass
class World:
    """`destination` is what the connection `direct` leads to; `boxed` leads to a sandbox of the portal."""

    store: Store
    clock: Time
    settings: Settings
    means: Means
    destination: Sandbox
    customer: Person
    rival: Person
    integration: str
    cohort: str
    direct: str
    boxed: str

    def snapshot(self, *users: str, cohort: str | None = None, **columns: list[str]) -> None:
        """The cohort's next snapshot: these users, with a city each."""
        self.clock.pass_(seconds=1)
        rows = ["user_id,city", *(f"{user},Oslo" for user in users)]
        content = io.BytesIO("\n".join(rows).encode() + b"\n")
        name = f"{self.clock.now:%H%M%S}.csv"
        add_snapshot(self.store, self.settings, SHOP, cohort or self.cohort, name, content, self.clock.now)

    def sync(self, connection: str | None = None, cadence: Any = "hourly") -> Sync:
        return self.store.create_sync(SHOP, self.cohort, connection or self.direct, cadence, "Carl")

    def run(self, sync: Sync, means: Means | None = None, interruption: Interruption | None = None) -> Run:
        """Carries out what is due of a sync."""
        self.clock.pass_(seconds=1)
        run_id = carry_out(self.store, means or self.means, sync, self.clock.now, interruption)
        assert run_id is not None, "nothing was due"
        return self.store.get_run(SHOP, run_id)

    def run_again(self, sync: Sync, **wish: Any) -> Run:
        self.store.wish_sync(SHOP, sync.id, **wish)
        return self.run(sync)

    def get(self, sync: Sync) -> Sync:
        return self.store.get_sync(SHOP, sync.id)

    def release(self, integration: Integration) -> None:
        """Deploys this document, as the next release."""
        with self.store._write() as connection:
            number = len(connection.execute(releases.select()).all()) + 1
            row = {"integration_id": self.integration, "number": number, "kind": "review", "revision": 1}
            row |= {"document": integration.model_dump(mode="json"), "state": "approved", "evidence": {}}
            row |= {"test_account": {}, "submitted_by": "Pat", "decided_by": "Rita", "reason": ""}
            connection.execute(insert(releases).values(**row, submitted_at=self.clock.now))
            this = integrations.c.id == self.integration
            connection.execute(update(integrations).where(this).values(deployed_release=number, state="approved"))

    def redeploy(self, document: dict[str, Any]) -> None:
        """Deploys another document at the same address, and makes the destination one of that shape."""
        integration = Integration.model_validate(document)
        url = self.store.released_rows(SHOP)[0].document["endpoints"]["add_users"]["url"]
        self.release(sandboxed(integration, url.partition("/lists")[0]))
        self.destination.reshape(integration)

    def withdraw(self) -> None:
        """Nothing is deployed any more."""
        with self.store._write() as connection:
            connection.execute(update(integrations).values(deployed_release=None))

    def letters(self) -> list[str]:
        """The subjects of all mail to the shop, in the order in which it was written."""
        with self.store._read() as connection:
            return [row.subject for row in connection.execute(mails.select().order_by(mails.c.created_at, mails.c.id))]

    def held(self) -> frozenset[str]:
        """Who is on the newest list of the destination."""
        return self.destination.held(self.destination.lists[-1].id) if self.destination.lists else frozenset()

    def calls(self) -> list[tuple[str | None, int]]:
        return [(received.endpoint, received.members) for received in self.destination.received]


def result_of(run: Run) -> dict[str, Any]:
    result: dict[str, Any] = run.summary["steps"][0]["result"]
    return result


@pytest.fixture
def settings(tmp_path: Path, url: str) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=url, allow_private_hosts=True)


@pytest.fixture
def world(store: Store, clock: Time, settings: Settings) -> Iterator[World]:
    for org in (MAKER, SHOP, RIVAL):
        store.add_organisation(org, org.title(), access="granted")
        store.add_project(f"of-{org}", org, "Project", "api-key")
    customer = store.add_person("carl", SHOP, "Carl", "carl@shop.example", "customer")
    rival = store.add_person("rob", RIVAL, "Rob", "rob@rival.example", "partner")
    with start_sandbox(EXAMPLE, None) as running:
        integration = store.create_integration(MAKER, EXAMPLE.model_dump(mode="json")).id
        fields = {field.variable: SECRET for field in EXAMPLE.custom_fields}

        def connect(name: str, target: Any) -> str:
            form = Connection(name=name, fields=fields, mappings={"user_id": "user_id"})
            made = store.create_connection(SHOP, f"of-{SHOP}", integration, form, fields.keys(), target=target)
            return made.id

        world = World(
            store,
            clock,
            settings,
            Means(settings, schedule=AT_ONCE, sandboxes=Sandboxes(SandboxRegistry()), pause=lambda _seconds: None),
            running.sandbox,
            customer,
            rival,
            integration,
            store.create_cohort(SHOP, f"of-{SHOP}", "Power users", {"kind": "upload"}, amp_id="7khm89cz").id,
            connect("Direct", "destination"),
            connect("Boxed", "sandbox"),
        )
        world.release(sandboxed(EXAMPLE, running.url))
        yield world
