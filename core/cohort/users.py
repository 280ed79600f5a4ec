"""Believable users for any set of columns, the same for the same seed on every machine.

A column's name decides what stands in it. A user's columns fit together: the e-mail address is made of the name, city
and telephone number are of the country. Every 19th key is an awkward one, and optional columns have gaps, because
that is what the cohorts of real customers look like.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from core.cohort.awkward import awkward_address, awkward_key
from core.cohort.fields import Person, field_of, unique_phone
from core.errors import InputError

AWKWARD_EVERY = 19
_GAP_EVERY = 11
_AWKWARD: dict[str, Callable[[int], str]] = {"id": awkward_key, "other": awkward_key, "email": awkward_address}
_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)


def generate_users(
    columns: Sequence[str], count: int, *, seed: int, awkward_every: int = AWKWARD_EVERY
) -> pd.DataFrame:
    """`count` users, a column for each name; the first column is their key: unique, never empty.

    `awkward_every` n makes one key in n an awkward one (leading zeros, `NA`, quotes, emoji, 20 digits ...); 0 makes
    none and leaves no gaps. All columns are Arrow-backed `str` without missing values; a gap is empty text. What a
    user holds does not depend on the other columns, nor on `count`. Raises InputError for no columns, a column
    without a name or named twice, and a negative count.
    """
    names = [column.strip() for column in columns]
    if not names or not all(names) or len(set(names)) < len(names):
        raise InputError("Users need columns, each with a name of its own.", remedy="Name at least one column.")
    if count < 0:
        raise InputError(f"There cannot be {count} users.", remedy="Ask for 0 or more.")
    people = _people(count, seed)
    cells = {names[0]: _keys(names[0], people, seed, awkward_every)}
    for column in names[1:]:
        cells[column] = _values(column, people, seed)
        if awkward_every and field_of(column).optional:
            cells[column] = _with_gaps(column, cells[column], seed)
    return pd.DataFrame({column: pd.Series(values, dtype=_TEXT) for column, values in cells.items()})


def _draws(label: str, count: int, seed: int) -> list[int]:
    """Random 64-bit numbers, a stream for each label; PCG64's raw output is the same in every version of numpy."""
    stream = np.random.SeedSequence([seed % 2**64, zlib.crc32(label.encode())])
    raw: list[int] = np.random.PCG64(stream).random_raw(count).tolist()
    return raw


def _people(count: int, seed: int) -> list[Person]:
    draws = [_draws(label, count, seed) for label in ("first", "last", "place", "self")]
    return [Person(number, *drawn) for number, drawn in enumerate(zip(*draws, strict=True))]


def _values(column: str, people: list[Person], seed: int) -> list[str]:
    make = field_of(column).make
    draws = _draws(f"values of {column}", len(people), seed)
    return [make(person, draw, column) for person, draw in zip(people, draws, strict=True)]


def _keys(column: str, people: list[Person], seed: int, awkward_every: int) -> list[str]:
    kind = field_of(column).kind
    keys = [unique_phone(person.number) for person in people] if kind == "phone" else _values(column, people, seed)
    if kind == "other":
        keys = [f"{key} {number}" for number, key in enumerate(keys, 1)]
    awkward = _AWKWARD.get(kind)
    if awkward and awkward_every:
        for number, at in enumerate(range(min(2, awkward_every - 1), len(keys), awkward_every)):
            keys[at] = awkward(number)
    return keys


def _with_gaps(column: str, values: list[str], seed: int) -> list[str]:
    gaps = _draws(f"gaps in {column}", len(values), seed)
    return ["" if gap % _GAP_EVERY == 0 else value for value, gap in zip(values, gaps, strict=True)]
