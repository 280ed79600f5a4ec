"""Tries one endpoint with a few users, as the page does when a partner presses "Send test request"."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pandas as pd

from core.cohort import Members
from core.integration import CreateListEndpoint, EndpointName
from core.request import BatchValues, Masker, RenderedRequest, RequestBuilder
from core.sync.answer import ListId, read_list_id
from core.sync.batches import Batch, Skipped, batches
from core.sync.deliver import Courier
from core.sync.delivery import Delivery
from core.sync.policy import ANYWHERE, NetworkPolicy
from core.sync.retry import Clock, RetrySchedule
from core.sync.transport import open_client


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it. `list_id` is set for the list creation call; its problem names the paths that exist."""

    delivery: Delivery
    list_id: ListId | None
    skipped: tuple[Skipped, ...]

    @property
    def succeeded(self) -> bool:
        return self.delivery.verdict.accepted and (self.list_id is None or self.list_id.value is not None)


@dataclass(frozen=True, slots=True)
class Preview:
    """The first request that an endpoint would send for some users, and the users it would leave out."""

    request: RenderedRequest
    batch: Batch
    skipped: tuple[Skipped, ...]


def preview(builder: RequestBuilder, name: EndpointName, frame: pd.DataFrame, key: str, values: BatchValues) -> Preview:
    """Renders an endpoint's first request; nothing is sent.

    Raises `DocumentError` for templates with mistakes, `ValueFault` for a missing value that is not a user's.
    """
    operation = "remove" if name == "remove_users" else values.operation
    skipped: list[Skipped] = []
    compiled = builder.endpoint(name)
    if compiled.sends_items or compiled.per_user:
        for batch in batches(builder, name, operation, Members.of(frame), key, values):
            if isinstance(batch, Batch):
                return Preview(batch.render(builder, values), batch, tuple(skipped))
            skipped.append(batch)
    batch = Batch(name, operation, "0", (), items=() if compiled.sends_items else None)
    return Preview(batch.render(builder, values), batch, tuple(skipped))


def try_endpoint(
    builder: RequestBuilder,
    name: EndpointName,
    frame: pd.DataFrame,
    key: str,
    values: BatchValues,
    *,
    policy: NetworkPolicy = ANYWHERE,
    transport: httpx.BaseTransport | None = None,
) -> Trial:
    """Sends an endpoint's first request once, without retries, and reads its answer as a sync would."""
    shown = preview(builder, name, frame, key, values)
    endpoint = builder.endpoint(name).endpoint
    delivery_settings = builder.integration.delivery
    with open_client(delivery_settings, policy=policy, transport=transport) as client:
        courier = Courier(
            client, Masker(builder.secrets), RetrySchedule(()), delivery_settings.timeout_seconds, Clock()
        )
        batch = shown.batch
        delivery, answer = courier.deliver(shown.request, endpoint, batch.operation, batch.keys, batch.items)
    list_id = None
    if isinstance(endpoint, CreateListEndpoint) and delivery.verdict.accepted and answer is not None:
        list_id = read_list_id(endpoint, shown.request.wire, answer)
    return Trial(delivery, list_id, shown.skipped)
