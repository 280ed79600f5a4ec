"""The file of facts: what is in it when the disk does not keep what it was given."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from core.sync import SyncRun
from core.sync.delivery import Delivery
from core.sync.journal_file import JOURNAL, Journal
from core.sync.told import read_journal
from tests.sync.partner import Destination, change, document, sync, users

FIRST = {"key": "user", "list_id": "L1", "mapping": None}


def test_acknowledgements_that_the_disk_refuses_are_taken_back_and_who_was_sent_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Journal(tmp_path)
    book.begin(FIRST)

    def full(_file: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", full)
    integration = document(users__batch_size=2, delivery__concurrency=2)
    run = sync(Destination(), change(users(4)), integration, list_id="L1", ledger=book)
    book.close()
    assert (run.outcome, run.added) == ("stopped", 0)
    told = read_journal(tmp_path / JOURNAL)
    assert told is not None
    assert len(told.added) == 0
    assert b'"operation"' not in (tmp_path / JOURNAL).read_bytes()
    assert b'"u0"' in (tmp_path / JOURNAL).read_bytes()


def test_nothing_counts_before_it_is_on_disk_while_further_requests_go_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes the first group only when a later request has arrived: a run that waited would not end."""
    book = Journal(tmp_path)
    book.begin(FIRST)
    integration = document(users__batch_size=1, delivery__concurrency=2)
    later, counted = threading.Event(), []
    flushed = os.fsync

    def slow(file: int) -> None:
        assert later.wait(timeout=30)
        assert counted == []
        monkeypatch.setattr(os, "fsync", flushed)
        flushed(file)

    def listener(_delivery: Delivery, run: SyncRun) -> None:
        counted.append(run.added)

    def answer(_request: object, number: int) -> None:
        if number >= 3:
            later.set()

    monkeypatch.setattr(os, "fsync", slow)
    run = sync(Destination(answer), change(users(8)), integration, list_id="L1", ledger=book, listener=listener)
    book.close()
    assert (run.outcome, run.added, counted[-1]) == ("succeeded", 8, 8)
    told = read_journal(tmp_path / JOURNAL)
    assert told is not None
    assert sorted(told.added.frame().iloc[:, 0]) == users(8)
