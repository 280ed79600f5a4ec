"""The integration and the members that the benchmarks send; the same in every run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from core.cohort import Members
from core.integration import Integration
from core.request import Connection

KEY = "user_id"
ROWS = 100_000


def integration(url: str, batch_size: int, *, concurrency: int = 4) -> Integration:
    """A list API at `url` with a bearer token and two-field items."""

    def call(what: str) -> dict[str, Any]:
        item = '{"id": "$user_id", "email": "$email"}'
        size = {"batch_size": batch_size, "item": item, "errors": []}
        return {"method": "POST", "url": f"{url}/lists/$list_id/{what}", "payload": '{"users": $items}', **size}

    user = {"variable": "user_id", "display_name": "User ID", "target_name": "User ID", "field_type": "string"}
    email = {"variable": "email", "display_name": "Email", "target_name": "Email", "field_type": "string"}
    token = {"variable": "bearer_token", "display_name": "Token", "field_type": "string", "secret": True}
    created = {"method": "POST", "url": f"{url}/lists", "payload": '{"name": "$amp_cohort_name"}', "errors": []}
    return Integration.model_validate(
        {
            "schema_version": 1, "display_name": "Benchmark", "category": "other", "type": "list",
            "auth": {"method": "bearer", "token": "$bearer_token"}, "custom_fields": [token],
            "mapping_fields": [user, {**email, "required": False}],
            "endpoints": {
                "create_list": {**created, "list_id_source": "response", "list_id_path": "listId"},
                "add_users": call("add"), "remove_users": call("remove"),
            },
            "delivery": {"concurrency": concurrency, "timeout_seconds": 30, "max_retries": 0},
        }
    )  # fmt: skip


def connection() -> Connection:
    cohort = {"id": "c1", "name": "Power users", "url": "https://app.example.com/cohort/c1"}
    fields, mappings = {"bearer_token": "token-of-a-benchmark"}, {"user_id": "user_id", "email": "email"}
    return Connection.model_validate({"name": "b", "fields": fields, "mappings": mappings, "cohort": cohort})


def members(count: int) -> Members:
    """`count` members with an email each, made as they are asked for."""

    def batches() -> Iterator[pa.Table]:
        for start in range(0, count, ROWS):
            numbers = range(start, min(start + ROWS, count))
            users = [f"user_{number}" for number in numbers]
            yield pa.table({"user_id": users, "email": [f"user{number}@example.com" for number in numbers]})

    return Members(("user_id", "email"), count, batches)
