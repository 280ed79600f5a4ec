"""Credentials that somebody wrote into a template instead of a field: every customer and reviewer could read them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator

from core.integration import Finding, Integration, endpoints_of
from core.integration.finding import error
from core.integration.variables import ENDPOINT_TITLES, TemplateText, template_texts

SHORTEST = 6
"""Known secrets shorter than this are not looked for: they would be found in ordinary words."""

_VARIABLE = re.compile(r"\$\$|\$\{[^}]*\}|\$[A-Za-z_]\w*")
_WELL_KNOWN = re.compile(
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\bgithub_pat_\w{20,}|\bxox[abeprs]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{35}|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bglpat-[\w-]{20}"
)
_SENSITIVE = r"[\w-]*(?:api[-_]?key|apikey|token|secret|passw(?:or)?d|authori[sz]ation|credential|access[-_]?key)[\w-]*"
_IN_JSON = re.compile(rf'"(?:{_SENSITIVE})"\s*:\s*"([^"\s]{{8,}})"', re.IGNORECASE)
_IN_QUERY = re.compile(rf"[?&](?:{_SENSITIVE}|key|auth|sig)=([^&#\s]{{8,}})", re.IGNORECASE)
_SENSITIVE_HEADER = re.compile(rf"{_SENSITIVE}|cookie|[\w-]*auth|x-[\w-]*key", re.IGNORECASE)
_SCHEME = re.compile(r"^\s*(?:bearer|basic|token|app|apikey|api-key|key|digest)\s+", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9_+=-]{20,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def literal_secrets(integration: Integration, known: Collection[str] = ()) -> Iterator[Finding]:
    """A finding for each template that holds what looks like a credential; none quotes it.

    `known` are secrets that the partner tested with, which are credentials whatever they look like.
    """
    known = [secret for secret in known if len(secret) >= SHORTEST]
    seen: set[str] = set()
    for name, endpoint in endpoints_of(integration).items():
        for template in template_texts(integration, name, endpoint):
            if template.place in seen:
                continue
            seen.add(template.place)
            if _holds_secret(template, known):
                where = template.title if template.shared else f"{ENDPOINT_TITLES[name]} › {template.title}"
                message = "This looks like a credential: everybody who sees the integration could read it."
                remedy = "Make it a secret custom field, put its variable here, and replace the credential."
                yield error("secret-in-template", template.place, where, message, remedy)


def _holds_secret(template: TemplateText, known: Collection[str]) -> bool:
    text = template.text
    if any(secret in text for secret in known) or _WELL_KNOWN.search(text):
        return True
    found = [match[1] for pattern in (_IN_JSON, _IN_QUERY) for match in pattern.finditer(text)]
    named = template.part == "header" and _SENSITIVE_HEADER.fullmatch(template.title.removeprefix("Header "))
    if template.part == "auth" or named:
        found.append(_SCHEME.sub("", text))
    if any(_is_credential(value) for value in found):
        return True
    return any(_is_random(run) for part in _VARIABLE.split(_UUID.sub(" ", text)) for run in _RUN.findall(part))


def _is_credential(value: str) -> bool:
    """Whether the value of something that is named like a credential is one, and not a variable or a word."""
    if _VARIABLE.search(value) or len(value) < 8 or " " in value.strip():
        return False
    return len(value) >= 16 or (any(map(str.isdigit, value)) and any(map(str.isalpha, value)))


def _is_random(run: str) -> bool:
    """Whether a run of characters is too mixed to be a name: 32 or more hexadecimal digits, or letters of both cases
    with at least three digits among them and little repetition.
    """
    if re.fullmatch(r"[0-9a-f]{32,}|[0-9A-F]{32,}", run):
        return any(map(str.isalpha, run)) and any(map(str.isdigit, run))
    kinds = (any(map(str.islower, run)), any(map(str.isupper, run)), sum(map(str.isdigit, run)) >= 3)
    return all(kinds) and _bits_each(run) >= 3.6


def _bits_each(run: str) -> float:
    """Shannon's entropy of the characters, in bits."""
    counts = Counter(run).values()
    return -sum(count / len(run) * math.log2(count / len(run)) for count in counts)
