"""How well a cohort's columns would feed a destination: how many members have a value, and a well-formed one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core.cohort.column_words import snake_case
from core.cohort.tidy import no_column
from core.errors import InputError

Form = Literal["email", "phone"]

_NAMED: dict[Form, re.Pattern[str]] = {
    "email": re.compile(r"(^|_)(e_?)?mail(_|$)"),
    "phone": re.compile(r"(^|_)(phone|telephone|mobile|msisdn|tel|sms|whatsapp)(_|$)"),
}
# `email_verified`, `phone_model` and `sms_opt_in` are about an address or a phone, not one of them.
_ABOUT = re.compile(
    r"(^|_)(verified|valid|opt|opted|consent|status|count|model|type|brand|os|hash|hashed|sha256|md5|at|date|id)(_|$)"
)
# An address as HTML's input type=email accepts it, with a dot in the domain; a number as E.164 writes it.
_WELL_FORMED: dict[Form, str] = {
    "email": r"[^\s@\"(),:;<>\[\\\]]{1,64}@[^\s@.\"(),:;<>\[\\\]]+(?:\.[^\s@.\"(),:;<>\[\\\]]+)+",
    "phone": r"\+[1-9][0-9]{6,14}",
}


@dataclass(frozen=True)
class ColumnCoverage:
    """`filled` of `total` members have a value; `well_formed` of these look like the `form`, which is None if neither
    the column's name nor its values speak of e-mail addresses or phone numbers (then `well_formed` is None too)."""

    column: str
    total: int
    filled: int
    form: Form | None
    well_formed: int | None

    @property
    def share(self) -> float:
        """Filled members over all, 0.0 to 1.0; 1.0 for an empty cohort, where nobody lacks a value."""
        return self.filled / self.total if self.total else 1.0


def coverage(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[ColumnCoverage, ...]:
    """The coverage of each column, in the order asked. `frame` is a Snapshot's; an empty text is no value.

    Raises InputError for a column that the frame lacks.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        error = no_column(missing[0], list(frame.columns), "")
        raise InputError(error.what, remedy="Map another column.")
    return tuple(_of_column(frame[column], column) for column in columns)


def _of_column(values: pd.Series, column: str) -> ColumnCoverage:
    filled = values[values != ""]
    form = _form(filled, column)
    well_formed = None if form is None else int(filled.str.fullmatch(_WELL_FORMED[form]).sum())
    return ColumnCoverage(column, total=len(values), filled=len(filled), form=form, well_formed=well_formed)


def _form(filled: pd.Series, column: str) -> Form | None:
    words = snake_case(column)
    for form, named in _NAMED.items():
        if named.search(words) and not _ABOUT.search(words):
            return form
    with_at = int(filled.str.contains("@", regex=False).sum())
    return "email" if with_at * 2 > len(filled) else None
