"""What a fresh installation starts with, so that every page has something to show: one integration of each example.

Examples are files of a folder: `NAME.json`, an integration document, and beside it `NAME.png`, its logo, and
`NAME.settings.json`, a filled-in Connect form to test with, where there are such.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.integration import Integration, load_integration
from core.integration.document import parse_json_object, validate
from core.integration.logo import Logo, read_logo
from core.portal.intake import take_in
from core.portal.people.directory import PLATFORM_ORG
from core.portal.store import Store
from core.request import Connection
from core.settings import APP_FOLDER

DEMO_ORG = "214507"
CUSTOMER_ORG = "318822"
DEMO_PERSON = "pat"
EXAMPLES = APP_FOLDER / "sample_cohorts" / "examples"
_LOADED = "demo loaded"
_PEOPLE = "demo people loaded"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Example:
    """A ready-made integration to start from. `name` is the file's, without its ending."""

    name: str
    integration: Integration
    logo: Logo | None
    settings: Connection | None


def read_examples(folder: Path) -> tuple[Example, ...]:
    """The examples of a folder, by file name. One that cannot be used is left out, and the log says why."""
    found = []
    for file in sorted(file for file in folder.glob("*.json") if "." not in file.stem):
        picture = file.with_suffix(".png")
        try:
            integration = load_integration(file.read_bytes(), name=file.name)
            logo = read_logo(picture.read_bytes()) if picture.exists() else None
            settings = _read_settings(file.with_suffix(".settings.json"))
        except (InputError, OSError) as error:
            _log.warning("The example %s is left out: %s", file.name, error)
            continue
        found.append(Example(file.stem, integration, logo, settings))
    return tuple(found)


def _read_settings(file: Path) -> Connection | None:
    if not file.exists():
        return None
    return validate(Connection, parse_json_object(file.read_bytes(), what=file.name), what=file.name)


def load_people(store: Store) -> bool:
    """Two organisations with people and a project each, and a reviewer; whether this call did it, once in the life of
    the database.
    """
    if not store.reach(_PEOPLE):
        return False
    store.add_organisation(PLATFORM_ORG, "Amplitude", plan="enterprise")
    store.add_organisation(DEMO_ORG, "Acme Labs", plan="growth", access="granted")
    store.add_organisation(CUSTOMER_ORG, "Larkspur Retail", plan="plus")
    store.add_person(DEMO_PERSON, DEMO_ORG, "Pat Summers", "pat@acme.example", "partner")
    store.add_person("alex", DEMO_ORG, "Alex Moreau", "alex@acme.example", "customer")
    store.add_person("nora", CUSTOMER_ORG, "Nora Lind", "nora@larkspur.example", "partner")
    store.add_person("carl", CUSTOMER_ORG, "Carl Okafor", "carl@larkspur.example", "customer")
    store.add_person("rita", PLATFORM_ORG, "Rita Alvarez", "rita@platform.example", "reviewer")
    store.add_project("378831", DEMO_ORG, "Demo project", "c9a4f2e17b3d4d6f8a50b1e2")
    store.add_project("402177", CUSTOMER_ORG, "Mobile shop", "5e1d7c08a9f64b32b7d4c6a1")
    return True


def load_demo(store: Store, folder: Path, story: Callable[[Sequence[Example]], None] | None = None) -> bool:
    """Give the demo organisation its first integrations; whether it did. `story` does it, so that more than drafts can
    come of the examples (demo_story.py).

    Once in the life of the database, whatever number of processes start on it, and never into an organisation that has
    integrations: what somebody deleted does not come back.
    """
    if not store.reach(_LOADED) or store.list_integrations(DEMO_ORG):
        return False
    examples = read_examples(folder)
    if story is not None:
        story(examples)
        return True
    for example in reversed(examples):
        take_in(store, DEMO_ORG, example.integration, example.logo, example.settings)
    return True
