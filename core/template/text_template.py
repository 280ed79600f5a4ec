"""A compiled text: the value of a header, or a part of the authentication."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from core.template.mistakes import MistakeList
from core.template.names import Names
from core.template.references import Reference, check, pieces
from core.template.values import Items, Scope, Secret, ValueFault, evaluate, joined

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True)
class TextTemplate:
    source: str
    parts: tuple[str | Reference, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(part for part in self.parts if isinstance(part, Reference))

    def render(self, scope: Scope) -> str:
        """The text for this scope. Raises `ValueFault`, also for a value that cannot stand in a header."""
        return "".join(part if isinstance(part, str) else _text(part, scope) for part in self.parts)


def _text(reference: Reference, scope: Scope) -> str:
    value = scope.get(reference.name)
    found = joined(value, reference) if isinstance(value, Items) else evaluate(reference, scope)
    text = found[0] or ""
    if reference.place == "header":
        text = text.strip(" \t")
        fault = header_fault(text)
        if fault:
            raise ValueFault(reference.name, f"{reference.name}: {fault}")
    if isinstance(value, Secret) and text:
        return value.mark(*(str(call) for call in reference.filters))
    return text


def header_fault(text: str) -> str | None:
    """Why a text cannot stand in a header (RFC 9110, section 5.5), or None."""
    if _CONTROL.search(text):
        return "a line break or control character cannot stand in a header"
    if not text.isascii():
        return "only ASCII characters can stand in a header"
    return None


def header_name_fault(name: str) -> str | None:
    """Why a text cannot be the name of a header (RFC 9110, section 5.1), or None."""
    if _TOKEN.fullmatch(name):
        return None
    return "a header name has letters, digits and hyphens only" if name else "the header has no name"


def compile_text(text: str, names: Names, place: Literal["header", "text"]) -> TextTemplate:
    """Compiles a header value (`header`) or a user name or password (`text`). Raises `TemplateError`."""
    mistakes = MistakeList(text)
    parts: list[str | Reference] = []
    for piece in pieces(text, 0, len(text)):
        if isinstance(piece, str):
            parts.append(piece)
        elif reference := check(piece, place, names, mistakes):
            parts.append(reference)
    literal = "".join(part for part in parts if isinstance(part, str))
    if place == "header" and (fault := header_fault(literal)):
        mistakes.add("bad-header", 0, len(text), f"{fault[0].upper()}{fault[1:]}.")
    mistakes.raise_if_any()
    return TextTemplate(text, tuple(parts))
