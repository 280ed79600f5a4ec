"""Which process a run belongs to, and whether that process still lives.

A process is known by host, process id and the moment it started, as the kernel counts it: a process id alone comes
back after a restart, in a container nearly always. Where the kernel does not say (no /proc), and for another host,
nothing is known, and the age of the last sign of life has to decide.
"""

from __future__ import annotations

import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Owner:
    """`started` is None where the system does not tell it."""

    host: str
    pid: int
    started: str | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def this_process() -> Owner:
    return Owner(socket.gethostname(), os.getpid(), _start_of(os.getpid()))


def is_alive(owner: Owner) -> bool | None:
    """Whether the process still runs; None when that cannot be known from here."""
    here = this_process()
    if owner.host != here.host or owner.started is None or here.started is None:
        return None
    return _start_of(owner.pid) == owner.started


def _start_of(pid: int) -> str | None:
    """Boot id and clock ticks since boot at the start of a process: field 22 of /proc/PID/stat, see proc(5)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state in "ZX" else f"{boot}/{started}"
