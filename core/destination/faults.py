"""What a sandbox does wrong on request. Counted, not random: the same calls meet the same faults."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from core.destination.exchange import Answer, json_answer

HTML_PAGE = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


class Faults(BaseModel):
    """Every `..._every` is N for each N-th, 0 for never. Calls are counted from when the faults were set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latency_ms: int = Field(0, ge=0, le=120_000, description="Milliseconds before each answer.")
    rate_limit_every: int = Field(0, ge=0, description="Each N-th call is answered 429 and does nothing.")
    retry_after: float = Field(
        1, ge=0, le=3_600, description="Seconds that a 429 asks to wait; 0 sends no Retry-After."
    )
    error_500_every: int = Field(0, ge=0, description="Each N-th call is answered 500 and does nothing.")
    html_error_every: int = Field(0, ge=0, description="Each N-th call is answered 502 with a proxy's HTML page.")
    drop_every: int = Field(0, ge=0, description="Each N-th call is carried out, but its answer breaks off.")
    reject: frozenset[str] = Field(frozenset(), description="Members that are not accepted into any list.")
    reject_every: int = Field(0, ge=0, description="Each N-th new member is not accepted, and stays so.")
    wrong_list_id_path: bool = Field(False, description="The id of a new list is not where the integration looks.")


def is_nth(number: int, every: int) -> bool:
    return every > 0 and number % every == 0


def interruption(faults: Faults, number: int) -> Answer | None:
    """The answer to call `number` (from 1) when a fault keeps it from being carried out."""
    if is_nth(number, faults.rate_limit_every):
        wait = str(math.ceil(faults.retry_after))
        return json_answer(429, {"error": "Too many requests."}, (("Retry-After", wait),) if faults.retry_after else ())
    if is_nth(number, faults.error_500_every):
        return json_answer(500, {"error": "The sandbox was told to fail."})
    if is_nth(number, faults.html_error_every):
        return Answer(502, (("Content-Type", "text/html; charset=utf-8"),), HTML_PAGE)
    return None
