"""Short texts in monospace inside Markdown: variable names, header names, ids."""

from __future__ import annotations

import re


def mono(text: str) -> str:
    """`text` as Markdown code on one line, whatever it holds; also fit for a cell of a table."""
    line = " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())
    if not line:
        return "–"
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}".replace("|", "\\|")
