"""The files in sample_cohorts: days in the life of one cohort, "Power users", in three sizes, and two single files.

`python -m core.cohort.samples sample_cohorts` writes them; their README tells what a reading of each must give. All
users are invented. Some rows repeat a key or lack one, on purpose.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.cohort.users import AWKWARD_EVERY, generate_users

COLUMNS = ("user_id", "email", "phone", "first_name", "country", "plan", "device_id")
RICH_COLUMNS = (
    *("user_id", "anonymous_id", "email", "phone", "first_name", "last_name", "country", "country_code", "city"),
    *("postal_code", "locale", "timezone", "gender", "birth_date", "plan", "ltv", "currency", "orders", "churn_score"),
    *("email_opt_in", "company", "platform", "app_version", "created_at", "last_seen_at", "profile_url"),
)
OPERATION_COLUMNS = ("operation", "user_id_field_amplitude", "amp_cohort_name", "amp_cohort_id")
Row = list[str]


@dataclass(frozen=True)
class Day:
    """Members are the users from `first` to before `last`, except every `skip`th; every 10th has changed plan."""

    first: int
    last: int
    skip: int
    duplicates: int
    empty_keys: int


@dataclass(frozen=True)
class Size:
    seed: int
    awkward_every: int
    days: tuple[Day, ...]
    packed: bool = False


SIZES = {
    "small": Size(7, 2, (Day(0, 20, 0, 1, 1), Day(3, 26, 9, 0, 0), Day(3, 28, 7, 2, 1))),
    "middle": Size(8, AWKWARD_EVERY, (Day(0, 1000, 0, 8, 3), Day(40, 1120, 50, 0, 2), Day(40, 1130, 25, 5, 0))),
    "large": Size(9, AWKWARD_EVERY, (Day(0, 50_000, 0, 200, 14), Day(900, 52_000, 40, 150, 9)), packed=True),
}


def sample_files() -> Iterator[tuple[str, bytes]]:
    """The path of each file below sample_cohorts and what stands in it; the same at every call."""
    for name, size in SIZES.items():
        users = _users(COLUMNS, max(day.last for day in size.days), size.seed, size.awkward_every)
        for number, day in enumerate(size.days, 1):
            text = _csv(COLUMNS, _rows_of(day, number, users))
            if size.packed:
                yield f"{name}/day-{number}.csv.gz", gzip.compress(text, 6, mtime=0)
            else:
                yield f"{name}/day-{number}.csv", text
    yield "operations.csv", _csv(OPERATION_COLUMNS, _operations())
    yield "property_rich.csv", _csv(RICH_COLUMNS, _rich())


def write_samples(folder: Path) -> None:
    """Writes every sample file below the folder."""
    for path, content in sample_files():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _users(columns: Sequence[str], count: int, seed: int, awkward_every: int) -> list[Row]:
    rows: list[Row] = generate_users(columns, count, seed=seed, awkward_every=awkward_every).to_numpy().tolist()
    return rows


def _rows_of(day: Day, number: int, users: list[Row]) -> list[Row]:
    members = [at for at in range(day.first, day.last) if not day.skip or at % day.skip]
    rows = [_on_day(number, at, users[at]) for at in members]
    for extra in range(day.duplicates):
        again = rows[(extra * 37) % len(members)]
        # Half of the repeated keys stand among spaces, which do not make another key of them.
        rows.append([f"  {again[0]} ", *again[1:]] if extra % 2 else again)
    for extra in range(day.empty_keys):
        rows.insert(5 + extra * 11, ["" if extra % 2 else "  ", *users[extra][1:]])
    return rows


def _on_day(number: int, at: int, user: Row) -> Row:
    plan = COLUMNS.index("plan")
    changed = number > 1 and at % 10 == 4
    return [*user[:plan], "enterprise" if changed else user[plan], *user[plan + 1 :]]


def _rich() -> list[Row]:
    """Users of whom some gave no e-mail address or telephone number, and some gave something that is neither."""
    rows = _users(RICH_COLUMNS, 200, 10, AWKWARD_EVERY)
    email, phone = RICH_COLUMNS.index("email"), RICH_COLUMNS.index("phone")
    for at, wrong in zip(range(7, 200, 40), ("n/a", "ada@", "ada at example.com", "@example.com", "-"), strict=True):
        rows[at][email] = wrong
    for at, wrong in zip(range(11, 200, 60), ("020 7946 0018", "555-0142", "unknown", "+0"), strict=True):
        rows[at][phone] = wrong
    return rows


def _operations() -> list[Row]:
    keys = [user[0] for user in _users(("user_id",), 14, 11, 2)]
    words = ["add", "add", "remove", "Add", "REMOVE"]
    rows = [[words[at % len(words)], key, "Power users", "7khm89cz"] for at, key in enumerate(keys)]
    return [*rows, rows[3]]


def _csv(columns: Sequence[str], rows: list[Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue().encode()


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]))
