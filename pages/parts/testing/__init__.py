"""The parts of the Test page: the cohort, what changed, the run."""
