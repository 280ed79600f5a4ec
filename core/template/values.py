"""Values on their way into a template: from a scope or a column, through the filters, to text for a place.

None stands for "no value"; an empty text counts as none, at the start and after each filter but `default`.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from urllib.parse import quote

from core.template.filters import FILTERS, UnreadableValue, convert, matching, number
from core.template.names import Kind
from core.template.references import FilterCall, Reference

Scalar = str | int | float | bool | None


class ValueFault(ValueError):
    """A value that this template cannot take. `variable` names it; the text is the reason and quotes no secret."""

    def __init__(self, variable: str, reason: str) -> None:
        self.variable = variable
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Items:
    """The rendered items of one batch, each as JSON text; `PackedTexts` (packed.py) are ready-made bytes as well."""

    texts: Sequence[str]

    def json(self) -> str:
        return f"[{','.join(self.texts)}]"

    def json_pieces(self) -> Sequence[bytes | memoryview]:
        """The bytes of the JSON array, to be joined."""
        packed: Callable[[], Sequence[bytes | memoryview]] | None = getattr(self.texts, "json_pieces", None)
        return (to_bytes(self.json()),) if packed is None else packed()

    def plain(self) -> list[str]:
        """Each item as plain text: a string without its quotes, a number or a literal as it is written."""
        return [json.loads(text) if text.startswith('"') else text for text in self.texts]


_NONCE = secrets.token_hex(4)
_MARK = re.compile(f"\ue000{_NONCE}:([^\ue001]*)\ue001")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's stand-in. It renders as a mark that `replace_marks` turns into `***` or a shell variable.

    The mark's name tells when the text in this place is not the secret itself but something made from it
    (`api_key|sha256`, `api_key|url`), because a shell variable must then hold that text.
    """

    name: str
    raw: str = field(repr=False)

    def mark(self, *made_by: str) -> str:
        return _mark("|".join((self.name, *made_by)))


def _mark(name: str) -> str:
    return f"\ue000{_NONCE}:{name}\ue001"


def replace_marks(text: str, stand_in: dict[str, str] | None = None, default: str = "***") -> str:
    """The text with each secret's mark replaced: by its entry in `stand_in`, or by `default`."""
    return _MARK.sub(lambda match: (stand_in or {}).get(match[1], default), text)


def marks(text: str) -> list[str]:
    """The names in the secret marks of a text, in order."""
    return _MARK.findall(text)


def rename_marks(text: str, name: Callable[[str], str]) -> str:
    """The text with each secret's mark under another name."""
    return _MARK.sub(lambda match: _mark(name(match[1])), text)


def outside_marks(text: str, change: Callable[[str], str]) -> str:
    """The text with everything but the secret marks changed."""
    out, at = [], 0
    for match in _MARK.finditer(text):
        out += [change(text[at : match.start()]), match[0]]
        at = match.end()
    return "".join([*out, change(text[at:])])


def split_marks(text: str) -> list[tuple[str, bool]]:
    """The parts of a text in order, each with whether it is the name of a secret's mark."""
    parts = _MARK.split(text)
    return [(part, number % 2 == 1) for number, part in enumerate(parts) if part or number % 2]


def has_mark(text: str) -> bool:
    return _MARK.search(text) is not None


Scope = Mapping[str, Scalar | Items | Secret]


def _plain(value: Scalar, kind: Kind) -> tuple[str | None, Kind]:
    """The text and kind of a Python value: numbers and booleans keep their kind, texts take the declared one."""
    if value is None or value == "":
        return None, kind
    if isinstance(value, bool):
        return ("true" if value else "false"), "boolean" if kind != "string" else "string"
    if isinstance(value, (int, float)):
        return number(json.dumps(value)), "number"
    return convert(value, kind), kind


def _apply(text: str | None, kind: Kind, filters: Sequence[FilterCall]) -> tuple[str | None, Kind]:
    for call in filters:
        if call.name == "default":
            text = (call.argument or "") if text is None else text
            if text:
                text = convert(text, kind)
            continue
        step = FILTERS[call.name]
        kind = step.kind
        if text is not None:
            text = step.apply(text) or None
    return text, kind


def evaluate(reference: Reference, scope: Scope) -> tuple[str | None, Kind]:
    """The text of a reference in this scope, and its kind; None when there is no value and none is required.

    Raises `ValueFault` for a required value that is missing and for one that cannot be read.
    """
    value = scope.get(reference.name)
    if isinstance(value, Items):
        raise AssertionError("items are rendered by their place")
    try:
        raw = value.raw if isinstance(value, Secret) else value
        if reference.variable.pattern and isinstance(raw, str) and raw:
            matching(raw, reference.variable.pattern)
        text, kind = _plain(raw, reference.variable.kind)
        text, kind = _apply(text, kind, reference.filters)
    except UnreadableValue as fault:
        reason = "the value cannot be read" if isinstance(value, Secret) else str(fault)
        raise ValueFault(reference.name, f"{reference.name}: {reason}") from None
    if text is None and reference.required:
        raise ValueFault(reference.name, missing_reason(reference))
    return text, kind


def joined(items: Items, reference: Reference) -> tuple[str | None, Kind]:
    """The text of `${items|join:SEP}`, put through the filters after it. Raises `ValueFault`."""
    call, *others = reference.filters
    text = (call.argument or "").join(items.plain())
    try:
        return _apply(text, "string", tuple(others))
    except UnreadableValue as fault:
        raise ValueFault(reference.name, f"{reference.name}: {fault}") from None


def nothing_left(variable: str) -> str:
    """Why a member cannot be sent when none of the values that would name it is there."""
    return f"{variable} has no value, so nothing is left that names the user"


def missing_reason(reference: Reference) -> str:
    """Why a member or a request without this required value cannot be sent."""
    filtered = "".join(f"|{call}" for call in reference.filters)
    after = f" after {filtered}" if filtered else ""
    return f"{reference.name} has no value{after}"


def json_value(text: str, kind: Kind) -> str:
    """The JSON of a value where a value may stand."""
    return str(encode_basestring(text)) if kind == "string" else text


def json_text(text: str) -> str:
    """The text as it stands between the quotes of a JSON string; lone surrogates are left to `to_bytes`."""
    return str(encode_basestring(text))[1:-1]


def url_text(text: str) -> str:
    """Percent-encoded, once, everything but letters, digits and -._~ ; so a slash inside a value is encoded."""
    return quote(text, safe="", errors="surrogatepass")


def to_bytes(body: str) -> bytes:
    r"""UTF-8 of a rendered JSON text; a lone surrogate, which UTF-8 cannot hold, becomes its \uXXXX escape."""
    return body.encode("utf-8", "backslashreplace")
