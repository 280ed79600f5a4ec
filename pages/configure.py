"""Configure: on the left what the integration is, on the right what a customer sees and what is sent."""

from __future__ import annotations

from pages.parts import findings
from pages.parts.configure import (
    auth,
    cohort_name,
    connect_form,
    custom_fields,
    delivery,
    endpoints,
    headers,
    mapping_fields,
    request_preview,
    test_settings,
    tracker_table,
)
from pages.parts.configure.editing import Editing
from pages.parts.configure.panels import panels
from pages.parts.draft import open_draft, settle_conflict
from pages.parts.draft_header import draft_header

draft = open_draft()
draft_header(draft, "configure")
settle_conflict()
findings.apply_style()
editing = Editing.of(draft)
configuration, testing = panels()

with configuration:
    auth.show(editing)
    custom_fields.show(editing)
    headers.show(editing)
    mapping_fields.show(editing)
    cohort_name.show(editing)
    endpoints.show(editing)
    delivery.show(editing)

with testing:
    settings = test_settings.load(editing)
    connect_form.project_choice(editing, settings)
    connect_form.show(editing, settings)
    tracker_table.show(editing)
    request_preview.show(editing, settings)
