"""Settings that every test shares."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("steady", deadline=None)  # a busy machine is no failure: no test times anything
settings.load_profile("steady")
