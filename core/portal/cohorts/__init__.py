"""Cohorts of a project and their snapshots: uploaded, found in a watched folder, or fetched from the platform."""

from core.portal.cohorts.cohorts import Cohorts
from core.portal.cohorts.entities import Cohort, CohortSnapshot, SourceKind

__all__ = ["Cohort", "CohortSnapshot", "Cohorts", "SourceKind"]
