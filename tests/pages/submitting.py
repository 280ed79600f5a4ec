"""Integrations at any point of their life, for the tests of the pages, and a session for whoever looks at them."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.integration import Integration, endpoints_of
from core.portal import Store, Stored
from core.portal.demo import DEMO_ORG, EXAMPLES, load_demo
from core.portal.people import Person
from core.portal.review import process
from core.portal.review.entities import Release
from core.portal.review.fingerprint import fingerprint

OpenAs = Callable[..., AppTest]
ACCESS = "Sign in as review@acme.example with Winter-7-lake; lists are under Audiences."


def example(store: Store, name: str = "Acme") -> Stored:
    """An example as a draft of the demo organisation; `name` is a word of its name."""
    load_demo(store, EXAMPLES)
    found = next(one.id for one in store.list_integrations(DEMO_ORG) if name in one.display_name)
    return store.get(DEMO_ORG, found)


def proven(store: Store, integration_id: str) -> str:
    """A test run that went well with the draft as it stands; its id."""
    stored = store.get(DEMO_ORG, integration_id)
    names = list(endpoints_of(Integration.model_validate(stored.document)))
    run = store.create_run(
        DEMO_ORG, integration_id, "test",
        {
            "fingerprint": fingerprint(stored.document), "target": "own", "revision": stored.revision, "list_id": "L1",
            "endpoints": {name: {"accepted": 1, "faults": 0} for name in names}, "started": time.time(), "steps": [],
            "step": 0, "requests": 3, "sent_requests": 3, "members": 21, "sent_members": 21,
            "proof": {"holds": 21, "expected": 21, "equal": True, "missing": [], "extra": []},
        },
    )  # fmt: skip
    event = {
        "number": 1, "step": 0, "endpoint": names[0], "operation": "add", "members": 1, "rejected": [],
        "request": {"method": "POST", "url": "https://api.acme.test/", "headers": [], "body": "{}", "bytes": 2},
        "attempts": [
            {"status": 200, "elapsed_ms": 80, "waited_ms": 0, "headers": [], "body": '{"ok": 1}', "fault": ""}
        ],
        "verdict": {"action": "accept", "reason": "", "message": ""},
    }  # fmt: skip
    store.append_run_events(run, [event])
    store.update_run(run, "succeeded")
    return run


def submitted(store: Store, integration_id: str, note: str = "", **fields: str) -> Release:
    """The draft, tested as it stands and handed in; `fields` are added to the test account."""
    proven(store, integration_id)
    settings = store.get_test_settings(DEMO_ORG, integration_id) or {}
    account = {
        "fields": {**(settings.get("fields") or {}), **fields},
        "mappings": settings.get("mappings") or {},
        "access": ACCESS,
    }
    return process.submit(store, pat(store), integration_id, test_account=account, note=note)


def approved(store: Store, integration_id: str, **fields: str) -> Release:
    """Submitted, looked at and deployed."""
    release = submitted(store, integration_id, **fields)
    process.start_review(store, rita(store), integration_id, release.number)
    return process.approve(store, rita(store), integration_id, release.number)


def pat(store: Store) -> Person:
    return store.get_person("pat")


def rita(store: Store) -> Person:
    return store.get_person("rita")


def press(page: AppTest, label: str) -> None:
    """Presses the last button of that label: the one in a window that is open, if there is one."""
    [*_, button] = [button for button in page.button if button.label == label]
    button.click().run()
    assert not page.exception


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def shown(page: AppTest) -> str:
    """What the page says, without the backslashes that keep it from being Markdown."""
    kinds = (
        page.title, page.header, page.subheader, page.markdown, page.caption, page.text, page.error, page.warning,
        page.info, page.success,
    )  # fmt: skip
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")
