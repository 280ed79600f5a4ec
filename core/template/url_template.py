"""A compiled URL: every value is percent-encoded once, and none can change host, path structure or query structure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import quote

from core.template.mistakes import MistakeList
from core.template.names import Names
from core.template.references import Place, Reference, check, pieces
from core.template.values import Items, Scope, Secret, ValueFault, evaluate, joined, outside_marks, url_text

Part = str | Reference
_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_KEPT = "%!$&'()*+,;=:@/~?[]"
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?!-)[\w-]+(?:\.[\w-]+)*\.?)(?::(?P<port>[0-9]{1,5}))?")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DOTS = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)


@dataclass(frozen=True)
class UrlTemplate:
    """`host` has scheme and authority; `path` begins with a slash or is empty; `query` is without its question mark."""

    source: str
    host: tuple[Part, ...]
    path: tuple[Part, ...]
    query: tuple[Part, ...] | None

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(part for part in (*self.host, *self.path, *(self.query or ())) if isinstance(part, Reference))

    @property
    def has_fixed_host(self) -> bool:
        return all(isinstance(part, str) for part in self.host)

    def render(self, scope: Scope) -> str:
        """The URL for this scope. Raises `ValueFault` for a value that is missing or has no place in a URL."""
        url = "".join(part if isinstance(part, str) else _host_value(part, scope) for part in self.host)
        url += self._render_path(scope) or "/"
        query = self._render_query(self.query, scope) if self.query else ""
        return f"{url}?{query}" if query else url

    def _render_path(self, scope: Scope) -> str:
        path = "".join(part if isinstance(part, str) else _path_value(part, scope) for part in self.path)
        names = [part.name for part in self.path if isinstance(part, Reference)]
        if names and _leads_elsewhere(path):
            raise ValueFault(names[0], f"{names[0]}: a value of dots alone would lead to another path")
        return path

    def _render_query(self, query: tuple[Part, ...], scope: Scope) -> str:
        """A parameter whose whole value is a missing optional variable is left out, as a key of a payload is."""
        parameters: list[list[Part]] = [[]]
        for part in query:
            if isinstance(part, Reference):
                parameters[-1].append(part)
                continue
            first, *others = part.split("&")
            parameters[-1].append(first)
            parameters.extend([other] for other in others)
        rendered = []
        for parameter in parameters:
            texts = [part if isinstance(part, str) else _query_value(part, scope) for part in parameter]
            values = [text for part, text in zip(parameter, texts, strict=True) if isinstance(part, Reference)]
            literal = "".join(part for part in parameter if isinstance(part, str))
            if len(values) == 1 and values[0] is None and literal.endswith("=") and literal.count("=") == 1:
                continue
            rendered.append("".join(text or "" for text in texts))
        return "&".join(rendered)


def _leads_elsewhere(path: str) -> bool:
    return any(_DOTS.fullmatch(segment) for segment in path.split("/"))


def _encoded(reference: Reference, text: str, scope: Scope) -> str:
    value = scope.get(reference.name)
    encoded = url_text(text)
    if isinstance(value, Secret):
        filters = [str(call) for call in reference.filters]
        return value.mark(*filters, *(["url"] if encoded != text else []))
    return encoded


def _host_value(reference: Reference, scope: Scope) -> str:
    text = evaluate(reference, scope)[0] or ""
    labels = text.split(".") if reference.variable.host_dots else [text]
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueFault(reference.name, f"{reference.name}: the value cannot be part of a host name")
    return _encoded(reference, text, scope)


def _path_value(reference: Reference, scope: Scope) -> str:
    value = scope.get(reference.name)
    if isinstance(value, Items):
        return _of_items(reference, value)
    text = evaluate(reference, scope)[0]
    if text is None:
        raise ValueFault(reference.name, f"{reference.name} has no value, and the path of the URL needs one")
    return _encoded(reference, text, scope)


def _query_value(reference: Reference, scope: Scope) -> str | None:
    value = scope.get(reference.name)
    if isinstance(value, Items):
        return _of_items(reference, value)
    text = evaluate(reference, scope)[0]
    return None if text is None else _encoded(reference, text, scope)


def _of_items(reference: Reference, items: Items) -> str:
    """`join`: each item encoded, the separator as it is where a URL allows it; `query`: one parameter an item."""
    call, *others = reference.filters
    if others:
        return outside_marks(joined(items, reference)[0] or "", url_text)
    texts = [outside_marks(text, url_text) for text in items.plain()]
    if call.name == "query":
        name = quote(call.argument or "", safe="[]", errors="surrogatepass")
        return "&".join(f"{name}={text}" for text in texts)
    return quote(call.argument or "", safe=",:", errors="surrogatepass").join(texts)


def compile_url(text: str, names: Names) -> UrlTemplate:
    """Compiles a full URL. Raises `TemplateError` with all mistakes."""
    mistakes = MistakeList(text)
    scheme = _OTHER_SCHEME.match(text)
    if not _SCHEME.match(text):
        _scheme_mistake(text, mistakes)
    _check_characters(text, mistakes)
    found: dict[str, list[Part]] = {"host": [scheme[0].lower() if scheme else ""], "path": [], "query": []}
    place: Place = "host"
    offset = scheme.end() if scheme else 0
    for piece in pieces(text, offset, len(text)):
        if not isinstance(piece, str):
            found[place].append(check(piece, place, names, mistakes) or "x")  # x: one mistake shall not make another
            continue
        place = _add_literal(piece, place, found)
    _check_host(found["host"], text, mistakes)
    literal_path = "".join(part if isinstance(part, str) else "x" for part in found["path"])
    if _leads_elsewhere(literal_path):
        mistakes.add("dot-segment", 0, len(text), 'A path with "." or ".." in it leads elsewhere.', "Write it in full.")
    mistakes.raise_if_any()
    query = tuple(found["query"]) if place == "query" else None
    return UrlTemplate(text, tuple(found["host"]), tuple(found["path"]), query)


def _add_literal(piece: str, place: Place, found: dict[str, list[Part]]) -> Place:
    """Sorts a literal text into host, path and query; returns the place where it ends."""
    if place == "host":
        end = next((at for at, char in enumerate(piece) if char in "/?"), len(piece))
        found["host"].append(piece[:end])
        if end == len(piece):
            return place
        piece, place = piece[end:], "path"
    if place == "path":
        path, question, rest = piece.partition("?")
        if path:
            found["path"].append(_quoted(path))
        if not question:
            return place
        piece, place = rest, "query"
    if piece:
        found["query"].append(_quoted(piece))
    return place


def _quoted(literal: str) -> str:
    """A literal part with what a URL cannot hold encoded; %XX that is there already stays as it is."""
    return _BAD_PERCENT.sub("%25", quote(literal, safe=_KEPT, errors="surrogatepass"))


def _scheme_mistake(text: str, mistakes: MistakeList) -> None:
    other = _OTHER_SCHEME.match(text)
    if not text.strip():
        mistakes.add(
            "url-missing", 0, 1, "The URL is missing.", "Write it in full, e.g. https://api.example.com/lists."
        )
    elif other:
        mistakes.add("bad-scheme", 0, other.end(), f"{other[1]}:// is not supported.", "Use https:// or http://.")
    else:
        mistakes.add("scheme-missing", 0, len(text), "The URL has no scheme.", "Begin it with https://.")


def _check_characters(text: str, mistakes: MistakeList) -> None:
    outside = re.sub(r"\$\{[^}\n]*\}", lambda match: "x" * len(match[0]), text)
    for match in re.finditer(r"[\s\x00-\x1f\x7f]+", outside):
        mistakes.add("space-in-url", *match.span(), "White space cannot stand in a URL.", "Remove it, or write %20.")
    for match in re.finditer(r"\\", outside):
        mistakes.add("backslash", *match.span(), "A backslash cannot stand in a URL.", "Use / instead.")
    if "#" in outside:
        at = outside.index("#")
        mistakes.add("fragment", at, len(text), "What follows # is never sent.", "Remove it, or write %23.")


def _check_host(host: list[Part], text: str, mistakes: MistakeList) -> None:
    literal = "".join(part if isinstance(part, str) else "x" for part in host[1:])
    if "@" in literal:
        mistakes.add(
            "credentials-in-url", 0, len(text), "User names and passwords cannot stand in a URL.",
            "Use the authentication settings.",
        )  # fmt: skip
    elif not literal and "://" in text:
        mistakes.add(
            "host-missing", 0, len(text), "The URL has no host.", "Write it in full, e.g. https://api.example.com."
        )
    elif literal and not _is_host(literal):
        mistakes.add("bad-host", 0, len(text), "The host of the URL is not well-formed.")


def _is_host(authority: str) -> bool:
    """Whether this is a name or an IP address in brackets, with a port from 1 to 65535 or none."""
    match = _HOST.fullmatch(authority)
    if match is None or not 1 <= int(match["port"] or 1) <= 65_535:
        return False
    try:
        return match["v6"] is None or bool(IPv6Address(match["v6"]))
    except ValueError:
        return False
