"""The checks before a release goes to reviewers: all that the checks of the document find, and what only matters when
others are to use it. Errors keep it from being submitted, warnings do not.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from core.integration import ENDPOINT_TITLES, Finding, Integration, check, endpoints_of
from core.integration.finding import error, warning
from core.integration.logo import MIN_SIDE
from core.portal.people.entities import Person
from core.portal.review.evidence import Tested, evidence_for, tested_in
from core.portal.review.literals import literal_secrets
from core.request import Connection, problems_of
from core.settings import APP_FOLDER

if TYPE_CHECKING:
    from core.portal.store import Store

TO_BE_CLASSIFIED = (400, 401, 404, 429)
"""Answers that every endpoint should have a rule for, so that customers read the partner's words."""
_BLOCKS = frozenset({"summary-missing", "variable-unused", "url-not-https"})
"""Findings of the document that are warnings for a draft and errors for a release."""
_FILLER = re.compile(
    r"\blorem\b|\bipsum\b|\btodo\b|\btbd\b|\bfixme\b|\bplaceholder\b|\basdf\w*|\bx{3,}\b", re.IGNORECASE
)
_TRIAL = re.compile(r"\W*(?:(?:this|my|a|is|the)\s+)*(?:tests?|testing|untitled|example|foo|bar)(?:\s+\w+)?\W*", re.I)
_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|example|test|invalid|localhost)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the checks must know besides the document. `tested` says of each endpoint where it was tested with requests
    of this very shape; `account` is the reviewer's test account; `secrets` those that the partner tested with.
    """

    name_taken: bool = False
    logo: bytes | None = None
    tested: Mapping[str, Tested] | None = None
    account: Mapping[str, Any] | None = None
    secrets: Collection[str] = ()


def publication_report(
    store: Store, person: Person, integration_id: str, *, test_account: Mapping[str, Any] | None = None
) -> tuple[Finding, ...]:
    """The findings of the draft as it stands, errors first, for the partner who wants to submit it.

    `test_account` is the one to be handed in, as `submit` takes it: without `access` it keeps what the submission
    before said. Raises ForbiddenError, NotFoundError.
    """
    store.demand(person, "build")
    org = person.org_id
    account = dict(test_account or {})
    if account and not account.get("access") and store.access_was_told(person, integration_id):
        account["access"] = "As before."
    stored = store.get(org, integration_id)
    integration = Integration.model_validate(stored.document)
    settings = store.get_test_settings(org, integration_id) or {}
    surroundings = Surroundings(
        name_taken=store.name_taken(org, integration.display_name, integration_id),
        logo=store.get_logo(org, integration_id),
        tested={
            name: one.state
            for name, one in evidence_for(store, org, integration_id, stored.document, samples=False).endpoints.items()
        },
        account=account,
        secrets=_secrets(integration, settings) | _secrets(integration, account),
    )
    return findings(integration, surroundings)


def release_report(store: Store, person: Person, integration_id: str, number: int) -> tuple[Finding, ...]:
    """The findings of a submission, with the evidence that it came with, for the reviewer or the partner.

    Raises ForbiddenError, NotFoundError.
    """
    release = store.get_release(person, integration_id, number)
    owner = store.standing(person, integration_id).org_id
    integration = Integration.model_validate(release.document)
    account = store.test_account(person, integration_id, number) if person.role == "reviewer" else None
    surroundings = Surroundings(
        name_taken=store.name_taken(owner, integration.display_name, integration_id),
        logo=store.release_logo(person, integration_id, number),
        tested=tested_in(release.evidence) if release.kind == "review" else None,
        account=account,
        secrets=_secrets(integration, account or {}),
    )
    return findings(integration, surroundings)


def findings(integration: Integration, around: Surroundings) -> tuple[Finding, ...]:
    """All findings, errors first, each in the order of the page. `tested` and `account` are not asked for when None."""
    report = check(integration, name_taken=around.name_taken)
    found = [
        *(replace(one, severity="error") if one.id in _BLOCKS else one for one in report.findings),
        *_listing(integration, around.logo),
        *_addresses(integration),
        *literal_secrets(integration, around.secrets),
        *_errors_classified(integration),
    ]
    if around.tested is not None:
        found += _tested(integration, around.tested)
    if around.account is not None:
        found += _account(integration, around.account)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.severity != "error"))


def _listing(integration: Integration, logo: bytes | None) -> Iterator[Finding]:
    if not integration.description.strip():
        message = "The destination's page has no description."
        yield error("description-missing", "description", "Description", message, "Say what it does and what it needs.")
    for place, title in (("display_name", "Display name"), ("summary", "Summary"), ("description", "Description")):
        text = str(getattr(integration, place))
        if _FILLER.search(text) or _TRIAL.fullmatch(text):
            yield error("text-placeholder", place, title, "This is a placeholder.", "Write what customers should read.")
        elif place != "display_name" and _words(text) in _words_of_examples():
            message = "These are the words of an example."
            yield warning("text-of-example", place, title, message, "Say it of your own product.")
    yield from _logo(logo)


def _logo(png: bytes | None) -> Iterator[Finding]:
    if png is None:
        message = "There is no logo: the tile would show initials."
        yield error("logo-missing", "logo", "Logo", message, "Upload a PNG, for example 512 x 512 pixels.")
        return
    width, height = struct.unpack(">II", png[16:24])
    if min(width, height) < MIN_SIDE:
        message = f"The logo has {width} x {height} pixels."
        yield error("logo-small", "logo", "Logo", message, f"Upload one with at least {MIN_SIDE} x {MIN_SIDE}.")
    if width != height:
        message = f"The logo has {width} x {height} pixels; tiles are square."
        yield warning("logo-not-square", "logo", "Logo", message, "Upload a square one.")


def _addresses(integration: Integration) -> Iterator[Finding]:
    for name, endpoint in endpoints_of(integration).items():
        place, where = f"endpoints.{name}.url", f"{ENDPOINT_TITLES[name]} › URL"
        if endpoint.url.lower().startswith("http://"):
            message = "The URL is not encrypted: credentials and user ids can be read on the way."
            yield error("url-not-https", place, where, message, "Use https://.")
        try:
            host = urlsplit(endpoint.url).hostname or ""
        except ValueError:
            continue
        if _RESERVED.search(host):
            message = f"{host} is a name reserved for examples: nobody can reach it."
            yield warning("host-reserved", place, where, message, "Write your own host.")


def _errors_classified(integration: Integration) -> Iterator[Finding]:
    for name, endpoint in endpoints_of(integration).items():
        ruled = {str(rule.status).lower() for rule in endpoint.errors}
        missing = [str(code) for code in TO_BE_CLASSIFIED if not {str(code), f"{code // 100}xx"} & ruled]
        if missing:
            message = f"No rule says what {', '.join(missing)} means: customers would read an unclassified error."
            where = f"{ENDPOINT_TITLES[name]} › Error rules"
            yield warning("errors-unclassified", f"endpoints.{name}.errors", where, message, "Add a rule for each.")


def _tested(integration: Integration, tested: Mapping[str, Tested]) -> Iterator[Finding]:
    for name in endpoints_of(integration):
        place, where = f"endpoints.{name}", ENDPOINT_TITLES[name]
        state = tested.get(name, "never")
        if state == "never":
            message = "No test has been accepted since the request last changed."
            yield error("endpoint-untested", place, where, message, "Run it end to end, or send a test request.")
        elif state == "sandbox":
            message = "It was tested in the sandbox only, which takes what the integration itself expects."
            yield warning("endpoint-sandbox-only", place, where, message, "Test it against your own endpoint.")


def _account(integration: Integration, account: Mapping[str, Any]) -> Iterator[Finding]:
    place, where = "test_account", "Test account"
    try:
        given = Connection(fields=account.get("fields") or {}, mappings=account.get("mappings") or {})
    except ValidationError:
        yield error("test-account", place, where, "It does not have the form's fields.", "Fill it in anew.")
        return
    for problem in problems_of(integration, given):
        yield error("test-account", f"{place}.fields.{problem.variable}", f"{where} › {problem.title}", problem.message)
    if not str(account.get("access") or "").strip():
        message = "It does not say how a reviewer sees what arrived on your side."
        remedy = "Say where to log in and what to look at."
        yield warning("test-account-access", f"{place}.access", where, message, remedy)


def _secrets(integration: Integration, settings: Mapping[str, Any]) -> frozenset[str]:
    """The secrets in a filled-in form."""
    fields = settings.get("fields")
    if not isinstance(fields, Mapping):
        return frozenset()
    secret = {field.variable for field in integration.custom_fields if field.secret}
    return frozenset(value for key, value in fields.items() if key in secret and isinstance(value, str))


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


@lru_cache(maxsize=1)
def _words_of_examples() -> frozenset[str]:
    """The texts of the examples that one can start from."""
    found: set[str] = set()
    for file in (APP_FOLDER / "sample_cohorts" / "examples").glob("*.json"):
        try:
            document = json.loads(file.read_bytes())
        except (OSError, ValueError):
            continue
        found |= {_words(str(document.get(key, ""))) for key in ("summary", "description")}
    return frozenset(found - {""})
