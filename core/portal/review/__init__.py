"""Release, submission, review, deployment: the life of an integration between its draft and its customers."""

from core.portal.review.changes import Change, customer_changes
from core.portal.review.checks import publication_report
from core.portal.review.comments import Comment, add_comment, list_comments, resolve_comment
from core.portal.review.entities import EXPECTED_REVIEW, Decision, QueueEntry, Release, Standing
from core.portal.review.evidence import Evidence, evidence_for
from core.portal.review.fingerprint import fingerprint
from core.portal.review.process import (
    approve,
    deprecate,
    end_internal_release,
    reject,
    release_internally,
    request_changes,
    restore,
    restore_revision,
    roll_back,
    start_review,
    submit,
    withdraw,
)
from core.portal.review.queue import decisions, review_queue
from core.portal.review.releases import Released, released, released_logo, released_to
from core.portal.review.states import ACTION_TITLES, STATE_TITLES, Action, State, actions
from core.portal.transitions import Transition

__all__ = [
    "ACTION_TITLES",
    "EXPECTED_REVIEW",
    "STATE_TITLES",
    "Action",
    "Change",
    "Comment",
    "Decision",
    "Evidence",
    "QueueEntry",
    "Release",
    "Released",
    "Standing",
    "State",
    "Transition",
    "actions",
    "add_comment",
    "approve",
    "customer_changes",
    "decisions",
    "deprecate",
    "end_internal_release",
    "evidence_for",
    "fingerprint",
    "list_comments",
    "publication_report",
    "reject",
    "release_internally",
    "released",
    "released_logo",
    "released_to",
    "request_changes",
    "resolve_comment",
    "restore",
    "restore_revision",
    "review_queue",
    "roll_back",
    "start_review",
    "submit",
    "withdraw",
]
