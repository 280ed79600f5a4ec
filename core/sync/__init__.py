"""Plan -> deliver -> outcome -> run: how a cohort's difference reaches a destination."""

from core.sync.answer import ListId
from core.sync.batches import Batch, Skipped, batches
from core.sync.delivery import Attempt, Delivery, Verdict
from core.sync.plan import Change, PlannedCalls, SyncPlan, Withheld, plan, render_all
from core.sync.retry import PRODUCTION_DELAYS, TEST_DELAYS, Clock, RetrySchedule
from core.sync.run import Listener, Outcome, RunError, SyncRun, run_sync
from core.sync.state import SyncState, journal, load_state, next_membership, save_state
from core.sync.transport import open_client
from core.sync.trial import Preview, Trial, preview, try_endpoint

__all__ = [
    "PRODUCTION_DELAYS",
    "TEST_DELAYS",
    "Attempt",
    "Batch",
    "Change",
    "Clock",
    "Delivery",
    "ListId",
    "Listener",
    "Outcome",
    "PlannedCalls",
    "Preview",
    "RetrySchedule",
    "RunError",
    "Skipped",
    "SyncPlan",
    "SyncRun",
    "SyncState",
    "Trial",
    "Verdict",
    "Withheld",
    "batches",
    "journal",
    "load_state",
    "next_membership",
    "open_client",
    "plan",
    "preview",
    "render_all",
    "run_sync",
    "save_state",
    "try_endpoint",
]
