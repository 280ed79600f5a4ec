"""What runs of syncs work with besides the store, and how they are ended from outside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.portal.syncs.sandboxes import SANDBOXES, Sandboxes
from core.settings import Settings
from core.sync import ANYWHERE, NetworkPolicy, RetrySchedule


@dataclass(frozen=True)
class Means:
    """What runs work with besides the store. `policy` says which hosts requests may go to; `pause` waits some seconds
    for a store that does not answer.
    """

    settings: Settings
    policy: NetworkPolicy = ANYWHERE
    schedule: RetrySchedule = field(default_factory=RetrySchedule)
    sandboxes: Sandboxes = SANDBOXES
    pause: Callable[[float], None] = time.sleep


class Interruption:
    """Ends a run from outside, after the requests in flight: because somebody wants it, or because the server ends."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.by_hand = False
        self.by_server = False

    def wish(self) -> None:
        self.by_hand = True
        self.event.set()

    def shut_down(self) -> None:
        self.by_server = True
        self.event.set()
