"""JSON as people read it: indented, with every literal left exactly as it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def indented(text: str) -> str | None:
    """The JSON text on several lines; None for a text that is not JSON. Numbers, escapes and order stay as they are."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return "".join(_laid_out(_PIECE.findall(text)))


def _laid_out(pieces: list[str]) -> Iterator[str]:
    depth = 0
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else ""
        if piece in "{[":
            empty = following in ("}", "]")
            depth += not empty
            yield piece if empty else f"{piece}\n{'  ' * depth}"
        elif piece in "}]":
            before = pieces[number - 1]
            if before not in ("{", "["):
                depth -= 1
                yield f"\n{'  ' * depth}"
            yield piece
        elif piece == ",":
            yield f",\n{'  ' * depth}"
        elif piece == ":":
            yield ": "
        else:
            yield piece
