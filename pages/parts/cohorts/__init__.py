"""Pieces of the page of cohorts."""
