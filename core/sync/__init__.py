"""Plan -> deliver -> outcome -> run: how a cohort's difference reaches a destination."""

from core.sync.answer import ListId
from core.sync.batches import Batch, Skipped, batches
from core.sync.delivery import Attempt, Delivery, Verdict
from core.sync.doubt import change_since
from core.sync.journal import journal, load_state
from core.sync.journal_file import Journal
from core.sync.ledger import Ledger
from core.sync.lock import locked
from core.sync.plan import Change, PlannedCalls, SyncPlan, Withheld, plan, render_all
from core.sync.policy import ANYWHERE, NetworkPolicy
from core.sync.remapped import mapping_of, remapped
from core.sync.result import Listener, Outcome, RunError, SuggestedRule, SyncRun, suggested_rules
from core.sync.retry import PRODUCTION_DELAYS, TEST_DELAYS, Clock, RetrySchedule
from core.sync.run import run_sync
from core.sync.state import SyncState, save_state
from core.sync.suggest import error_code, suggested_rule
from core.sync.transport import open_client
from core.sync.trial import Preview, Trial, preview, try_endpoint

__all__ = [
    "ANYWHERE",
    "PRODUCTION_DELAYS",
    "TEST_DELAYS",
    "Attempt",
    "Batch",
    "Change",
    "Clock",
    "Delivery",
    "Journal",
    "Ledger",
    "ListId",
    "Listener",
    "NetworkPolicy",
    "Outcome",
    "PlannedCalls",
    "Preview",
    "RetrySchedule",
    "RunError",
    "Skipped",
    "SuggestedRule",
    "SyncPlan",
    "SyncRun",
    "SyncState",
    "Trial",
    "Verdict",
    "Withheld",
    "batches",
    "change_since",
    "error_code",
    "journal",
    "load_state",
    "locked",
    "mapping_of",
    "open_client",
    "plan",
    "preview",
    "remapped",
    "render_all",
    "run_sync",
    "save_state",
    "suggested_rule",
    "suggested_rules",
    "try_endpoint",
]
