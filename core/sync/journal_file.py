"""The file that a run's ledger writes: one line of JSON a fact.

The first line says what the run began with, each further one what happened: the list is about to be created (`creating`
true), it was not (false), a batch of members is about to be added or removed (`sending`), its members, or these, were
refused (`refused`), or a call was acknowledged (`list_id`, `operation`, and whose: `keys`, or the `batch` as it was
sent). A last line may say that nothing is left to be done (`complete`): then the members are those of the snapshot, and
the lines before need not be read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from core.sync.delivery import Delivery
from core.sync.keys import Keys

JOURNAL = "journal.jsonl"


class Journal:
    """The ledger of a run, in a folder. Safe to use from several threads.

    A line is written at once: a file outlives its process, `kill -9` too. Only `flush` waits for the disk, which would
    take longer than all the rest if it came once a batch. Once the disk refused a flush no acknowledgement is taken any
    more, so that none comes between what was taken back and the end of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / JOURNAL, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        self._length = 0
        self._unflushed: list[tuple[int, int, bool]] = []  # from, to, whether it is an acknowledgement
        self._lock = Lock()
        self._refused_by_disk: OSError | None = None
        self._batches: set[int] = set()  # serials of keys that went out and have not been heard of

    def begin(self, facts: dict[str, Any]) -> None:
        self._write(json.dumps(facts).encode())
        self.flush()

    def creating(self, begins: bool) -> None:
        self._write(json.dumps({"creating": begins}).encode())
        self.flush()

    def sending(self, keys: Sequence[str]) -> None:
        if keys:
            keys = keys if isinstance(keys, Keys) else Keys.of(keys)
            self._write(b'{"batch": %d, "sending": %b}' % (keys.serial, keys.json()))
            self._batches.add(keys.serial)

    def refused(self, delivery: Delivery) -> None:
        if not delivery.refused:
            return
        with suppress(OSError):
            whole = delivery.refused is delivery.keys
            batch = self._batch_of(delivery) if whole else None
            if batch is not None:
                self._write(b'{"batch": %d, "refused": []}' % batch)
            else:
                sent = set(delivery.keys)  # a destination may name others as well
                self._write(json.dumps({"refused": [key for key in delivery.refused if key in sent]}).encode())

    def acknowledged(self, delivery: Delivery, list_id: str | int | None) -> None:
        known = json.dumps({"list_id": list_id, "operation": delivery.operation}).encode()
        keys = delivery.acknowledged
        batch = self._batch_of(delivery) if keys is delivery.keys else None
        if batch is not None:
            line = b'%b, "batch": %d}' % (known[:-1], batch)
        else:
            line = b'%b, "keys": %b}' % (known[:-1], (keys if isinstance(keys, Keys) else Keys.of(keys)).json())
        self._write(line, acknowledges=True)

    def complete(self, list_id: str | int | None) -> None:
        with suppress(OSError):  # without this line the others tell the same
            self._write(json.dumps({"complete": True, "list_id": list_id}).encode())

    def flush(self) -> None:
        with self._lock:
            count = len(self._unflushed)
        try:
            os.fsync(self._file)
        except OSError as error:
            with self._lock, suppress(OSError):
                self._refused_by_disk = error
                self._take_back()
            raise
        with self._lock:
            del self._unflushed[:count]

    def _batch_of(self, delivery: Delivery) -> int | None:
        """The number under which the members of a delivery went out; None if that is not in the file."""
        serial = delivery.keys.serial if isinstance(delivery.keys, Keys) else 0
        if serial not in self._batches:
            return None
        self._batches.discard(serial)
        return serial

    def _write(self, line: bytes, *, acknowledges: bool = False) -> None:
        """Returns when the system has the line. Raises `OSError`, and then leaves no part of it behind."""
        with self._lock:
            if acknowledges and self._refused_by_disk is not None:
                raise self._refused_by_disk
            self._append(line + b"\n", acknowledges)

    def _append(self, content: bytes, acknowledges: bool) -> None:
        try:
            written = 0
            while written < len(content):
                written += os.write(self._file, content[written:])
        except OSError:
            with suppress(OSError):
                self._cut(self._length)
            raise
        self._unflushed.append((self._length, self._length + len(content), acknowledges))
        self._length += len(content)

    def _take_back(self) -> None:
        """Removes the acknowledgements that may not be on disk; the lines between them stay."""
        lines, self._unflushed = self._unflushed, []
        kept = [os.pread(self._file, end - start, start) for start, end, acknowledges in lines if not acknowledges]
        if lines:
            self._length = lines[0][0]
            self._cut(self._length)
        for line in kept:
            self._append(line, False)

    def _cut(self, length: int) -> None:
        os.ftruncate(self._file, length)
        os.lseek(self._file, length, os.SEEK_SET)

    def close(self) -> None:
        os.close(self._file)
