"""What a fresh installation starts with, so that every page has something to show."""

from __future__ import annotations

DEMO_ORG = "demo"
