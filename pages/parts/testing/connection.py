"""The connection that a test uses: what was filled in under Configure, with a cohort of its own."""

from __future__ import annotations

from pydantic import ValidationError

from core.request import Connection
from pages.parts.acting import org, store
from pages.parts.chosen_project import chosen_project
from pages.parts.draft import Draft


def stored_connection(draft: Draft) -> Connection:
    """The Connect form as it was filled in for testing; fields that the integration no longer has are left out."""
    stored = store().get_test_settings(org(), draft.id) or {}
    known = {field.variable for field in draft.integration.custom_fields}
    kept = {name: value for name, value in stored.items() if name in Connection.model_fields}
    kept["fields"] = {name: value for name, value in (kept.get("fields") or {}).items() if name in known}
    cohort = chosen_project(stored).cohort
    kept.setdefault("cohort", cohort.model_dump())
    try:
        return Connection.model_validate(kept)
    except ValidationError:
        return Connection(cohort=cohort)
