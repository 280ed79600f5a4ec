"""The checks of a document: what keeps it from working (errors) and what a partner should look at (warnings).

Each finding has an id that stays the same, the place in the document, the place in the page's words, and the way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.integration.check_endpoints import check_endpoints
from core.integration.check_fields import check_custom_fields, check_header_name, check_headers, check_mapping_fields
from core.integration.finding import Finding, error, warning
from core.integration.models import Auth, Header, HeaderAuth, Integration, NoAuth
from core.integration.tracker import track
from core.integration.variables import ENDPOINT_TITLES, auth_texts, endpoints_of
from core.template import names_in

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
    yield from _check_one_auth(integration.auth, integration.headers, "", "")
    for name, endpoint in endpoints_of(integration).items():
        if endpoint.auth is not None or endpoint.headers is not None:
            auth = integration.auth if endpoint.auth is None else endpoint.auth
            headers = integration.headers if endpoint.headers is None else endpoint.headers
            yield from _check_one_auth(auth, headers, f"endpoints.{name}.", f"{ENDPOINT_TITLES[name]} › ")


def _check_one_auth(auth: Auth, headers: list[Header], base: str, prefix: str) -> Iterator[Finding]:
    """`base` and `prefix` lead to an endpoint with authentication or headers of its own; empty for the integration."""
    if isinstance(auth, NoAuth):
        return
    place, where = f"{base}auth", f"{prefix}Authentication"
    name = auth.name if isinstance(auth, HeaderAuth) else "Authorization"
    if found := check_header_name(name, f"{place}.name", f"{where} › Header name"):
        yield found
    for header in headers:
        if header.name.lower() == name.lower():
            message = f"{header.name} is set by the authentication and again as an additional header."
            where_headers = f"{prefix}Additional headers"
            yield error("header-twice", f"{base}headers", where_headers, message, "Keep one of the two.")
    texts = [text for _, _, text in auth_texts(auth)]
    if not any(names_in(text) for text in texts):
        message = "The authentication has no variable: every customer would send the same credentials."
        yield warning("auth-constant", place, where, message, "Use a field that each customer fills in.")


def _check_variables(integration: Integration) -> Iterator[Finding]:
    """A declared variable that nothing uses: the customer would be asked for it in vain."""
    if not endpoints_of(integration):
        return
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
