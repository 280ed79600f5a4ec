"""Plan -> deliver -> outcome -> run: how a cohort's difference reaches a destination."""

from core.sync.answer import ListId
from core.sync.batches import Batch, Skipped, batches
from core.sync.delivery import Attempt, Delivery, Verdict
from core.sync.retry import PRODUCTION_DELAYS, TEST_DELAYS, Clock, RetrySchedule
from core.sync.transport import open_client
from core.sync.trial import Preview, Trial, preview, try_endpoint

__all__ = [
    "PRODUCTION_DELAYS",
    "TEST_DELAYS",
    "Attempt",
    "Batch",
    "Clock",
    "Delivery",
    "ListId",
    "Preview",
    "RetrySchedule",
    "Skipped",
    "Trial",
    "Verdict",
    "batches",
    "open_client",
    "preview",
    "try_endpoint",
]
