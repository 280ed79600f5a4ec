"""Finds `$name`, `${name|filter}` and `$$` in a text and checks each against the names and filters that exist.

The notation is that of string.Template (PEP 292), with filters inside the braces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from core.template.filters import FILTERS, ITEM_FILTERS, WITH_ARGUMENT, UnreadableValue, convert
from core.template.mistakes import MistakeList
from core.template.names import Kind, Names, Variable

Place = Literal["value", "string", "key", "host", "path", "query", "header", "text"]

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<braced>[^}\n]*)\}|)", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class FilterCall:
    name: str
    argument: str | None = None

    def __str__(self) -> str:
        return self.name if self.argument is None else f"{self.name}:{self.argument}"


@dataclass(frozen=True, slots=True)
class Reference:
    """A checked use of a variable: `written` is the name in the template, `variable` what it stands for."""

    variable: Variable
    filters: tuple[FilterCall, ...]
    place: Place
    written: str
    start: int
    end: int

    @property
    def name(self) -> str:
        return self.variable.name

    @property
    def has_default(self) -> bool:
        return any(call.name == "default" for call in self.filters)

    @property
    def required(self) -> bool:
        """True when a missing value is a fault rather than something to leave out."""
        return self.variable.required and not self.has_default


def pieces(text: str, start: int, end: int) -> Iterator[str | re.Match[str]]:
    """The literal texts and the `$` matches of a region, in order; `$$` comes as the literal `$`."""
    position = start
    for match in _REFERENCE.finditer(text, start, end):
        if match.start() > position:
            yield text[position : match.start()]
        yield "$" if match["dollar"] else match
        position = match.end()
    if position < end:
        yield text[position:end]


def reference_at(text: str, position: int) -> re.Match[str]:
    """The `$` match that begins at this offset, where a dollar sign stands."""
    match = _REFERENCE.match(text, position)
    if match is None:  # the pattern matches a lone dollar sign too
        raise AssertionError("no dollar sign here")
    return match


def check(
    match: re.Match[str], place: Place, names: Names, mistakes: MistakeList, *, in_json_string: bool = False
) -> Reference | None:
    """The reference that a match stands for, or None after noting why it cannot be one.

    `in_json_string`: filter arguments are read with JSON's escapes, as the text around them is.
    """
    start, end = match.span()
    braced = match["braced"]
    if match["name"] is None and braced is None:
        if match.string.startswith("${", start):
            mistakes.add("brace-not-closed", start, end + 1, "The brace of ${ is not closed on this line.")
        else:
            mistakes.add("lone-dollar", start, end, "A dollar sign stands alone.", "Write $$ for a literal one.")
        return None
    head, *calls = (match["name"],) if braced is None else _split(braced)
    written = head.strip()
    if not _NAME.fullmatch(written):
        what = "The braces are empty." if not written else f'"{written}" is not a variable name.'
        mistakes.add("bad-name", start, end, what, "Write letters, digits and _ only, e.g. ${user_id}.")
        return None
    filters = [_filter(call, start, end, mistakes, in_json_string) for call in calls]
    name = names.resolve(written)
    if written in names.forbidden or name in names.forbidden:
        reason = names.forbidden.get(name) or names.forbidden[written]
        mistakes.add("not-allowed-here", start, end, f"${written} cannot be used here: {reason}")
        return None
    variable = names.variables.get(name)
    if variable is None:
        near = names.nearest(written)
        hint = (
            f"Did you mean ${near}?" if near else f"Declare it as a field, or write $${written} for the literal text."
        )
        mistakes.add("unknown-variable", start, end, f"${written} is not a known variable.", hint)
        return None
    if None in filters:
        return None
    reference = Reference(variable, tuple(call for call in filters if call), place, written, start, end)
    return reference if _fits(reference, mistakes) else None


def _split(braced: str) -> list[str]:
    """`items|join:|` -> ["items", "join:|"]: an empty argument followed by nothing takes the bar itself."""
    parts = braced.split("|")
    if len(parts) > 2 and parts[-1] == "" and parts[-2].endswith(":"):
        parts[-2:] = [parts[-2] + "|"]
    return parts


def _filter(call: str, start: int, end: int, mistakes: MistakeList, in_json_string: bool) -> FilterCall | None:
    name, colon, argument = call.partition(":")
    name = name.strip()
    known = [*FILTERS, *WITH_ARGUMENT]
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else f"Known filters: {', '.join(known)}."
        mistakes.add("unknown-filter", start, end, f'"{name}" is not a filter.', hint)
        return None
    if name in FILTERS:
        if colon:
            mistakes.add("filter-argument", start, end, f'The filter "{name}" takes no argument.')
            return None
        return FilterCall(name)
    if not colon or (not argument and name == "query"):
        mistakes.add("filter-argument", start, end, f'The filter "{name}" needs {WITH_ARGUMENT[name]}.')
        return None
    if in_json_string and "\\" in argument:
        try:
            argument = json.loads(f'"{argument}"')
        except ValueError:
            mistakes.add("filter-argument", start, end, f'The argument of "{name}" has a broken escape.')
            return None
    return FilterCall(name, argument)


def _fits(reference: Reference, mistakes: MistakeList) -> bool:
    """Whether the filters suit the variable, and the result suits the place."""
    start, end, written = reference.start, reference.end, reference.written
    kind: Kind = reference.variable.kind
    query = False
    for call in reference.filters:
        if kind == "items" and call.name not in ITEM_FILTERS:
            mistakes.add(
                "filter-on-items", start, end, f'"{call.name}" works on one value, not on ${written}.',
                "Use it in the item template, or join the items first.",
            )  # fmt: skip
            return False
        if kind != "items" and call.name in ITEM_FILTERS:
            mistakes.add("filter-on-value", start, end, f'"{call.name}" works on $items only.')
            return False
        if call.name == "default":
            try:
                convert(call.argument or "", kind)
            except UnreadableValue as fault:
                mistakes.add("filter-argument", start, end, f"The default of ${written} does not fit: {fault}.")
                return False
        if query:
            mistakes.add("filter-on-query", start, end, '"query" is the last filter; nothing can follow it.')
            return False
        query = call.name == "query"
        if call.name != "default":
            kind = "string" if call.name in ITEM_FILTERS else FILTERS[call.name].kind
    if query and reference.place != "query":
        mistakes.add("query-outside-url", start, end, '"query" can be used in the query of a URL only.')
        return False
    if kind == "items" and reference.place != "value":
        if reference.place in ("string", "key"):
            message = f"${written} stands inside quotes, where it would become text instead of a JSON array."
            hint = f'Drop the quotes: ${written}. For one text write "${{{written}|join:,}}".'
        else:
            message, hint = f"${written} is a list of users and cannot stand here as it is.", "Write ${items|join:,}."
        mistakes.add("items-in-text", start, end, message, hint)
        return False
    if reference.place == "host" and not reference.variable.host_safe:
        mistakes.add(
            "variable-in-host", start, end, f"${written} could send requests to any host.",
            "In a host, use a field with fixed options, or one with a pattern that has no . / @ or : in it.",
        )  # fmt: skip
        return False
    return True


def names_in(text: str) -> list[tuple[str, int]]:
    """Every name written after a dollar sign, with its offset, whether or not the text compiles."""
    found: list[tuple[str, int]] = []
    for piece in pieces(text, 0, len(text)):
        if not isinstance(piece, str):
            written = (piece["name"] or (piece["braced"] or "").partition("|")[0]).strip()
            if _NAME.fullmatch(written):
                found.append((written, piece.start()))
    return found
