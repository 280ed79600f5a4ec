"""The checks of a document: what keeps it from working (errors) and what a partner should look at (warnings).

Each finding has an id that stays the same, the place in the document, the place in the page's words, and the way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.integration.check_endpoints import check_endpoints
from core.integration.check_fields import check_custom_fields, check_headers, check_mapping_fields
from core.integration.finding import Finding, error, warning
from core.integration.models import HeaderAuth, Integration
from core.integration.tracker import track

MAX_NAME_LENGTH = 60


@dataclass(frozen=True)
class Report:
    """The findings of one document, errors first, each in the order of the page."""

    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def at(self, place: str) -> tuple[Finding, ...]:
        """The findings of one place in the document, and of what lies in it."""
        return tuple(
            finding for finding in self.findings if finding.place == place or finding.place.startswith(f"{place}.")
        )


def check(integration: Integration, *, name_taken: bool = False) -> Report:
    """Checks a document. `name_taken` says that another integration bears the same display name."""
    findings = [
        *_check_listing(integration, name_taken),
        *check_headers(integration.headers, "headers", ""),
        *_check_auth(integration),
        *check_custom_fields(integration),
        *check_mapping_fields(integration),
        *check_endpoints(integration),
        *_check_variables(integration),
    ]
    unique = dict.fromkeys(findings)
    return Report(tuple(sorted(unique, key=lambda finding: finding.severity != "error")))


def _check_listing(integration: Integration, name_taken: bool) -> Iterator[Finding]:
    name = integration.display_name.strip()
    if not name:
        yield error("name-missing", "display_name", "Display name", "The integration has no name.", "Give it one.")
    elif len(name) > MAX_NAME_LENGTH:
        message = f"The name has {len(name)} characters; tiles have room for {MAX_NAME_LENGTH}."
        yield error("name-too-long", "display_name", "Display name", message, "Shorten it.")
    elif name_taken:
        message = f'Another integration is already called "{name}".'
        yield error("name-taken", "display_name", "Display name", message, "Choose another name.")
    if not integration.summary.strip():
        yield warning(
            "summary-missing", "summary", "Summary", "The tile has no summary.", "Say in a line what it does."
        )


def _check_auth(integration: Integration) -> Iterator[Finding]:
    auth = integration.auth
    if not isinstance(auth, HeaderAuth):
        return
    for header in integration.headers:
        if header.name.lower() == auth.name.lower():
            message = f"{header.name} is set by the authentication and again as an additional header."
            yield error("header-twice", "headers", "Additional headers", message, "Keep one of the two.")


def _check_variables(integration: Integration) -> Iterator[Finding]:
    """A declared variable that nothing uses: the customer would be asked for it in vain."""
    titles: dict[str, tuple[str, str]] = {}
    for kind, fields in (("custom_fields", integration.custom_fields), ("mapping_fields", integration.mapping_fields)):
        for number, field in enumerate(fields):
            title = f"{'Custom' if kind == 'custom_fields' else 'Mapping'} field {number + 1} ({field.variable})"
            titles.setdefault(field.variable, (f"{kind}.{number}", title))
    for row in track(integration):
        if row.declared and not row.used and row.name in titles:
            place, title = titles[row.name]
            message = f"${row.name} is declared, but no payload, URL or header uses it."
            yield warning("variable-unused", place, title, message, "Use it, or remove the field.")
