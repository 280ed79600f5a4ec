"""Organisations, people and an integration that is fit to be submitted, and the way to any state of its life."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

from core.integration import Integration, endpoints_of
from core.portal import Store
from core.portal.demo import EXAMPLES
from core.portal.people import Person
from core.portal.review import (
    approve,
    deprecate,
    end_internal_release,
    fingerprint,
    reject,
    release_internally,
    request_changes,
    restore,
    roll_back,
    start_review,
    submit,
    withdraw,
)

ACCOUNT: dict[str, Any] = {
    "fields": {"bearer_token": "tok-0123456789abcdef"},
    "mappings": {"user_id_field_amplitude": "user_id"},
    "access": "Log in at https://acme-messaging.io as review@platform.io and open Lists.",
}
DOCUMENT: dict[str, Any] = {
    **json.loads((EXAMPLES / "acme_messaging.json").read_text("utf-8").replace(".example.com", ".io")),
    "summary": "Reach the users of a cohort by push message and mail.",
    "description": "Lists of yours follow the cohort. Have a bearer token at hand.",
}


@dataclass(frozen=True)
class World:
    store: Store
    partner: Person
    customer: Person
    other: Person
    without_access: Person
    reviewer: Person
    second_reviewer: Person

    def integration(self, **changes: Any) -> str:
        """A draft of the partner's that may be submitted as it is."""
        made = self.store.create_integration(self.partner.org_id, {**copy.deepcopy(DOCUMENT), **changes}).id
        self.store.set_logo(self.partner.org_id, made, picture())
        self.tested(made)
        return made

    def tested(self, integration_id: str, *, target: str = "own") -> str:
        """Leaves a run that took every endpoint of the draft as it stands."""
        document = self.store.get(self.partner.org_id, integration_id).document
        names = endpoints_of(Integration.model_validate(document))
        summary = {
            "fingerprint": fingerprint(document),
            "target": target,
            "list_id": "L1",
            "endpoints": {name: {"accepted": 1, "faults": 0} for name in names},
        }
        run_id = self.store.create_run(self.partner.org_id, integration_id, "test", summary)
        self.store.update_run(run_id, "succeeded")
        return run_id

    def edit(self, integration_id: str, **changes: Any) -> None:
        """Saves the draft with a change, and tests it again."""
        stored = self.store.get(self.partner.org_id, integration_id)
        document = {**stored.document, **changes}
        self.store.save(self.partner.org_id, integration_id, stored.revision, document, by=self.partner)
        self.tested(integration_id)

    def submitted(self, integration_id: str) -> int:
        return submit(self.store, self.partner, integration_id, test_account=ACCOUNT, note="Please look.").number

    def in_review(self, integration_id: str) -> int:
        number = self.submitted(integration_id)
        start_review(self.store, self.reviewer, integration_id, number)
        return number

    def approved(self, integration_id: str) -> int:
        number = self.in_review(integration_id)
        approve(self.store, self.reviewer, integration_id, number)
        return number

    def state(self, integration_id: str) -> str:
        return self.store.get(self.partner.org_id, integration_id).state

    def deployed(self, integration_id: str) -> int | None:
        return self.store.get(self.partner.org_id, integration_id).deployed_release


def build_world(store: Store) -> World:
    store.add_organisation("platform", "Platform", plan="enterprise")
    store.add_organisation("acme", "Acme", plan="growth", access="granted")
    store.add_organisation("other", "Other", plan="growth", access="granted")
    store.add_organisation("poor", "Poor", plan="starter")
    return World(
        store,
        store.add_person("pat", "acme", "Pat", "pat@acme.io", "partner"),
        store.add_person("alex", "acme", "Alex", "alex@acme.io", "customer"),
        store.add_person("olga", "other", "Olga", "olga@other.io", "partner"),
        store.add_person("nora", "poor", "Nora", "nora@poor.io", "partner"),
        store.add_person("rita", "platform", "Rita", "rita@platform.io", "reviewer"),
        store.add_person("ron", "platform", "Ron", "ron@platform.io", "reviewer"),
    )


def picture(side: int = 64, height: int | None = None, colour: str = "#123456") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, height or side), colour).save(out, format="PNG")
    return out.getvalue()


def _approved_and_edited(world: World, made: str) -> None:
    world.approved(made)
    world.edit(made, summary="Another line.")


def _approved_twice(world: World, made: str) -> None:
    _approved_and_edited(world, made)
    world.approved(made)


def _deprecated(world: World, made: str) -> None:
    world.approved(made)
    deprecate(world.store, world.partner, made, reason="A new one comes.")


def _sent_back(world: World, made: str) -> None:
    request_changes(world.store, world.reviewer, made, world.in_review(made), reason="Mend it.")


def _rejected(world: World, made: str) -> None:
    reject(world.store, world.reviewer, made, world.in_review(made), reason="No.")


def _withdrawn(world: World, made: str) -> None:
    world.submitted(made)
    withdraw(world.store, world.partner, made)


WAYS: dict[str, Callable[[World, str], object]] = {
    "draft": lambda world, made: None,
    "draft over a deployed release": _approved_and_edited,
    "released_internally": lambda world, made: release_internally(world.store, world.partner, made),
    "submitted": World.submitted,
    "in_review": World.in_review,
    "changes_requested": _sent_back,
    "approved": World.approved,
    "approved twice": _approved_twice,
    "rejected": _rejected,
    "withdrawn": _withdrawn,
    "deprecated": _deprecated,
}
"""How an integration gets to a state, by actions alone."""


def act(world: World, person: Person, action: str, made: str, number: int) -> object:
    """Takes any action; `number` is the release it is about."""
    store = world.store
    calls: dict[str, Callable[[], object]] = {
        "release_internally": lambda: release_internally(store, person, made),
        "end_internal_release": lambda: end_internal_release(store, person, made),
        "submit": lambda: submit(store, person, made, test_account=ACCOUNT),
        "withdraw": lambda: withdraw(store, person, made),
        "start_review": lambda: start_review(store, person, made, number),
        "request_changes": lambda: request_changes(store, person, made, number, reason="Because."),
        "approve": lambda: approve(store, person, made, number),
        "reject": lambda: reject(store, person, made, number, reason="Because."),
        "deprecate": lambda: deprecate(store, person, made, reason="Because."),
        "restore": lambda: restore(store, person, made),
        "roll_back": lambda: roll_back(store, person, made, 1, reason="Because."),
    }
    return calls[action]()
