"""Servers of a test's own: the scheduler and nothing else, in processes that may be killed.

Started as a program it reads one line per server, a JSON list of the database's URL, the key of its secrets and the
data folder; forks it, with everything imported; and answers with its process id. At the end of its input it kills all.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Servers:
    """Starts servers; those that a test does not kill end with it."""

    process: subprocess.Popen[str]

    def start(self, url: str, key: bytes, data_dir: Path) -> int:
        """A new server; its process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([url, key.decode(), str(data_dir)]) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def servers() -> Iterator[Servers]:
    command = [sys.executable, "-m", "tests.portal.syncs.server"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Servers(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


def _serve(url: str, key: str, data_dir: str) -> None:
    from core.portal import Store, Vault
    from core.portal.syncs.means import Means
    from core.portal.syncs.scheduler import Scheduler
    from core.settings import Settings

    store = Store(url, Vault([key.encode()]))
    scheduler = Scheduler(store, Means(Settings(Path(data_dir), url, allow_private_hosts=True)))
    while True:
        scheduler.tick()
        scheduler.tidy()
        time.sleep(0.05)


def _main() -> None:
    import core.portal.syncs.scheduler  # noqa: F401 - once, for all

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children: list[int] = []
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _serve(*json.loads(line))
            finally:
                os._exit(1)
        children.append(child)
        print(child, flush=True)  # noqa: T201 - the answer
    for child in children:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    _main()
