"""A request as a cURL command that a real bash runs to the same bytes, and which shell variables it reads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.request.rendered import HttpRequest
from core.template import has_mark, split_marks

LARGE_BODY = 100_000
"""Bytes beyond which the body goes through standard input: Linux caps one argument at 128 KiB."""

_SAFE_IN_DOUBLE_QUOTES = re.compile(r"[A-Za-z0-9 :/._,;=?&%+@~^*()\[\]{}<>|#-]*")
_OF_THE_SHELL = frozenset(
    ("EUID", "HOME", "HOSTNAME", "IFS", "LANG", "PATH", "PPID", "PWD", "RANDOM", "SECONDS", "SHELL", "UID", "USER")
)
"""Names that a shell gives a meaning, or does not let one set."""
_METHODS_WITH_BODY = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class CurlCommand:
    """`command` is ready for bash; `variables` are the shell variables it reads, each with what it must hold."""

    command: str
    variables: tuple[tuple[str, str], ...]


def shell_name(mark: str) -> str:
    """`bearer_token` -> BEARER_TOKEN; `api_key|sha256` -> API_KEY_SHA256."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", mark).strip("_").upper()
    return f"{name}_VALUE" if name in _OF_THE_SHELL else name


def curl(request: HttpRequest) -> CurlCommand:
    """The command for a request: a `wire` one is complete, a `marked` one reads its secrets from shell variables."""
    found: dict[str, str] = {}
    lines = [f"curl -X {request.method} {_quoted(request.url, found)}", "--globoff --path-as-is"]
    for name, value in request.headers:
        if name.lower() == "authorization" and request.basic is not None:
            continue
        lines.append(f"-H {_quoted(f'{name}: {value}' if value else f'{name};', found)}")
    if request.basic is not None:
        lines.append(f"-u {_quoted(':'.join(request.basic), found)}")
    before = ""
    if request.body:
        text = _quoted(request.text or "", found)
        if len(request.body) > LARGE_BODY:
            before = f"printf %s {text} | "
            lines.append("--data-binary @-")
        else:
            lines.append(f"--data-raw {text}")
    elif request.method in _METHODS_WITH_BODY:
        lines.append("-H 'Content-Type:' --data-raw ''")
    return CurlCommand(before + " \\\n  ".join(lines), tuple(found.items()))


def _quoted(text: str, found: dict[str, str]) -> str:
    """One shell word: in single quotes, or with "$VARIABLE" where a secret's mark stands."""
    if not has_mark(text):
        return _single(text)
    parts = split_marks(text)
    for part, is_mark in parts:
        if is_mark:
            found[shell_name(part)] = part.replace("|", ", then ")
    if all(is_mark or _SAFE_IN_DOUBLE_QUOTES.fullmatch(part) for part, is_mark in parts):
        inside = "".join(f"${{{shell_name(part)}}}" if is_mark else part for part, is_mark in parts)
        # Braces stay where bash, or zsh with its modifiers and subscripts, would read on.
        inside = re.sub(r"\$\{(\w+)\}(?!\w|:[A-Za-z]|\[)", r"$\1", inside)
        return f'"{inside}"'
    return "".join(f'"${shell_name(part)}"' if is_mark else _single(part) for part, is_mark in parts)


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
