"""Regular expressions that partners write, run on values that customers fill in: bounded, whatever either writes.

The engine is RE2: its time grows with the length of the value alone and its memory is capped, so that no pattern can
keep a request waiting. It has no look-around and no back references, which are what makes other engines slow. The whole
value must match; `\\d`, `\\w` and `\\s` mean ASCII, `\\p{L}` a letter of any script.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

LONGEST_PATTERN = 1_000
LONGEST_VALUE = 10_000
"""Characters of a value that is still matched; a longer one has not the expected form, whatever the form is."""
_MEMORY = 1 << 20
_LOOK_AROUND = ("(?=", "(?!", "(?<=", "(?<!")


class PatternError(ValueError):
    """A pattern that cannot be used; its text says why, as the end of a sentence."""


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text matches. Raises `PatternError`."""
    compiled = _compiled(pattern)
    if isinstance(compiled, PatternError):
        raise compiled
    return len(text) <= LONGEST_VALUE and compiled.fullmatch(text.encode("utf-8", "replace")) is not None


def pattern_fault(pattern: str) -> str | None:
    """Why a pattern cannot be used, or None."""
    compiled = _compiled(pattern)
    return str(compiled) if isinstance(compiled, PatternError) else None


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> Any:
    """The compiled pattern, or the `PatternError` that tells why there is none."""
    if len(pattern) > LONGEST_PATTERN:
        return PatternError(f"it has more than {LONGEST_PATTERN:,} characters")
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.never_capture = True
    try:
        return re2.compile(pattern.encode("utf-8"), options)
    except UnicodeEncodeError:
        return PatternError("it has half a character (a lone surrogate) in it")
    except re2.error as error:
        return PatternError(_explained(pattern, error))


def _explained(pattern: str, error: Exception) -> str:
    found = error.args[0] if error.args else b""
    said = found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)
    if any(start in pattern for start in _LOOK_AROUND) and "invalid perl operator" in said:
        return "look-around such as (?=…) is not supported, because it can take for ever"
    if "invalid escape sequence: \\Z" in said:
        return "\\Z is not supported; leave it out, the whole value must match anyway"
    if "invalid escape sequence" in said and said[-1:].isdigit():
        return "a back reference such as \\1 is not supported, because it can take for ever"
    if "too large" in said or "repetition size" in said:
        return f"its repetitions are too large ({said})"
    return said
