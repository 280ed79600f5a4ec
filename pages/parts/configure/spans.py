"""Short texts in monospace inside Markdown: variable names, header names, ids."""

from __future__ import annotations

import re
from collections.abc import Iterable


def mono(text: str) -> str:
    """`text` as Markdown code on one line, whatever it holds."""
    line = " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())
    if not line:
        return "–"
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def cell(text: str) -> str:
    """The same for a cell of a table, where a bar would end it."""
    return mono(text).replace("|", "\\|")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table. The cells must be Markdown that is fit for one."""
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
