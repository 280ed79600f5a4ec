"""What the pages say when somebody is in the way or a file is not what it seems: one sentence, and the page goes on."""

from __future__ import annotations

import gzip
import time

from core.portal import Store
from core.portal.demo import DEMO_ORG, EXAMPLES, load_demo
from tests.pages.conftest import OpenPage

# Two tabs on one draft: tests/portal/test_concurrency.py and tests/pages/test_setup.py.


def example(store: Store) -> str:
    load_demo(store, EXAMPLES)
    return next(one.id for one in store.list_integrations(DEMO_ORG) if "Acme" in one.display_name)


def test_a_second_start_from_another_window_is_refused_in_a_sentence(store: Store, open_page: OpenPage) -> None:
    made = example(store)
    page = open_page("test", made)
    summary = {
        "steps": [{"name": "day 1", "requests": 1, "members": 1, "result": None}], "started": time.time(), "step": 0,
        "members": 1, "requests": 1, "sent_members": 0, "sent_requests": 0, "target": "sandbox",
    }  # fmt: skip
    page.run()
    original = type(store).latest_run
    type(store).latest_run = lambda *_arguments: None  # the page has not seen what the other window began
    try:
        store.create_run(DEMO_ORG, made, "test", summary, alone=True)
        page.button(key="run_start").click().run()
    finally:
        type(store).latest_run = original
    assert not page.exception
    assert ["going on already" in str(error.value) for error in page.error] == [True]
    assert len(store.list_runs(DEMO_ORG, made)) == 1


def test_a_packed_upload_that_unpacks_to_far_too_much_is_refused_in_a_sentence(
    store: Store, open_page: OpenPage
) -> None:
    page = open_page("test", example(store))
    page.session_state["cohort_source"] = "Snapshots"
    page.run()
    bomb = gzip.compress(b"user_id\n" + b"0123456789abcde\n" * (1 << 22), 9) * 17
    page.file_uploader(key="upload_current").upload("bomb.csv.gz", bomb, "application/gzip").run()
    assert not page.exception
    assert ["The file unpacks to more than" in str(error.value) for error in page.error] == [True]
