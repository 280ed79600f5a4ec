"""Cohort files to measure with: two days of one cohort, the same bytes on every machine and at every call.

Of the members of day 1 a share leaves and as many join; of those who stay, one in twenty has another plan on day 2.
Keys come in an order that is not theirs. Files are made once and kept in `benchmarks/.data`.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

FOLDER = Path(__file__).resolve().parent / ".data"
KEY = "user_id"
COLUMNS = (KEY, "email", "first_name", "city", "plan", "score")
KEY_ONLY = (KEY,)
# A prime larger than any number of members: multiples of 7919 modulo it are a permutation.
_PRIME = 1_000_000_007

_USER = """
    SELECT 'u' || lpad((i * 7919 % {prime})::VARCHAR, 10, '0') AS user_id,
        'user' || i || '@example' || i % 97 || '.com' AS email,
        (['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'José', 'Zoë'])[(i % 7)::INT + 1] AS first_name,
        (['Rome', 'Oslo', 'Bonn', 'New York', 'São Paulo'])[(i % 5)::INT + 1] AS city,
        CASE WHEN {day} = 2 AND i % 20 = 3 THEN 'enterprise'
            ELSE (['free', 'pro', 'team'])[(i % 3)::INT + 1] END AS plan,
        (i * 31 % 100000)::VARCHAR AS score
    FROM range({first}, {last}) AS users(i)
"""


def day(number: int, members: int, columns: tuple[str, ...] = COLUMNS, *, churn: int = 10, form: str = "csv") -> Path:
    """The file of day 1 or 2: `members` rows of these columns, `churn` percent of them others than on the other day."""
    path = FOLDER / f"day-{number}-{members}-{len(columns)}-columns-{churn}-percent.{form}"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        first = members * churn // 100 if number == 2 else 0
        users = _USER.format(prime=_PRIME, day=number, first=first, last=first + members)
        fresh = path.with_suffix(".new")
        options = "FORMAT csv, HEADER" if form == "csv" else "FORMAT parquet"
        with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(FOLDER / "spilled")}) as engine:
            engine.execute(f"COPY (SELECT {', '.join(columns)} FROM ({users})) TO '{fresh}' ({options})")
        os.replace(fresh, path)
    return path
