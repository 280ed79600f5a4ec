"""How long delivering takes: ready-made requests to a local server, beside clients that send the same bytes.

    python -m benchmarks.send [MEMBERS]

"ours" is what a run does with a rendered request (`Delivering`): several in flight, every attempt recorded and masked,
the answer judged, the members counted. Beside it a bare loop over httpx at the same concurrency, and one over sockets
that writes the request and reads until the answer is there, which is what `wrk` does. All members go in batches of
10,000, a tenth of them in batches of 100.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import httpx

from benchmarks.figure import Figure, medians, told
from benchmarks.local_server import local_server
from benchmarks.partner import KEY, connection, integration, members
from core.request import BatchValues, Masker, RequestBuilder
from core.sync import Batch, RetrySchedule, SyncRun, batches, open_client
from core.sync.deliver import Courier
from core.sync.delivering import Delivering
from core.sync.flights import Outgoing
from core.sync.ledger import NoLedger
from core.sync.recording import Recording
from core.sync.result import Tally

CONCURRENCY = 4
RUNS = 7
DISTINCT = 20
"""Bodies that take turns, so that those of a large benchmark fit into memory."""
SLOW_SECONDS = 0.05
SLOW_SHARE = 5
"""One request of so many is sent to the slow server as well."""
WHY = (
    "a client that only writes to sockets and reads from them takes {:.3f} s. What is between is httpcore and h11, "
    "which parse each answer and guard its state in Python; ours leaves out httpx's own layer around them"
)


def ready(builder: RequestBuilder, count: int, batch_size: int) -> list[Outgoing]:
    """`count` rendered batches, of which `DISTINCT` differ."""
    values = BatchValues(list_id="L1", computed_time=1)
    few = members(min(count, DISTINCT) * batch_size)
    made = [
        Outgoing(batch, batch.render(builder, values))
        for batch in batches(builder, "add_users", "add", few, KEY, values)
        if isinstance(batch, Batch)
    ]
    return [made[number % len(made)] for number in range(count)]


def ours(builder: RequestBuilder, outgoing: Sequence[Outgoing]) -> None:
    with open_client(builder.integration.delivery) as client:
        courier = Courier(client, Masker(builder.secrets), RetrySchedule(()), timeout_seconds=30)
        run = SyncRun(list_id="L1")
        tally = Tally(run)
        recording = Recording(run, tally, lambda _delivery, _run: None, NoLedger(), courier.stop)
        delivering = Delivering(builder, courier, tally, recording, NoLedger())
        delivering.deliver_all(iter(outgoing), BatchValues(list_id="L1"))
        recording.close()
    if run.added != sum(len(one.batch.keys) for one in outgoing):
        raise RuntimeError(f"{run.added} members were acknowledged: {run.errors}")


def in_threads(outgoing: Sequence[Outgoing], work: Callable[[Iterator[Outgoing]], None]) -> None:
    """`CONCURRENCY` threads that take the next request when they are done with one."""
    left, lock = iter(outgoing), threading.Lock()

    def shared() -> Iterator[Outgoing]:
        while True:
            with lock:
                one = next(left, None)
            if one is None:
                return
            yield one

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for done in [pool.submit(work, shared()) for _ in range(CONCURRENCY)]:
            done.result()


def bare_httpx(outgoing: Sequence[Outgoing]) -> None:
    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    with httpx.Client(limits=limits, trust_env=False, verify=False, timeout=30) as client:

        def work(mine: Iterator[Outgoing]) -> None:
            for one in mine:
                wire = one.request.wire
                client.post(wire.url, content=wire.body, headers=wire.headers).raise_for_status()

        in_threads(outgoing, work)


def bare_socket(outgoing: Sequence[Outgoing]) -> None:
    def work(mine: Iterator[Outgoing]) -> None:
        connection: socket.socket | None = None
        for one in mine:
            wire = one.request.wire
            url, body = urlsplit(wire.url), wire.body or b""
            if connection is None:
                connection = socket.create_connection((url.hostname or "", url.port or 80))
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            lines = [f"{wire.method} {url.path} HTTP/1.1", f"Host: {url.netloc}", f"Content-Length: {len(body)}"]
            lines += [f"{name}: {value}" for name, value in wire.headers]
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            connection.sendall(body)
            answer = b""
            while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
                answer += connection.recv(65_536)
        if connection is not None:
            connection.close()

    in_threads(outgoing, work)


def figures(total: int) -> list[Figure]:
    found = []
    for count, batch_size in ((max(1, total // 10_000), 10_000), (max(1, total // 1_000), 100)):
        case, sent = f"batches of {batch_size:,}", count * batch_size
        with local_server() as url:
            builder = RequestBuilder(integration(url, batch_size), connection())
            outgoing = ready(builder, count, batch_size)
            works = [partial(work, outgoing) for work in (partial(ours, builder), bare_httpx, bare_socket)]
            mine, http, raw = medians(RUNS, *works)
        found.append(Figure("send", case, sent, mine, "bare httpx", http, 1.2, why=WHY.format(raw)))
        with local_server(SLOW_SECONDS) as url:
            builder = RequestBuilder(integration(url, batch_size), connection())
            slow_ones = ready(builder, max(CONCURRENCY, count // SLOW_SHARE), batch_size)
            (slow,) = medians(1, partial(ours, builder, slow_ones))
        ideal = len(slow_ones) * SLOW_SECONDS / CONCURRENCY
        members_sent = len(slow_ones) * batch_size
        found.append(
            Figure("send", f"{case}, 50 ms", members_sent, slow, "ideal, 4 in flight", ideal, round(1 / 0.95, 3))
        )
    return found


if __name__ == "__main__":
    told(figures(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000))
