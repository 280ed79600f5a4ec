"""The checks before submission, in four groups; errors keep a draft from being submitted, suggestions do not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import PortalError
from core.integration import Finding
from core.portal.review.checks import release_report
from pages.parts import page
from pages.parts.acting import person, store
from pages.parts.draft_header import step_of
from pages.parts.review.opened import Opened
from pages.parts.text import md

_LISTING = frozenset({"display_name", "category", "summary", "description", "logo"})
_TESTS = frozenset({"endpoint-untested", "endpoint-sandbox-only"})
_ACCOUNT = "test_account"
_GROUPS = {
    "listing": ("Listing", "Name, texts and logo are fit for the catalog."),
    "configuration": ("Configuration", "It compiles, is encrypted, and every variable is declared and used."),
    "tests": ("Tests", "Every endpoint was tested as it stands."),
    "account": ("Test account", "The reviewer can connect and see the result."),
}
_STYLE = """
[class*="st-key-checked_"] { gap: 0.25rem; }
[class*="st-key-checked_"] p { line-height: 1.4; overflow-wrap: anywhere; margin: 0; }
[class*="st-key-checked_"] :is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) { margin: 0; }
[class*="st-key-checked_"] a { background: none; padding: 0.125rem 0.25rem; margin-left: -0.25rem; }
[class*="st-key-checked_"] a p { font-weight: 400; white-space: normal; text-decoration: underline;
    text-decoration-color: color-mix(in srgb, currentColor 30%, transparent); text-underline-offset: 0.25em; }
[class*="st-key-checked_"] a:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
[class*="st-key-checked_findings_"] { padding-left: 1.75rem; gap: 0.125rem; }
[class*="st-key-checked_findings_"] a p { line-height: 1.5; }
.st-key-checks { gap: 0.75rem; }
"""


def apply_style() -> None:
    st.html(f"<style>{_STYLE}</style>")


def group_of(finding: Finding) -> str:
    """The group that a finding is shown in."""
    first = finding.place.split(".")[0]
    if finding.id in _TESTS:
        return "tests"
    return "account" if first == _ACCOUNT else "listing" if first in _LISTING else "configuration"


def errors(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def show(findings: Sequence[Finding], integration_id: str) -> None:
    """For the partner: each finding leads to the step where it is put right."""
    _groups(findings, integration_id)


def of_release(opened: Opened) -> None:
    """For the reviewer: the checks of the release with the evidence that it came with."""
    try:
        found = release_report(store(), person(), opened.id, opened.release.number)
    except PortalError as error:
        st.error(md(str(error)), icon=":material/error:")
        return
    _groups(found, "")


def _groups(findings: Sequence[Finding], integration_id: str) -> None:
    """Without an integration to lead to, as for a reviewer, nothing is folded away."""
    apply_style()
    with st.container(key="checks"):
        unfinished = any(group_of(finding) == "configuration" for finding in errors(findings))
        for group, (title, passed) in _GROUPS.items():
            if group == "tests" and unfinished and not any(group_of(one) == group for one in findings):
                st.markdown(f":gray[:material/pending:] **{title}**: when the configuration is complete")
                continue
            _group(group, title, passed, [one for one in findings if group_of(one) == group], integration_id)


def _group(group: str, title: str, passed: str, found: Sequence[Finding], integration_id: str) -> None:
    wrong = errors(found)
    hints = [finding for finding in found if finding.severity == "warning"]
    with st.container(key=f"checked_{group}"):
        if wrong:
            count = "one thing to fix" if len(wrong) == 1 else f"{len(wrong)} things to fix"
            st.markdown(f":red[:material/error:] **{title}**: {count}")
        elif hints:
            st.markdown(f":green[:material/check_circle:] **{title}**: nothing stands in the way")
        else:
            st.markdown(f":green[:material/check_circle:] **{title}**: {passed[0].lower()}{passed[1:]}")
        if wrong:
            with st.container(key=f"checked_findings_{group}"):
                for finding in wrong:
                    _line(finding, integration_id)
        if hints:
            label = "One suggestion" if len(hints) == 1 else f"{len(hints)} suggestions"
            with st.expander(label, type="compact", expanded=not integration_id):
                for finding in hints:
                    _line(finding, integration_id)


def _line(finding: Finding, integration_id: str) -> None:
    text = md(str(finding))
    if not integration_id or group_of(finding) == "account":
        st.markdown(f"- {text}")
        return
    st.page_link(f"{_step(finding)}.py", label=text, query_params={"id": integration_id}, width="stretch")


def _step(finding: Finding) -> page.Step:
    group = group_of(finding)
    return "test" if group == "tests" else "setup" if group == "listing" else step_of(finding.place)
