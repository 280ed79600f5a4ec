"""How long rendering takes: a million members in batches of 10,000, beside the loop that one would write by hand.

python benchmarks/render.py [MEMBERS]
"""

from __future__ import annotations

import hashlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from core.template import Items, Names, Variable, compile_json, to_bytes

BATCH = 10_000
RUNS = 3
NAMES = Names(
    {
        "user_id": Variable("user_id", per_member=True),
        "email": Variable("email", required=False, per_member=True),
    }
)
Columns = dict[str, list[str]]


def rendered(template: str) -> Callable[[Columns], int]:
    compiled = compile_json(template, NAMES)

    def run(columns: Columns) -> int:
        count = len(columns["user_id"])
        return len(to_bytes(Items(compiled.render_members(columns, {}, count).texts).json()))

    return run


def one_field(columns: Columns) -> int:
    return len(json.dumps(columns["user_id"], ensure_ascii=False).encode())


def two_fields(columns: Columns) -> int:
    rows = zip(columns["user_id"], columns["email"], strict=True)
    return len(json.dumps([{"id": key, "email": email} for key, email in rows], ensure_ascii=False).encode())


def hashed(columns: Columns) -> int:
    rows = zip(columns["user_id"], columns["email"], strict=True)
    items = [{"id": key, "email": hashlib.sha256(email.encode()).hexdigest()} for key, email in rows]
    return len(json.dumps(items, ensure_ascii=False).encode())


CASES: Sequence[tuple[str, str, Callable[[Columns], int]]] = (
    ("one field", '"$user_id"', one_field),
    ("two fields", '{"id": "$user_id", "email": "$email"}', two_fields),
    ("with sha256", '{"id": "$user_id", "email": "${email|sha256}"}', hashed),
)


def seconds(run: Callable[[Columns], int], batches: Sequence[Columns]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        for batch in batches:
            run(batch)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main(members: int) -> None:
    batches = [
        {
            "user_id": [f"user_{number}" for number in range(start, min(start + BATCH, members))],
            "email": [f"user{number}@example.com" for number in range(start, min(start + BATCH, members))],
        }
        for start in range(0, members, BATCH)
    ]
    print(f"{members:,} members, batches of {BATCH:,}, median of {RUNS} runs")
    for name, template, by_hand in CASES:
        ours, theirs = seconds(rendered(template), batches), seconds(by_hand, batches)
        print(f"{name:12}  template {ours:6.3f} s   json.dumps by hand {theirs:6.3f} s   ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
