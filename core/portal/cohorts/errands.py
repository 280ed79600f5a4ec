"""Fetching in the background, for whoever would otherwise wait a quarter of an hour at a page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from core.errors import PortalError


class Errands:
    """At most one errand for each cohort, in threads of this process; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._going: set[str] = set()
        self._trouble: dict[str, str] = {}

    def start(self, cohort_id: str, work: Callable[[], object]) -> bool:
        """Does the work, unless an errand for this cohort is under way; whether it does."""
        with self._lock:
            if cohort_id in self._going:
                return False
            self._going.add(cohort_id)
            self._trouble.pop(cohort_id, None)
        threading.Thread(target=self._run, args=(cohort_id, work), name=f"fetch {cohort_id}", daemon=True).start()
        return True

    def is_going(self, cohort_id: str) -> bool:
        with self._lock:
            return cohort_id in self._going

    def trouble(self, cohort_id: str) -> str:
        """Why the last errand did not end well, if that is no fault of the cohort's source."""
        with self._lock:
            return self._trouble.get(cohort_id, "")

    def _run(self, cohort_id: str, work: Callable[[], object]) -> None:
        said = "It broke off. Try again; if it happens again, tell whoever operates this portal."
        try:
            work()
            said = ""
        except PortalError as error:
            said = str(error)
        except Exception:
            logging.getLogger(__name__).exception("fetching a cohort broke off")
        finally:
            with self._lock:
                self._going.discard(cohort_id)
                if said:
                    self._trouble[cohort_id] = said
