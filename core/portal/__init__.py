"""Organisations' integrations and what happens to them: the store, the merge of concurrent edits, the vault."""

from core.portal.database import StoreBusyError
from core.portal.merge import MISSING, Conflict, Merged, merge
from core.portal.runs import Run, RunEvent
from core.portal.store import Store
from core.portal.stored import EditConflict, Saved, Stored, Summary
from core.portal.vault import Vault, VaultError

__all__ = [
    "MISSING",
    "Conflict",
    "EditConflict",
    "Merged",
    "Run",
    "RunEvent",
    "Saved",
    "Store",
    "StoreBusyError",
    "Stored",
    "Summary",
    "Vault",
    "VaultError",
    "merge",
]
