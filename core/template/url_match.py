"""Matches the path and query of a request against a compiled URL; scheme and host are not looked at.

Both sides are normalised first (RFC 3986, section 6.2.2): clients differ in what they percent-encode.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

from core.template.match import Mismatch, Pair, TextMatcher, Values, described, gathered, written
from core.template.references import FilterCall, Reference
from core.template.url_template import Part, UrlTemplate

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def normal(raw: str) -> str:
    """A path or query in which only what must be is percent-encoded, in capitals."""

    def plain(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else match[0].upper()

    return quote(_ESCAPE.sub(plain, raw), safe="%!$&'()*+,;=:@/~?", errors="surrogatepass")


def _decoded(raw: str) -> str:
    try:
        return unquote(raw, errors="surrogatepass")
    except UnicodeDecodeError:
        return unquote(raw, errors="replace")


class UrlMatcher:
    """A URL template made ready to be matched often. `prefix` is a path that stands before the template's own."""

    def __init__(self, template: UrlTemplate, prefix: str = "") -> None:
        parts: tuple[Part, ...] = (prefix, *template.path) if prefix or template.path else ("/",)
        self.path_form = written(parts)
        self._segments = [_matcher(segment) for segment in _divided(parts, "/")]
        self._parameters = [_Parameter(parts) for parts in _divided(template.query or (), "&") if parts != [""]]
        self.variables = sum(isinstance(part, Reference) for part in parts)

    def path(self, raw: str) -> list[Pair] | Mismatch:
        """What stood in the references of the path; `raw` still percent-encoded."""
        segments = normal(raw or "/").split("/")
        pairs: list[Pair] = []
        if len(segments) == len(self._segments):
            for segment, matcher in zip(segments, self._segments, strict=True):
                found = matcher.match(segment)
                if isinstance(found, Mismatch):
                    break
                pairs += zip(matcher.references, found, strict=True)
            else:
                return pairs
        return Mismatch("path", self.path_form, described(raw))

    def query(self, raw: str) -> list[Pair] | Mismatch:
        """What stood in the references of the query, its parameters in any order; `raw` without the question mark."""
        taken: dict[int, list[Pair]] = {}
        collected: dict[int, list[str]] = {}
        for text in filter(None, normal(raw).split("&")):
            near: Mismatch | None = None
            for number, parameter in enumerate(self._parameters):
                if parameter.repeated is not None and text.startswith(parameter.repeated):
                    collected.setdefault(number, []).append(_decoded(text[len(parameter.repeated) :]))
                    break
                if parameter.repeated is None and number not in taken:
                    found = parameter.matcher.match(text)
                    if not isinstance(found, Mismatch):
                        taken[number] = list(zip(parameter.matcher.references, found, strict=True))
                        break
                    if text.partition("=")[0] == parameter.name:
                        near = found
            else:
                name = _decoded(text.partition("=")[0])
                known = ", ".join(parameter.name for parameter in self._parameters) or "no parameters"
                return (near or Mismatch("", known, described(name))).under(f"query parameter {described(name)}")
        for number, parameter in enumerate(self._parameters):
            if parameter.repeated is not None:
                taken[number] = [(parameter.matcher.references[0], collected.get(number, []))]
            elif number not in taken and not parameter.optional:
                return Mismatch(f"query parameter {described(parameter.name)}", parameter.matcher.expected, "nothing")
        return [pair for number in sorted(taken) for pair in taken[number]]


class _Parameter:
    """One parameter of a query. `repeated` is `name=` when each item of a batch has a parameter of that name."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.matcher = _matcher(parts)
        self.name = parts[0].partition("=")[0] if isinstance(parts[0], str) else written(parts[:1])
        call = self._call(parts)
        self.repeated = None
        if call is not None and call.name == "query":
            self.name = call.argument or ""
            self.repeated = normal(quote(self.name, safe="[]")) + "="
        only = parts[1] if len(parts) == 2 and str(parts[0]).endswith("=") else None
        self.optional = isinstance(only, Reference) and not only.required

    @staticmethod
    def _call(parts: Sequence[Part]) -> FilterCall | None:
        only = parts[0] if len(parts) == 1 else None
        return only.filters[0] if isinstance(only, Reference) and only.filters else None


def _matcher(parts: Sequence[Part]) -> TextMatcher:
    return TextMatcher([normal(part) if isinstance(part, str) else _joined_as_sent(part) for part in parts], _decoded)


def _joined_as_sent(reference: Reference) -> Reference:
    """A `join` whose separator is spelled as it stands in a URL."""
    if reference.variable.kind != "items":
        return reference
    separator = normal(quote(reference.filters[0].argument or "", safe=",:"))
    call = FilterCall(reference.filters[0].name, separator)
    return Reference(
        reference.variable, (call,), reference.place, reference.written, reference.start, reference.end
    )  # fmt: skip


def _divided(parts: Sequence[Part], separator: str) -> list[list[Part]]:
    """The parts between separators, as str.split does for one text."""
    out: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, Reference):
            out[-1].append(part)
            continue
        first, *others = part.split(separator)
        if first or not out[-1]:
            out[-1].append(first)
        out.extend([other] for other in others)
    return [[part for part in group if part != ""] or [""] for group in out]


def match_url(template: UrlTemplate, path_and_query: str) -> Values | Mismatch:
    """What stood in each reference of the path and the query of a request; both still percent-encoded.

    `join` gives the list of texts, `query:NAME` the values of all parameters of that name.
    """
    path, _, query = path_and_query.partition("?")
    matcher = UrlMatcher(template)
    pairs = matcher.path(path)
    if isinstance(pairs, Mismatch):
        return pairs
    more = matcher.query(query)
    return more if isinstance(more, Mismatch) else gathered([*pairs, *more])
