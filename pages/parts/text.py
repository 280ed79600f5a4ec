"""Text that somebody typed, on its way to Streamlit: shown literally, whatever it holds.

Streamlit reads Markdown in nearly everything it shows (labels, buttons, captions, errors, table cells): two `$` become
a formula, `:red[x]` a colour, `![](...)` an image fetched from elsewhere. `md` is the one way such text takes there.
"""

from __future__ import annotations

import re

_REMOVED = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SYNTAX = re.compile(r"[\\`*_\[\]<>$:&~|]|(?<=:material)/")
_SYNTAX_AT_START = re.compile(r"^(\d*)([#+=\-.)])")

# What Streamlit looks for after it has resolved the backslashes, so that none stops it: a zero-width space does.
_ZERO_WIDTH_SPACE = "\u200b"
_READ_LATER = re.compile(
    r"""
      (?<=:)(?=[\w+-]+:)                      # :smile: and :material_home:
    | (?<=:)(?=//)                            # https://
    | (?<=www)(?=\.)                          # www.example.com
    | (?<=@)(?=[\w-])                         # ann@example.com
    | (?<=\s-)(?=[->](?:\s|$)) | (?<=^-)(?=[->](?:\s|$))              # -- and ->
    | (?<=\s<)(?=(?:-|->|=)(?:\s|$)) | (?<=^<)(?=(?:-|->|=)(?:\s|$))  # <- and <-> and <=
    | (?<=\s[>~])(?==(?:\s|$)) | (?<=^[>~])(?==(?:\s|$))              # >= and ~=
    """,
    re.VERBOSE | re.IGNORECASE,
)


def md(text: str) -> str:
    """`text` as Markdown that Streamlit shows as that very text, on one line.

    White space and line breaks become single spaces; control and text-direction characters, which could disguise what
    stands beside the text, go. For Markdown only: `st.code`, `st.text`, `st.dataframe` and input values show text as it
    is and would show the backslashes too.
    """
    line = " ".join(_REMOVED.sub("", _LONE_SURROGATE.sub("\ufffd", text)).split())
    broken = _READ_LATER.sub(_ZERO_WIDTH_SPACE, line)
    return _SYNTAX_AT_START.sub(r"\1\\\2", _SYNTAX.sub(r"\\\g<0>", broken))
