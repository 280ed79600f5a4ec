"""Single test requests in the store: each is a run of one request, so that it counts as evidence for its endpoint."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import delete, select

from core.portal.runs import Runs
from core.portal.tables import runs
from core.sync import Delivery, Trial

SINGLE = "single"
"""The kind of these runs, which keeps them apart from the runs of a whole test."""
TRIALS_KEPT = 20
"""Runs of this kind that an integration keeps."""


class Trials(Runs):
    def record_trial(self, org: str, integration_id: str, trial: Trial, notes: dict[str, Any]) -> str:
        """Keeps a request that was tried, with its answer; the run's id. Earlier ones beyond `TRIALS_KEPT` go.

        `notes` goes into the summary: target (own, sandbox), fingerprint, revision. Raises NotFoundError.
        """
        delivery = trial.delivery
        list_id = None if trial.list_id is None else trial.list_id.value
        summary = {
            **notes,
            "started": delivery.attempts[0].started if delivery.attempts else time.time(),
            "ended": time.time(),
            "requests": 1,
            "sent_requests": 1,
            "members": delivery.members,
            "sent_members": delivery.members,
            "list_id": list_id,
            "endpoints": {},
        }
        count_delivery(summary, delivery)
        run_id = self.create_run(org, integration_id, SINGLE, summary)
        self.append_run_events(run_id, [{"number": 1, "step": 0, **delivery.as_dict()}])
        self.update_run(run_id, "succeeded" if trial.succeeded else "failed")
        self._forget_trials(integration_id)
        return run_id

    def _forget_trials(self, integration_id: str) -> None:
        mine = (runs.c.integration_id == integration_id, runs.c.kind == SINGLE)
        newest = select(runs.c.id).where(*mine).order_by(runs.c.created_at.desc(), runs.c.id).limit(TRIALS_KEPT)
        with self._write() as connection:
            kept = connection.scalars(newest).all()
            connection.execute(delete(runs).where(*mine, runs.c.id.not_in(kept)))


def count_delivery(summary: dict[str, Any], delivery: Delivery) -> None:
    """Adds a delivery to what a run's summary tells of each endpoint: how many were `accepted`, how many were `faults`.

    An answer that an error rule says to ignore is a fault here: it proves nothing of the request.
    """
    counts = summary.setdefault("endpoints", {}).setdefault(delivery.endpoint, {"accepted": 0, "faults": 0})
    counts["accepted" if delivery.verdict.action == "accept" else "faults"] += 1
