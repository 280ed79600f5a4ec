"""Runs of the command line in processes that may be killed: forked from one that has everything imported.

Started as a program it reads one line per run, a JSON list of arguments and the file for its output, and answers with
the run's process id, then with its exit status (negative: the signal that ended it).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.commands.terminal import ROOT, environment


@dataclass
class ForkedRun:
    """One run on its way. `ended` waits for it."""

    pid: int
    _answers: IO[str]
    _output: Path

    def ended(self) -> tuple[int, str]:
        """Exit status and everything the run printed."""
        return int(self._answers.readline()), self._output.read_text()


@dataclass
class Forker:
    process: subprocess.Popen[str]

    def start(self, output: Path, *arguments: str | Path, largest_file: int | None = None) -> ForkedRun:
        """Begins a run; `largest_file` bounds the files it may write, as a disk that is nearly full does."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"arguments": [str(one) for one in arguments], "output": str(output), "largest_file": largest_file}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return ForkedRun(int(self.process.stdout.readline()), self.process.stdout, output)


@contextmanager
def forker() -> Iterator[Forker]:
    command = [sys.executable, "-m", "tests.reliability.forked_runs"]
    environ = environment(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Forker(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


def _child(order: dict[str, object]) -> None:
    from core.__main__ import main

    output = os.open(str(order["output"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if isinstance(limit := order["largest_file"], int):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    arguments = order["arguments"]
    assert isinstance(arguments, list)
    code: object = 99
    try:
        main(arguments)
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0)


def _serve() -> None:
    import core.__main__
    import core.commands.sync
    import core.destination  # noqa: F401

    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
