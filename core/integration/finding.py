"""One finding of the checks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` is the path in the document (`endpoints.add_users.url`), `where` the same in the page's words.

    `line` and `column` are set for mistakes in a template.
    """

    id: str
    severity: Literal["error", "warning"]
    place: str
    where: str
    message: str
    remedy: str
    line: int | None = None
    column: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        position = f" (line {self.line}, column {self.column})" if self.line else ""
        return f"{self.where}{position}: {self.message} {self.remedy}".strip()


def error(id: str, place: str, where: str, message: str, remedy: str = "") -> Finding:
    return Finding(id, "error", place, where, message, remedy)


def warning(id: str, place: str, where: str, message: str, remedy: str = "") -> Finding:
    return Finding(id, "warning", place, where, message, remedy)
