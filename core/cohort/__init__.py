"""Cohort files: read snapshots and operations, tell what changed, make believable users, measure mapping coverage."""

from core.cohort.content import Source
from core.cohort.difference import CohortDiff, DiffCounts, diff
from core.cohort.limits import Limits
from core.cohort.mapping_coverage import ColumnCoverage, coverage
from core.cohort.operations import Operations, is_operations, read_operations
from core.cohort.snapshot import DroppedRow, ReadReport, Snapshot, read_snapshot, snapshot_of
from core.cohort.tables import read_columns
from core.cohort.users import generate_users

__all__ = [
    "CohortDiff",
    "ColumnCoverage",
    "DiffCounts",
    "DroppedRow",
    "Limits",
    "Operations",
    "ReadReport",
    "Snapshot",
    "Source",
    "coverage",
    "diff",
    "generate_users",
    "is_operations",
    "read_columns",
    "read_operations",
    "read_snapshot",
    "snapshot_of",
]
