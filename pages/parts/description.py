"""A partner's description, which is Markdown, as Markdown that shows text and nothing else.

Kept: paragraphs, headings (as bold lines), lists, bold, italic, code and links to https addresses. Everything else -
images, HTML, formulas, colours, tables - is shown as the characters that were typed, so that no description can fetch
anything, imitate the page or break it.
"""

from __future__ import annotations

import re

from pages.parts.text import md

_LINE = re.compile(r"\s*(?:(?P<heading>\#{1,6})\s+|(?P<bullet>[-*+])\s+|(?P<number>\d{1,9})[.)]\s+)?(?P<text>.*)")
_INLINE = re.compile(
    r"""
      `(?P<code>[^`]+)`
    | (?<!!)\[(?P<label>[^\[\]]+)\]\((?P<url>https://[A-Za-z0-9\-._~/?=&%+,;#]+)\)
    | \*\*(?P<bold>[^\s*](?:[^*]*[^\s*])?)\*\*
    | (?<![\w*])\*(?P<italic>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])
    | (?<!\w)_(?P<underlined>[^\s_](?:[^_]*[^\s_])?)_(?!\w)
    """,
    re.VERBOSE,
)


def safe_markdown(description: str) -> str:
    """The description as Markdown for `st.markdown`, line by line."""
    return "\n".join(_line(line) for line in re.split(r"\r\n|\r|\n", description))


def _line(line: str) -> str:
    found = _LINE.fullmatch(line.replace("\t", "    "))
    if found is None or not found["text"].strip():
        return _text(line)
    text = _inline(found["text"])
    if found["heading"]:
        return f"\n**{md(found['text'])}**\n"
    if found["bullet"]:
        return f"- {text}"
    if found["number"]:
        return f"{found['number']}. {text}"
    return text.strip()


def _inline(text: str) -> str:
    pieces, after = [], 0
    for found in _INLINE.finditer(text):
        pieces += [_text(text[after : found.start()]), _marked(found)]
        after = found.end()
    return "".join([*pieces, _text(text[after:])])


def _marked(found: re.Match[str]) -> str:
    if found["code"] is not None:
        return f"`{''.join(char for char in found['code'] if char.isprintable()) or ' '}`"
    shown = md(found["label"] or found["bold"] or found["italic"] or found["underlined"])
    if not shown:
        return ""
    if found["label"] is not None:
        return f"[{shown}]({found['url']})"
    return f"**{shown}**" if found["bold"] is not None else f"*{shown}*"


def _text(piece: str) -> str:
    """`md`, which trims, with the spaces at both ends kept as one each."""
    shown = md(piece)
    if not shown:
        return " " if piece else ""
    return f"{' ' if piece[0].isspace() else ''}{shown}{' ' if piece[-1].isspace() else ''}"
