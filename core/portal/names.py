"""Display names of integrations: when two count as the same, and what a copy is called."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from itertools import count

_COPY = re.compile(r"\s*\(copy(?: \d+)?\)$")


def name_key(display_name: str) -> str:
    """What is left of a name when case, spaces and ways of writing one character in Unicode do not count.

    Compatibility forms (full-width letters, ligatures) compare equal too, invisible characters do not count. Unicode's
    compatibility caseless matching, less the spaces. A SHA-256 in hex, so that any name can be indexed; empty for a
    name of which nothing is left.
    """
    folded = unicodedata.normalize("NFKC", display_name).casefold()
    seen = (char for char in folded if not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf"))
    left = unicodedata.normalize("NFKC", "".join(seen))
    return hashlib.sha256(left.encode("utf-8", "surrogatepass")).hexdigest() if left else ""


def copy_name(display_name: str, taken: Callable[[str], bool]) -> str:
    """`Acme` -> `Acme (copy)`, or the first of `Acme (copy 2)`, `Acme (copy 3)` ... that is not taken."""
    stem = _COPY.sub("", display_name)
    endings = (" (copy)" if number == 1 else f" (copy {number})" for number in count(1))
    return next(name for ending in endings if not taken(name := (stem + ending).strip()))
