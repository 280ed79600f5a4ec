"""What is wrong with a template: every mistake at once, each with its place and a way out."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InputError

MAX_MISTAKES = 50


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `line` and `column` count from 1; `start` and `end` are code point offsets into the template."""

    code: str
    message: str
    hint: str
    line: int
    column: int
    start: int
    end: int

    def __str__(self) -> str:
        text = f"line {self.line}, column {self.column}: {self.message}"
        return f"{text} {self.hint}" if self.hint else text


class TemplateError(InputError):
    """A template that does not compile; `mistakes` holds all of them in the order of the text."""

    def __init__(self, mistakes: tuple[Mistake, ...], *, where: str = ""):
        self.mistakes = mistakes
        first = mistakes[0]
        more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
        super().__init__(f"{first}{more}", where=where)


class MistakeList:
    """Collects mistakes of one template and knows the line and column of each offset."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[tuple[int, str], Mistake] = {}

    def add(self, code: str, start: int, end: int, message: str, hint: str = "") -> None:
        """Notes a mistake between two code point offsets; beyond `MAX_MISTAKES` nothing more is noted."""
        if len(self._found) >= MAX_MISTAKES:
            return
        line = self._text.count("\n", 0, start) + 1
        column = start - (self._text.rfind("\n", 0, start) + 1) + 1
        mistake = Mistake(code, message, hint, line, column, start, max(end, start + 1))
        self._found.setdefault((start, code), mistake)

    @property
    def full(self) -> bool:
        return len(self._found) >= MAX_MISTAKES

    def raise_if_any(self) -> None:
        """Raises `TemplateError` with all mistakes in the order of the text."""
        if self._found:
            raise TemplateError(tuple(sorted(self._found.values(), key=lambda mistake: mistake.start)))
