"""The inverse of rendering: reads back what stood in each reference of a template, from a text that was rendered.

Values that went through a filter come back as they were sent (a hash stays a hash). Where two references touch, or a
value holds the literal text that follows it, there is more than one reading; the shortest first value is taken.
`json_match.py` and `url_match.py` do the same for payloads and URLs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from core.template.filters import FILTERS, UnreadableValue, convert
from core.template.names import Kind
from core.template.references import Reference
from core.template.text_template import TextTemplate

Values = dict[str, Any]
"""What was found, by variable: a text, a JSON value, or a list for `$items`. Missing optional values are left out."""

Pair = tuple[Reference, Any]
MISSING: Final = object()
"""Stands for the value of an optional reference that was left out."""

_LONGEST_SHOWN = 60
_HASHES = {"md5": 32, "sha1": 40, "sha256": 64}
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_STABLE = ("trim", "lower", "upper", "slug", "email", "digits", "number", "boolean")
"""Filters that leave their own output as it is."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why something cannot have come from a template. `where` is a JSON path ($.users[2].id) or a part of a request."""

    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        sentence = f"expected {self.expected}, found {self.found}"
        return f"{self.where}: {sentence}" if self.where else sentence

    def under(self, step: str) -> Mismatch:
        """The same, seen from one level further out."""
        return replace(self, where=step + self.where)


class SpelledNumber(float):
    """A JSON number with a fraction or an exponent that remembers how it was written."""

    spelling: str

    def __new__(cls, spelling: str) -> SpelledNumber:
        number = super().__new__(cls, spelling)
        number.spelling = spelling
        return number


def as_text(value: Any) -> str:
    """A value as it would stand inside a text: a string as it is, a number as it was written, else compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, SpelledNumber):
        return value.spelling
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def described(value: Any) -> str:
    """A value in a few words, however large it is."""
    if isinstance(value, list):
        return f"an array of {len(value):,}"
    if isinstance(value, dict):
        keys = ", ".join(json.dumps(key[:30], ensure_ascii=False) for key in list(value)[:5])
        return f"an object with {keys}{', …' if len(value) > 5 else ''}" if value else "an empty object"
    if isinstance(value, str):
        shown = value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 1] + "…"
        return json.dumps(shown, ensure_ascii=False)
    return as_text(value)[:_LONGEST_SHOWN]


def written(parts: Sequence[str | Reference]) -> str:
    """The parts of a template as they are written."""
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part.replace("$", "$$"))
        elif part.filters:
            texts.append(f"${{{part.written}{''.join(f'|{call}' for call in part.filters)}}}")
        else:
            texts.append(f"${part.written}")
    return "".join(texts)


def output_kind(reference: Reference) -> Kind:
    """The kind of a reference's value after its filters."""
    kind: Kind = reference.variable.kind
    for call in reference.filters:
        if call.name in FILTERS:
            kind = FILTERS[call.name].kind or kind
        elif call.name != "default":
            kind = "string"
    return kind


@dataclass(frozen=True, slots=True)
class Form:
    """What a text must look like to have come out of a reference's filters; `fits` is None when any text may."""

    words: str
    fits: Callable[[str], bool] | None


def form_of(reference: Reference) -> Form:
    """The form that the last filter (or the declared kind) gives to a text."""
    calls = [call for call in reference.filters if call.name != "string"]
    defaults: set[str] = set()
    while calls and calls[-1].name == "default":
        defaults.add(convert(calls.pop().argument or "", output_kind(reference)))
    name = calls[-1].name if calls else reference.variable.kind
    if name in _HASHES:
        hexadecimal = re.compile(f"[0-9a-f]{{{_HASHES[name]}}}")
        form = Form(f"a {name} in hexadecimal", lambda text: hexadecimal.fullmatch(text) is not None)
    elif name == "base64":
        form = Form("Base64", lambda text: _BASE64.fullmatch(text) is not None)
    elif name in _STABLE:
        apply = FILTERS[name].apply
        form = Form(f"a text {FILTERS[name].summary}", lambda text: _is_stable(apply, text))
    else:
        return Form("a text", None)
    fits = form.fits
    if not defaults:
        return form
    return Form(form.words, lambda text: text in defaults or (fits is not None and fits(text)))


def _is_stable(apply: Callable[[str], str], text: str) -> bool:
    try:
        return apply(text) == text
    except UnreadableValue:
        return False


class TextMatcher:
    """Matches texts against literal parts and references. Takes time in proportion to the text, whatever stands in it.

    `decode` turns a captured text into the value's own (percent-decoding, in a URL).
    """

    def __init__(self, parts: Sequence[str | Reference], decode: Callable[[str], str] = str) -> None:
        self.parts = tuple(parts)
        self.references = tuple(part for part in parts if isinstance(part, Reference))
        self._decode = decode
        self._literals = [""]
        for part in parts:
            if isinstance(part, str):
                self._literals[-1] += part
            else:
                self._literals.append("")
        self._least = [int(one.required and one.variable.kind != "items") for one in self.references]
        self._uses = [(one, form_of(one), one.variable.kind == "items", one.has_default) for one in self.references]

    @property
    def expected(self) -> str:
        return f'a text of the form "{written(self.parts)}"' if self.references else described(self._literals[0])

    def match(self, text: str) -> list[Any] | Mismatch:
        """One value a reference, in order; MISSING for an optional one that was left out."""
        captured = self._captured(text)
        if captured is None:
            return Mismatch("", self.expected, described(text))
        values: list[Any] = []
        for (reference, form, is_items, allow_empty), raw in zip(self._uses, captured, strict=True):
            if is_items:
                values.append(self._items(reference, raw))
            elif raw or allow_empty:
                value = self._decode(raw)
                if form.fits is not None and not form.fits(value):
                    return Mismatch("", f"{form.words} for ${reference.written}", described(value))
                values.append(value)
            else:
                values.append(MISSING)
        return values

    def _items(self, reference: Reference, raw: str) -> list[str]:
        separator = reference.filters[0].argument or ""
        texts = raw.split(separator) if separator else list(raw)
        return [self._decode(text) for text in texts] if raw else []

    def _captured(self, text: str) -> list[str] | None:
        """The text of each reference: up to the next literal, and at least one character where a value is required."""
        literals, last = self._literals, len(self._literals) - 1
        if last == 0:
            return [] if text == literals[0] else None
        at, end = len(literals[0]), len(text) - len(literals[last])
        if at > end or not text.startswith(literals[0]) or not text.endswith(literals[last]):
            return None
        captured = []
        for number, least in enumerate(self._least, 1):
            stop = end if number == last else text.find(literals[number], at + least, end)
            if stop < at + least:
                return None
            captured.append(text[at:stop])
            at = stop + len(literals[number])
        return captured


def gathered(pairs: Iterable[Pair]) -> Values | Mismatch:
    """The values by variable. A variable that stands in several places must have the same text in each.

    Uses with different filters are different texts of one value; the one without filters is kept.
    """
    seen: dict[tuple[str, tuple[object, ...]], str] = {}
    values: Values = {}
    for reference, value in pairs:
        if value is MISSING:
            continue
        if not isinstance(value, list):
            text = as_text(value)
            if seen.setdefault((reference.name, reference.filters), text) != text:
                other = seen[reference.name, reference.filters]
                return Mismatch(f"${reference.written}", f"{described(other)} everywhere", f"{described(text)} as well")
        if not reference.filters or reference.name not in values:
            values[reference.name] = value
    return values


def match_text(template: TextTemplate, text: str) -> Values | Mismatch:
    """What stood in each reference of a header value, user name or password."""
    matcher = TextMatcher(template.parts)
    found = matcher.match(text)
    return found if isinstance(found, Mismatch) else gathered(zip(matcher.references, found, strict=True))
