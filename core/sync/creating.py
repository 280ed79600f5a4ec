"""The call that creates the list: announced before it goes out, divided when it is too large, its id read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.integration import CreateListEndpoint
from core.request import BatchValues, RequestBuilder
from core.sync.answer import read_list_id
from core.sync.batches import Batch
from core.sync.deliver import Courier
from core.sync.delivery import Delivery, Verdict
from core.sync.dividing import TOO_LARGE
from core.sync.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Creation:
    """`deliveries` are all tries but the last, `delivery` is that. `list_id` is None when there is no list to go on
    with; `left` are members that did not go with the list because the request would have been too large.
    """

    deliveries: tuple[Delivery, ...]
    delivery: Delivery
    list_id: str | int | None
    left: frozenset[str] = frozenset()


def create_list(
    courier: Courier, builder: RequestBuilder, batch: Batch, values: BatchValues, ledger: Ledger
) -> Creation:
    """Creates the list; a 413 halves the members that go with it. Raises `OSError` as the ledger does."""
    endpoint = builder.endpoint("create_list").endpoint
    assert isinstance(endpoint, CreateListEndpoint)  # noqa: S101 - for the type checker
    announced = not endpoint.idempotent and not courier.stop.is_set()
    ledger.sending(batch.keys)
    if announced:
        ledger.creating(True)
    too_large: list[Delivery] = []
    left: set[str] = set()
    while True:
        request = batch.render(builder, values)
        delivery, answer = courier.deliver(request, endpoint, "add", batch.keys, batch.items)
        if delivery.status != TOO_LARGE or delivery.verdict.action != "fail" or len(batch.keys) < 2:
            break
        too_large.append(delivery)
        ledger.refused(delivery)
        batch, rest = batch.halves()
        left.update(rest.keys)
        ledger.sending(batch.keys)
    list_id = None
    if delivery.verdict.accepted and answer is not None:
        found = read_list_id(endpoint, request.wire, answer)
        list_id = found.value
        if list_id is None:
            # Members of a list that nobody can name again are not acknowledged.
            paths = f" Paths that exist: {', '.join(found.paths)}." if found.paths else ""
            said = courier.masker(f"{found.problem}{paths}")
            delivery = replace(delivery, verdict=Verdict("fail", "No list id in the answer", said, unsure=True))
    if announced and not delivery.verdict.accepted and not delivery.verdict.unsure:
        ledger.creating(False)
    return Creation(tuple(too_large), delivery, list_id, frozenset(left))
