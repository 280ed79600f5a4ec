"""The headers a destination asks for: authentication, the integration's own headers, the content type.

With a known connection a header must be exactly what the request builder renders; without one, anything that could have
come from the header's template will do.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from core.destination.exchange import Call, Refusal
from core.integration import BasicAuth, BearerAuth, CompiledEndpoint, HeaderAuth, Integration
from core.request import Connection
from core.request.connection import cohort_name, field_value
from core.template import Scalar, TextTemplate, ValueFault
from core.template.match import Mismatch, Pair, TextMatcher

KnownValues = dict[str, Scalar]


def known_values(integration: Integration, connection: Connection) -> KnownValues:
    """What is known of every request of a connection: its fields and its cohort."""
    known: KnownValues = {field.variable: field_value(field, connection) for field in integration.custom_fields}
    return {
        "amp_cohort_id": connection.cohort.id,
        "amp_cohort_name": cohort_name(integration, connection),
        "amp_cohort_url": connection.cohort.url,
        **known,
    }


class _Expected:
    """One text that a header, a user name or a password must be."""

    def __init__(self, template: TextTemplate, known: KnownValues | None) -> None:
        self._matcher = TextMatcher(template.parts)
        self._references = template.references
        self.exact: str | None = None
        self.form = template.source
        if known is not None and all(reference.name in known for reference in template.references):
            try:
                self.exact = template.render(known).strip(" \t")
            except ValueFault:
                self.exact = None
        literal = any(isinstance(part, str) and part.strip() for part in template.parts)
        missing = all(not reference.required for reference in template.references)
        self.may_be_absent = self.exact == "" or (self.exact is None and missing and not literal)

    def pairs(self, text: str) -> list[Pair] | Mismatch:
        if self.exact is not None and not hmac.compare_digest(text.encode(), self.exact.encode()):
            return Mismatch("", "the value of this connection", "another value")
        found = self._matcher.match(text)
        if isinstance(found, Mismatch):
            return Mismatch("", f"the form {self.form}", "another form")
        return list(zip(self._references, found, strict=True))


class HeaderCheck:
    """All headers of one endpoint. A header of the integration replaces the authentication's of the same name."""

    def __init__(self, integration: Integration, compiled: CompiledEndpoint, known: KnownValues | None) -> None:
        self._secret = {field.variable for field in integration.custom_fields if field.secret}
        self._own = [(name, _Expected(template, known), template) for name, template in compiled.headers]
        own_names = {name.lower() for name, _ in compiled.headers}
        self._auth_texts: Sequence[_Expected] = [_Expected(template, known) for template in compiled.auth_texts]
        self._auth = compiled.auth
        self.auth_header = compiled.auth.name if isinstance(compiled.auth, HeaderAuth) else "Authorization"
        if self.auth_header.lower() in own_names:
            self._auth = None
        self._content_type: str | None = None
        if compiled.payload is not None and "content-type" not in own_names:
            self._content_type = media_type(compiled.endpoint.content_type)

    def authentication(self, call: Call) -> list[Pair] | Refusal:
        """What the credentials say, or a 401."""
        if self._auth is None:
            return []
        text = call.headers.get(self.auth_header.lower())
        if text is None:
            return self._unauthorized(f"The header {self.auth_header} is missing.")
        texts = _credentials(self._auth, text)
        if isinstance(texts, Mismatch):
            return self._unauthorized(f"The header {self.auth_header} cannot be used.", texts)
        pairs: list[Pair] = []
        for expected, part in zip(self._auth_texts, texts, strict=True):
            found = expected.pairs(part)
            if isinstance(found, Mismatch):
                return self._unauthorized("The credentials are not accepted.", found)
            pairs += found
        return pairs

    def _unauthorized(self, error: str, fault: Mismatch | None = None) -> Refusal:
        scheme = {"basic": 'Basic realm="sandbox"', "bearer": "Bearer"}.get(self._auth.method if self._auth else "")
        headers = (("WWW-Authenticate", scheme),) if scheme else ()
        return Refusal(401, error, fault.under(f"header {self.auth_header}") if fault else None, headers)

    def others(self, call: Call) -> list[Pair] | Refusal:
        """What the integration's own headers say, or a 400 (401 for one that holds a secret)."""
        pairs: list[Pair] = []
        for name, expected, template in self._own:
            secret = any(reference.name in self._secret for reference in template.references)
            status = 401 if secret or name.lower() == "authorization" else 400
            text = call.headers.get(name.lower())
            if text is None:
                if expected.may_be_absent:
                    continue
                return Refusal(status, f"The header {name} is missing.", Mismatch(f"header {name}", "it", "nothing"))
            found = expected.pairs(text)
            if isinstance(found, Mismatch):
                return Refusal(status, "A header is not as expected.", found.under(f"header {name}"))
            pairs += found
        return pairs

    def content_type(self, call: Call) -> Refusal | None:
        """None, or a 415."""
        found = call.headers.get("content-type", "")
        if self._content_type is None or media_type(found) == self._content_type:
            return None
        fault = Mismatch("header Content-Type", self._content_type, media_type(found) or "nothing")
        return Refusal(415, "The content type is not supported here.", fault)


def media_type(text: str) -> str:
    """`Application/JSON; charset=utf-8` -> `application/json`."""
    return text.partition(";")[0].strip().lower()


def _credentials(auth: BasicAuth | HeaderAuth | BearerAuth, header: str) -> list[str] | Mismatch:
    """The texts that the templates of an authentication rendered to (RFC 7617, RFC 6750)."""
    if isinstance(auth, HeaderAuth):
        return [header]
    scheme, _, rest = header.partition(" ")
    wanted = "Bearer" if isinstance(auth, BearerAuth) else "Basic"
    if scheme.lower() != wanted.lower() or not rest.strip():
        return Mismatch("", f"{wanted} credentials", f"the scheme {scheme[:30]}" if rest else "no scheme")
    if isinstance(auth, BearerAuth):
        return [rest.strip()]
    try:
        username, colon, password = base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:  # not ASCII, not Base64, or not UTF-8
        return Mismatch("", "Base64 of user:password", "something else")
    return [username, password] if colon else Mismatch("", "user:password in Base64", "no colon")
