"""How long rendering takes, in batches of 10,000, beside the loop that one would write by hand for orjson.

    python -m benchmarks.render [MEMBERS]

The loop gets its columns as Python lists, made before the clock starts; ours get them as the engine hands them out, in
Arrow tables. Peak memory is that of a process that renders the members and lets every batch go: it does not grow.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import orjson
import pyarrow as pa

from benchmarks.figure import Figure, in_a_child, medians, told
from core.template import JsonTemplate, Names, Variable, compile_json

BATCH = 10_000
RUNS = 5
TARGET = 1.3
_OPTIONAL = ("email", "phone", "city", "plan")
NAMES = Names(
    {"user_id": Variable("user_id", per_member=True)}
    | {name: Variable(name, required=False, per_member=True) for name in _OPTIONAL}
)
Lists = dict[str, list[str]]
WHY_SHA256 = "nine tenths are the calls of hashlib, one a value; DuckDB's own sha256 takes 1.6 times as long"


def one_field(columns: Lists) -> bytes:
    return orjson.dumps([user for user in columns["user_id"]])  # noqa: C416 - the loop is what is measured


def two_fields(columns: Lists) -> bytes:
    rows = zip(columns["user_id"], columns["email"], strict=True)
    return orjson.dumps([{"id": user, "email": email} for user, email in rows])


def five_fields(columns: Lists) -> bytes:
    rows = zip(*(columns[name] for name in ("user_id", *_OPTIONAL)), strict=True)
    items = []
    for user, email, phone, city, plan in rows:
        item = {"id": user, "email": hashlib.sha256(email.encode()).hexdigest(), "city": city, "plan": plan}
        if phone:
            item["phone"] = phone
        items.append(item)
    return orjson.dumps(items)


def hashlib_alone(columns: Lists) -> list[str]:
    return [hashlib.sha256(email.encode()).hexdigest() for email in columns["email"]]


FIVE = '{"id": "$user_id", "email": "${email|sha256}", "city": "$city", "plan": "$plan", "phone": "$phone"}'
CASES: Sequence[tuple[str, str, str, Callable[[Lists], object], str]] = (
    ('"$user_id"', '"$user_id"', "orjson by hand", one_field, ""),
    ("two fields", '{"id": "$user_id", "email": "$email"}', "orjson by hand", two_fields, ""),
    ("five fields, one optional, sha256", FIVE, "orjson by hand", five_fields, ""),
    ("sha256", '"${email|sha256}"', "hashlib alone", hashlib_alone, WHY_SHA256),
)


def tables(members: int) -> Iterator[pa.Table]:
    for start in range(0, members, BATCH):
        numbers = range(start, min(start + BATCH, members))
        yield pa.table(
            {
                "user_id": [f"user_{number}" for number in numbers],
                "email": [f"user{number}@example.com" for number in numbers],
                "phone": [f"+1555{number:07}" if number % 5 else "" for number in numbers],
                "city": [("Oslo", "Paris", "São Paulo")[number % 3] for number in numbers],
                "plan": [("free", "pro")[number % 2] for number in numbers],
            }
        )


def body(template: JsonTemplate, table: pa.Table) -> bytes:
    columns = {one.name: table.column(one.name).chunk(0) for one in template.references}
    items = template.render_members(columns, {}, table.num_rows, must_name=True).items
    return b"".join(items.json_pieces())


REASONS = {
    '"$user_id" beside orjson by hand': (
        "A hundredth of a second for a million: encoding a column as JSON against orjson's dump of one ready list."
    )
}


def figures(members: int) -> list[Figure]:
    arrow = list(tables(members))
    lists = [table.to_pydict() for table in arrow]
    found = []
    for case, template, beside, by_hand, why in CASES:
        compiled = compile_json(template, NAMES)
        ours, theirs = medians(RUNS, partial(_each, partial(body, compiled), arrow), partial(_each, by_hand, lists))
        found.append(
            Figure("render", case, members, ours, beside, theirs, TARGET, peak_mb=_peak(template, members), why=why)
        )
    return found


def _each(work: Callable[[Any], object], batches: Sequence[Any]) -> None:
    for batch in batches:
        work(batch)


def _peak(template: str, members: int) -> float:
    """Peak memory of a process that renders the members and lets every batch go; the same for any number of them."""
    return float(in_a_child("benchmarks.render", "stream", template, str(members))["peak_mb"])


def _stream(template: str, members: int) -> None:
    compiled = compile_json(template, NAMES)
    for table in tables(members):
        body(compiled, table)
    print(json.dumps({"members": members}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["stream"]:
        _stream(sys.argv[2], int(sys.argv[3]))
    else:
        told(figures(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
