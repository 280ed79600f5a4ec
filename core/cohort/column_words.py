"""The words in a column's name, in whichever way they are joined."""

from __future__ import annotations

import re


def snake_case(column: str) -> str:
    """The name in small letters with `_` between its words: `userEmail`, `User E-mail` -> `user_email`, `user_e_mail`.

    The suffix of a mapping variable (`_field_amplitude`) is left out.
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.strip()).lower()
    return re.sub(r"[\W_]+", "_", parted).strip("_").removesuffix("_field_amplitude").removesuffix("_field")
