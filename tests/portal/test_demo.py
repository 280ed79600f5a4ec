"""What a fresh installation starts with, and that it starts with it once."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.integration import check
from core.portal import Store
from core.portal.demo import DEMO_ORG, EXAMPLES, load_demo, read_examples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "examples"
    made.mkdir()
    for name in ("one", "two"):
        (made / f"{name}.json").write_text(json.dumps({"display_name": name.title()}), encoding="utf-8")
    (made / "one.settings.json").write_text("{}", encoding="utf-8")
    return made


def names(store: Store) -> list[str]:
    return [summary.display_name for summary in store.list_integrations(DEMO_ORG)]


def test_an_empty_store_gets_the_examples_in_their_order(store: Store, folder: Path):
    assert load_demo(store, folder)
    assert names(store) == ["One", "Two"]


def test_a_deleted_demo_does_not_come_back(store: Store, folder: Path):
    load_demo(store, folder)
    for summary in store.list_integrations(DEMO_ORG):
        store.delete(DEMO_ORG, summary.id)
    assert not load_demo(store, folder)
    assert names(store) == []


def test_a_store_that_is_in_use_gets_no_demo(store: Store, folder: Path):
    store.create_integration(DEMO_ORG, {"display_name": "Mine"})
    assert not load_demo(store, folder)
    assert names(store) == ["Mine"]


def test_of_several_processes_that_start_at_once_one_loads_the_demo(open_store: Callable[..., Store], folder: Path):
    stores = [open_store() for _ in range(4)]
    with ThreadPoolExecutor(len(stores)) as pool:
        loaded = list(pool.map(lambda store: load_demo(store, folder), stores))
    assert sorted(loaded) == [False, False, False, True]
    assert sorted(names(stores[0])) == ["One", "Two"]


def test_an_example_that_cannot_be_used_is_left_out_and_logged(folder: Path, caplog: pytest.LogCaptureFixture):
    (folder / "bad.json").write_text('{"type": "neither"}', encoding="utf-8")
    (folder / "two.png").write_bytes(b"not a picture")
    with caplog.at_level(logging.WARNING):
        assert [example.name for example in read_examples(folder)] == ["one"]
    assert "bad.json" in caplog.text
    assert "two.json" in caplog.text


def test_the_examples_of_the_portal_are_ready_to_use():
    examples = read_examples(EXAMPLES)
    assert len(examples) == len([file for file in EXAMPLES.glob("*.json") if "." not in file.stem]) > 0
    for example in examples:
        assert check(example.integration).errors == (), example.name
