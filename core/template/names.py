"""The names that may stand in a template. The integration decides which; the language only looks them up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

Kind = Literal["string", "number", "boolean", "items"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: the JSON kind of its value, whether it may be empty, whether each member has its own.

    `host_safe` says that its values cannot lead to another host, so that it may stand in the host of a URL; `host_dots`
    that they may be more than one label of it. `pattern` is a regular expression that each whole value must match.
    """

    name: str
    kind: Kind = "string"
    required: bool = True
    per_member: bool = False
    host_safe: bool = False
    host_dots: bool = False
    pattern: str | None = None


@dataclass(frozen=True)
class Names:
    """Variables by name, other spellings of them, and names that exist but have no place in this template."""

    variables: Mapping[str, Variable]
    aliases: Mapping[str, str] = field(default_factory=dict)
    forbidden: Mapping[str, str] = field(default_factory=dict)

    def resolve(self, name: str) -> str:
        """The variable's own name for an alias; any other name as it is."""
        return self.aliases.get(name, name) if name not in self.variables else name

    def nearest(self, name: str) -> str | None:
        """The known name that looks most like this one, or None when none does."""
        spelled = {known.lower(): known for known in self.variables}
        close = get_close_matches(name.lower(), list(spelled), n=1, cutoff=0.7)
        return spelled[close[0]] if close else None
