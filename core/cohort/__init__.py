"""Cohort files: read snapshots and operations, tell what changed, make believable users, measure mapping coverage."""

from core.cohort.content import Source
from core.cohort.difference import CohortDiff, DiffCounts, diff
from core.cohort.limits import Limits
from core.cohort.mapping_coverage import ColumnCoverage, coverage
from core.cohort.members import Members
from core.cohort.operations import Operations, is_operations, read_operations
from core.cohort.saved import save_members, saved_members
from core.cohort.snapshot import Snapshot, members_of, read_snapshot, snapshot_of
from core.cohort.succession import join_members, next_membership, those_in
from core.cohort.tables import read_columns, stored_tables
from core.cohort.tidy import DroppedRow, ReadReport
from core.cohort.users import generate_users

__all__ = [
    "CohortDiff",
    "ColumnCoverage",
    "DiffCounts",
    "DroppedRow",
    "Limits",
    "Members",
    "Operations",
    "ReadReport",
    "Snapshot",
    "Source",
    "coverage",
    "diff",
    "generate_users",
    "is_operations",
    "join_members",
    "members_of",
    "next_membership",
    "read_columns",
    "read_operations",
    "read_snapshot",
    "save_members",
    "saved_members",
    "snapshot_of",
    "stored_tables",
    "those_in",
]
