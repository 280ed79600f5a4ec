"""Points an integration at the sandbox: other scheme and host, the same paths, queries and payloads."""

from __future__ import annotations

import re

from core.integration import Endpoint, EndpointName, Integration
from core.integration.variables import endpoints_of

_ORIGIN = re.compile(r"https?://(?:\$\{[^}\n]*\}|[^/?#{])*", re.IGNORECASE)


def _origin(url: str) -> str:
    """Scheme, host and port as they are written, host variables included."""
    match = _ORIGIN.match(url)
    return match[0] if match else ""


def _path(url: str) -> str:
    return url[len(_origin(url)) :].partition("?")[0] or "/"


def _may_be_same(one: str, other: str) -> bool:
    """Whether two path templates may render to one path."""
    segments = one.split("/"), other.split("/")
    return len(segments[0]) == len(segments[1]) and all(
        first == second or "$" in first or "$" in second for first, second in zip(*segments, strict=True)
    )


def path_prefixes(integration: Integration) -> dict[EndpointName, str]:
    """The prefix of each endpoint's path that keeps it apart from those on other hosts; mostly none has one."""
    endpoints = endpoints_of(integration)
    origins = list(dict.fromkeys(_origin(endpoint.url).lower() for endpoint in endpoints.values()))
    if not any(_collide(one, other) for one in endpoints.values() for other in endpoints.values()):
        return {}
    numbers = {name: origins.index(_origin(endpoint.url).lower()) for name, endpoint in endpoints.items()}
    return {name: f"/host{number + 1}" for name, number in numbers.items() if number}


def _collide(one: Endpoint, other: Endpoint) -> bool:
    apart = _origin(one.url).lower() != _origin(other.url).lower()
    return apart and one.method == other.method and _may_be_same(_path(one.url), _path(other.url))


def sandboxed(integration: Integration, base_url: str) -> Integration:
    """The integration with every call going to `base_url` (http://127.0.0.1:8000/sandbox/KEY) instead of its host.

    Paths and queries stay as they are; where two hosts have the same call, those of the second get a prefix.
    """
    base = base_url.rstrip("/").replace("$", "$$")
    prefixes = path_prefixes(integration)
    endpoints: dict[str, Endpoint] = {}
    for name, endpoint in endpoints_of(integration).items():
        origin = _origin(endpoint.url)
        if origin:
            url = f"{base}{prefixes.get(name, '')}{endpoint.url[len(origin) :]}"
            endpoints[name] = endpoint.model_copy(update={"url": url})
    return integration.model_copy(update={"endpoints": integration.endpoints.model_copy(update=endpoints)})
