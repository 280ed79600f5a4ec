"""An endpoint with its templates compiled: what the request builder works with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from core.errors import DocumentError
from core.integration.models import BasicAuth, BearerAuth, Endpoint, EndpointName, HeaderAuth, Integration
from core.integration.variables import ENDPOINT_TITLES, TemplateText, is_per_user, names_for, template_texts, uses_items
from core.template import (
    JsonTemplate,
    Mistake,
    Reference,
    TemplateError,
    TextTemplate,
    UrlTemplate,
    compile_json,
    compile_text,
    compile_url,
    header_name_fault,
)

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;[ -~]*)?", re.ASCII)

Compiled = UrlTemplate | TextTemplate | JsonTemplate


@dataclass(frozen=True)
class CompiledEndpoint:
    """`auth` and `headers` are those that apply to this endpoint, its own or the integration's."""

    name: EndpointName
    endpoint: Endpoint
    url: UrlTemplate
    auth: BasicAuth | HeaderAuth | BearerAuth | None
    auth_texts: tuple[TextTemplate, ...]
    headers: tuple[tuple[str, TextTemplate], ...]
    payload: JsonTemplate | None
    item: JsonTemplate | None
    per_user: bool

    @cached_property
    def member_references(self) -> tuple[Reference, ...]:
        """The uses of mapping variables, wherever they stand."""
        return tuple(reference for reference in self.references if reference.variable.per_member)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        return (*self.envelope_references, *self.body_references)

    @cached_property
    def envelope_references(self) -> tuple[Reference, ...]:
        """The uses of variables in all but the body."""
        return _references(self.url, *self.auth_texts, *(text for _, text in self.headers))

    @cached_property
    def body_references(self) -> tuple[Reference, ...]:
        return _references(self.payload, self.item)

    @property
    def sends_items(self) -> bool:
        return self.item is not None


def _references(*templates: Compiled | None) -> tuple[Reference, ...]:
    return tuple(reference for template in templates if template for reference in template.references)


def compile_template(integration: Integration, template: TemplateText, endpoint: Endpoint) -> Compiled:
    """Compiles one template of an endpoint. Raises `TemplateError` with all its mistakes."""
    names = names_for(integration, template.endpoint, endpoint, template.part)
    if template.part == "url":
        return compile_url(template.text, names)
    if template.part in ("payload", "item"):
        return compile_json(template.text, names)
    is_basic = template.place.endswith(("auth.username", "auth.password"))
    return compile_text(template.text, names, "text" if is_basic else "header")


def mistakes_of(integration: Integration, name: EndpointName, endpoint: Endpoint) -> dict[str, tuple[Mistake, ...]]:
    """All mistakes of the endpoint's templates, by their place in the document."""
    found: dict[str, tuple[Mistake, ...]] = {}
    for template in template_texts(integration, name, endpoint):
        try:
            compile_template(integration, template, endpoint)
        except TemplateError as error:
            found[template.place] = error.mistakes
    return found


def content_type_fault(content_type: str) -> str | None:
    """Why a text cannot be the content type of a request, or None."""
    return None if _MEDIA_TYPE.fullmatch(content_type) else f'"{content_type}" is not a content type'


def compile_endpoint(integration: Integration, name: EndpointName) -> CompiledEndpoint:
    """Compiles everything an endpoint's request is made of. Raises `DocumentError` naming every place at fault."""
    endpoint: Endpoint | None = getattr(integration.endpoints, name)
    title = ENDPOINT_TITLES[name]
    if endpoint is None:
        raise DocumentError("The endpoint is not configured.", where=title, remedy="Add it first.")
    compiled: dict[str, list[Compiled]] = {"url": [], "auth": [], "header": [], "payload": [], "item": []}
    problems: list[tuple[str, str]] = []
    for template in template_texts(integration, name, endpoint):
        try:
            compiled[template.part].append(compile_template(integration, template, endpoint))
        except TemplateError as error:
            problems += [(f"{title} › {template.title}", str(mistake)) for mistake in error.mistakes]
    auth = integration.auth if endpoint.auth is None else endpoint.auth
    headers = integration.headers if endpoint.headers is None else endpoint.headers
    names = [*([auth.name] if isinstance(auth, HeaderAuth) else []), *(header.name for header in headers)]
    faults = {name: fault for name in names if (fault := header_name_fault(name))}
    problems += [(f"{title} › Header {name!r}", f"{fault}.") for name, fault in faults.items()]
    if endpoint.payload is not None and (fault := content_type_fault(endpoint.content_type)):
        problems.append((f"{title} › Content type", f"{fault}."))
    if uses_items(endpoint) and endpoint.item is None:
        problems.append((f"{title} › Item", "$items is used, but the item template is missing."))
    if problems:
        where, sentence = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise DocumentError(f"{sentence}{more}", problems=tuple(problems), where=where)
    return CompiledEndpoint(
        name=name,
        endpoint=endpoint,
        url=compiled["url"][0],  # type: ignore[arg-type]
        auth=None if auth.method == "none" else auth,
        auth_texts=tuple(compiled["auth"]),  # type: ignore[arg-type]
        headers=tuple(zip((header.name for header in headers), compiled["header"], strict=True)),  # type: ignore[arg-type]
        payload=next(iter(compiled["payload"]), None),  # type: ignore[arg-type]
        item=next(iter(compiled["item"]), None),  # type: ignore[arg-type]
        per_user=is_per_user(integration, name, endpoint),
    )
