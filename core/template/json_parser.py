"""Reads a JSON template into a tree, and goes on after a mistake so that all of them are found in one pass.

The grammar is RFC 8259 with references (`$name`, `${name|filter}`) where a value may stand and inside strings and keys.
White space between tokens is not kept; numbers and strings keep the spelling they have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.template.mistakes import MistakeList
from core.template.names import Names
from core.template.references import Reference, check, pieces, reference_at

MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Raw:
    """JSON text without references."""

    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A reference where a value stands."""

    reference: Reference


@dataclass(frozen=True, slots=True)
class Text:
    """A JSON string with references in it; literal parts are kept as they are escaped in the template."""

    parts: tuple[str | Reference, ...]

    @property
    def whole(self) -> Reference | None:
        """The reference, when the string is nothing else."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Reference) else None


@dataclass(frozen=True, slots=True)
class Array:
    elements: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Object:
    entries: tuple[tuple[Raw | Text, Node], ...]


Node = Raw | Slot | Text | Array | Object

_SPACE = re.compile(r"[ \t\n\r]*")
_ODD_SPACE = re.compile(r"[\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff\v\f]+")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|$)", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NUMBER_LIKE = re.compile(r"[-+.0-9][-+.0-9A-Za-z_]*")
_WORD = re.compile(r"[^\W\d][\w.-]*")
_STRING = re.compile(r'"(?:[^"\\\n]|\\(?:.|\Z))*("|(?=\n)|\Z)', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4}|(.|\Z))", re.DOTALL)
_SINGLE_QUOTED = re.compile(r"'[^'\n]*'?")
_CONTROL = re.compile(r"[\x00-\x1f]")
_LITERALS = {"true", "false", "null"}
_LIKE_LITERALS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "None": "null", "NULL": "null"}
_NULL = Raw("null")


class Parser:
    """One pass over one template. `node()` gives the tree; mistakes go to the list that was handed in."""

    def __init__(self, text: str, names: Names, mistakes: MistakeList) -> None:
        self._text = text
        self._names = names
        self._mistakes = mistakes
        self._at = 0
        self._depth = 0
        self._given_up = False

    def node(self) -> Node:
        if not self._text.strip():
            self._mistakes.add("empty", 0, 1, "The template is empty.", "Write a JSON value, e.g. {}.")
            return _NULL
        node = self._value()
        self._space()
        if self._at < len(self._text) and not self._mistakes.full:
            self._mistakes.add(
                "text-after-end", self._at, len(self._text), "There is more text after the end of the JSON value.",
                "Remove it, or check for a bracket too many.",
            )  # fmt: skip
        return node

    def _space(self) -> None:
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if odd := _ODD_SPACE.match(self._text, self._at):
                code = f"U+{ord(odd[0][0]):04X}"
                self._note("odd-space", odd.end(), f"The white space {code} is not JSON.", "Use plain spaces.")
            elif comment := _COMMENT.match(self._text, self._at):
                self._note("comment", comment.end(), "JSON has no comments.", "Remove it.")
            else:
                return

    def _note(self, code: str, end: int, message: str, hint: str = "") -> None:
        """A mistake from here to `end`, from where reading goes on."""
        self._mistakes.add(code, self._at, end, message, hint)
        self._at = max(end, self._at)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _value(self) -> Node:
        self._space()
        char = self._peek()
        if char in ("{", "["):
            if self._depth >= MAX_DEPTH:
                self._note("too-deep", len(self._text), f"Values are nested more than {MAX_DEPTH} levels deep.")
                self._given_up = True
                return _NULL
            self._depth += 1
            node = self._object() if char == "{" else self._array()
            self._depth -= 1
            return node
        if char == '"':
            return self._string("string")
        if char == "$":
            return self._slot()
        if match := _NUMBER_LIKE.match(self._text, self._at):
            return self._number(match)
        if match := _WORD.match(self._text, self._at):
            return self._word(match)
        if match := _SINGLE_QUOTED.match(self._text, self._at):
            return self._single_quoted(match)
        if char in ("", ",", "}", "]", ":"):
            where = "at the end of the text" if not char else f'before "{char}"'
            self._mistakes.add("value-missing", self._at, self._at + 1, f"A value is missing {where}.")
            return _NULL
        self._note("unexpected", self._at + 1, f'"{char}" cannot stand here.', "A JSON value is expected.")
        return _NULL

    def _slot(self) -> Node:
        match = reference_at(self._text, self._at)
        if match["dollar"]:
            self._note("dollar-outside-string", match.end(), "$$ can stand inside quotes only.")
            return _NULL
        self._at = match.end()
        reference = check(match, "value", self._names, self._mistakes)
        return Slot(reference) if reference else _NULL

    def _number(self, match: re.Match[str]) -> Node:
        written = match[0]
        if not _NUMBER.fullmatch(written):
            digits = written.lstrip("+-")
            hint = (
                "Write it without the leading zero, or in quotes." if digits.startswith("0") and len(digits) > 1 else ""
            )
            self._note(
                "bad-number", match.end(), f"{written[:40]} is not a JSON number.", hint or "Put text in quotes."
            )
            return _NULL
        self._at = match.end()
        return Raw(written)

    def _word(self, match: re.Match[str]) -> Node:
        word = match[0]
        if word in _LITERALS:
            self._at = match.end()
            return Raw(word)
        near = _LIKE_LITERALS.get(word)
        hint = f"In JSON it is {near}." if near else f'Put it in double quotes: "{word[:40]}".'
        self._note("bare-word", match.end(), f"{word[:40]} is not a JSON value.", hint)
        return _NULL

    def _single_quoted(self, match: re.Match[str]) -> Raw:
        for piece in pieces(self._text, match.start() + 1, match.end()):
            if isinstance(piece, re.Match):
                check(piece, "string", self._names, self._mistakes)
        self._note("single-quotes", match.end(), "JSON strings stand in double quotes.", "Use \" instead of '.")
        return Raw('""')

    def _string(self, place: str) -> Raw | Text:
        start = self._at
        match = _STRING.match(self._text, start)
        assert match is not None, "a quote stands here"  # noqa: S101
        self._at = match.end()
        inner_end = match.end() - 1 if match[1] == '"' else match.end()
        if match[1] != '"':
            self._mistakes.add(
                "string-not-closed", start, match.end(), "The string is not closed on this line.",
                'Add the closing ", or write a line break as \\n.',
            )  # fmt: skip
        self._check_characters(start + 1, inner_end)
        parts: list[str | Reference] = []
        for piece in pieces(self._text, start + 1, inner_end):
            if isinstance(piece, str):
                parts[-1:] = [parts[-1] + piece] if parts and isinstance(parts[-1], str) else [*parts[-1:], piece]
                continue
            reference = check(piece, place, self._names, self._mistakes, in_json_string=True)  # type: ignore[arg-type]
            if reference:
                parts.append(reference)
        if all(isinstance(part, str) for part in parts):
            return Raw(f'"{"".join(map(str, parts))}"')
        return Text(tuple(parts))

    def _check_characters(self, start: int, end: int) -> None:
        for match in _ESCAPE.finditer(self._text, start, end):
            if match[1] is not None:
                hint = "Write \\\\ for a backslash."
                self._mistakes.add("bad-escape", match.start(), match.end(), f"{match[0]} is not a JSON escape.", hint)
        for match in _CONTROL.finditer(self._text, start, end):
            code = f"\\u{ord(match[0]):04x}"
            written = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(match[0], code)
            self._mistakes.add(
                "control-character", match.start(), match.end(), "A control character stands in a string.",
                f"Write it as {written}.",
            )  # fmt: skip

    def _array(self) -> Node:
        opened = self._at
        self._at += 1
        elements: list[Node] = []
        while self._more("]", opened, bool(elements)):
            elements.append(self._value())
        return Array(tuple(elements))

    def _object(self) -> Node:
        opened = self._at
        self._at += 1
        entries: list[tuple[Raw | Text, Node]] = []
        while self._more("}", opened, bool(entries)):
            key = self._key()
            self._space()
            if self._peek() == ":":
                self._at += 1
            else:
                self._mistakes.add("colon-missing", self._at, self._at + 1, "A colon is missing after the key.")
            entries.append((key, self._value()))
        return Object(tuple(entries))

    def _key(self) -> Raw | Text:
        char = self._peek()
        if char == '"':
            return self._string("key")
        if char == "$":
            dollar = reference_at(self._text, self._at)
            check(dollar, "key", self._names, self._mistakes)
            self._note("bare-key", dollar.end(), "A key stands in double quotes.", f'Write "{dollar[0]}".')
        elif match := _WORD.match(self._text, self._at):
            self._note("bare-key", match.end(), "A key stands in double quotes.", f'Write "{match[0][:40]}".')
        elif match := _SINGLE_QUOTED.match(self._text, self._at):
            return self._single_quoted(match)
        elif char == ":":
            self._mistakes.add("key-missing", self._at, self._at + 1, "A key is missing before the colon.")
        else:
            self._mistakes.add("key-missing", self._at, self._at + 1, "A key in double quotes is expected.")
            self._value()
        return Raw('""')

    def _more(self, closer: str, opened: int, has_one: bool) -> bool:
        """Whether another element follows; reads the comma before it or the closing bracket."""
        self._space()
        char = self._peek()
        if self._given_up or self._mistakes.full:
            self._at = len(self._text)
            return False
        if char == "":
            bracket = self._text[opened]
            self._mistakes.add(
                "not-closed", opened, opened + 1, f'This "{bracket}" is never closed.', f'Add "{closer}".'
            )
            return False
        if char == closer:
            self._at += 1
            return False
        if char in "]}":
            self._note(
                "wrong-bracket",
                self._at + 1,
                f'"{char}" closes what "{self._text[opened]}" opened.',
                f'Use "{closer}".',
            )
            return False
        if char == ",":
            comma = self._at
            self._at += 1
            self._space()
            if not has_one:
                self._mistakes.add("extra-comma", comma, comma + 1, "A comma stands where a value is expected.")
            elif self._peek() in (closer, ","):
                self._mistakes.add("extra-comma", comma, comma + 1, "There is a comma too many.", "Remove it.")
            return self._more_after_comma(closer, opened)
        if has_one:
            self._mistakes.add("comma-missing", self._at, self._at + 1, "A comma is missing before this.")
            if char == ":":
                self._at += 1
        return True

    def _more_after_comma(self, closer: str, opened: int) -> bool:
        while self._peek() == ",":
            self._at += 1
            self._space()
        if self._peek() in ("", *"]}"):
            return self._more(closer, opened, True)
        return True
