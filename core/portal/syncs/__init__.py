"""Syncs: a cohort sent to a connection once, hourly or daily, by one scheduler, with a history of runs."""
