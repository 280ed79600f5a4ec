"""What the list of integrations shows of each: read once per change, not once per look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core.errors import NotFoundError
from core.integration import Integration, check
from core.portal import Summary
from pages.parts.acting import org, store
from pages.parts.labels import CATEGORIES, TYPES
from pages.parts.mark import mark_of


@dataclass(frozen=True)
class Entry:
    """One integration as the list shows it. `to_fix` counts errors."""

    id: str
    name: str
    category: str
    type: str
    state: str
    deployed: int | None
    internal: int | None
    summary: str
    to_fix: int
    mark: bytes
    updated_at: datetime

    def matches(self, words: str) -> bool:
        """Whether every word stands somewhere in what the list shows of it."""
        text = " ".join(
            (self.name, self.summary, CATEGORIES.get(self.category, ""), TYPES.get(self.type, ""))
        ).casefold()
        return all(word in text for word in words.casefold().split())


def entries() -> list[Entry]:
    """All integrations of this organisation, the one changed last first."""
    found = (_entry(summary) for summary in store().list_integrations(org()))
    return [entry for entry in found if entry is not None]


def _entry(summary: Summary) -> Entry | None:
    try:
        taken = store().name_taken(org(), summary.display_name, summary.id)
        line, to_fix, mark = _contents(summary.id, summary.updated_at, taken)
    except NotFoundError:
        return None  # deleted in another window since the list was read
    return Entry(
        id=summary.id,
        name=summary.display_name,
        category=summary.category,
        type=summary.type,
        state=summary.state,
        deployed=summary.deployed_release,
        internal=summary.internal_release,
        summary=line,
        to_fix=to_fix,
        mark=mark,
        updated_at=summary.updated_at,
    )


@st.cache_data(max_entries=1000, show_spinner=False)
def _contents(integration_id: str, updated_at: datetime, name_taken: bool) -> tuple[str, int, bytes]:
    """The summary, the number of errors and the mark. `updated_at` moves with the document and with the logo."""
    stored = store().get(org(), integration_id)
    integration = Integration.model_validate(stored.document)
    return integration.summary, len(check(integration, name_taken=name_taken).errors), mark_of(stored)
