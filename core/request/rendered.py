"""A request as it will be sent, and the same request with its secrets marked, for every eye but the destination's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from core.integration.models import EndpointName
from core.template import has_mark, replace_marks

MASK = "***"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """Method, full URL, headers in order, body bytes. `basic` has user name and password of basic authentication,
    which `headers` holds in Base64, because a cURL command states them apart.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    basic: tuple[str, str] | None = None

    @property
    def text(self) -> str | None:
        """The body as text; a rendered body is always UTF-8."""
        return None if self.body is None else self.body.decode("utf-8")


@dataclass(frozen=True, slots=True)
class RenderedRequest:
    """One request to one endpoint. `wire` goes out; `marked` has marks where secrets stand. Show `masked` only."""

    endpoint: EndpointName
    wire: HttpRequest
    marked: HttpRequest
    members: int

    @property
    def masked(self) -> HttpRequest:
        """The request with `***` for every secret."""
        if self.marked.body is not self.wire.body:
            return unmark(self.marked, {}, MASK)
        # The same bytes are on both sides when no secret stands in them: a large body need not be searched.
        marked = self.marked
        shown = _masked_envelope(HttpRequest(marked.method, marked.url, marked.headers, None, marked.basic))
        return HttpRequest(shown.method, shown.url, shown.headers, self.wire.body, shown.basic)


@lru_cache(maxsize=64)
def _masked_envelope(marked: HttpRequest) -> HttpRequest:
    """Kept, because the requests of a stage differ in their bodies only."""
    return unmark(marked, {}, MASK)


def unmark(request: HttpRequest, stand_in: dict[str, str], default: str) -> HttpRequest:
    """The request with the mark of each secret replaced by its entry in `stand_in`, else by `default`."""

    def plain(text: str) -> str:
        return replace_marks(text, stand_in, default)

    body = request.body
    if body is not None and has_mark(text := body.decode("utf-8")):
        body = plain(text).encode("utf-8")
    return replace(
        request,
        url=plain(request.url),
        headers=tuple((name, plain(value)) for name, value in request.headers),
        body=body,
        basic=None if request.basic is None else (plain(request.basic[0]), plain(request.basic[1])),
    )
