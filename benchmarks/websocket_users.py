"""Users of the pages without a browser: each holds Streamlit's websocket, changes a field, and waits for the answer.

    python -m benchmarks.websocket_users http://127.0.0.1:8501 configure INTEGRATION_ID --users 25 --seconds 60

prints the times from a change to the end of the run that it caused, as JSON: count, median and 95th percentile in
milliseconds. Each user changes a text field of the page in turn, so that every run of the script also saves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect


@dataclass
class User:
    """One session. `texts` are the ids of the page's text fields, as it drew them last."""

    address: str
    page: str
    query: str
    seed: int
    texts: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    async def work(self, *, think: float, until: float) -> None:
        rest = random.Random(self.seed)
        target = f"ws://{urlsplit(self.address).netloc}/_stcore/stream"
        async with connect(target, subprotocols=["streamlit"], origin=self.address, max_size=None) as socket:  # type: ignore[arg-type,list-item]
            await self._run(socket, {})
            typed = {}
            await asyncio.sleep(rest.uniform(0, think))
            while time.monotonic() < until:
                name = rest.choice(self.texts)
                typed[name] = f"typed {rest.randrange(10**6)}"
                began = time.monotonic()
                await self._run(socket, typed)
                self.times.append(time.monotonic() - began)
                await asyncio.sleep(rest.uniform(0.5, 1.5) * think)

    async def _run(self, socket: ClientConnection, typed: dict[str, str]) -> None:
        """Asks for a run of the page's script and waits for its end."""
        state = ClientState(query_string=self.query, page_name=self.page)
        for name, text in typed.items():
            widget = state.widget_states.widgets.add(id=name)
            widget.string_value = text
        await socket.send(BackMsg(rerun_script=state).SerializeToString())
        texts: list[str] = []
        while True:
            answer = ForwardMsg.FromString(await socket.recv())  # type: ignore[arg-type]
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.new_element.WhichOneof("type") == "text_input":
                texts.append(answer.delta.new_element.text_input.id)
            elif kind == "script_finished":
                self.texts = texts or self.texts
                return


async def measure(
    address: str, page: str, queries: Sequence[str], *, think: float, seconds: float
) -> dict[str, float | int]:
    """Times in milliseconds of one user a query, who changes something every `think` seconds on average."""
    everybody = [User(address, page, query, seed) for seed, query in enumerate(queries)]
    until = time.monotonic() + seconds
    await asyncio.gather(*(user.work(think=think, until=until) for user in everybody))
    times = sorted(1000 * taken for user in everybody for taken in user.times)
    return {
        "runs": len(times),
        "median_ms": round(statistics.median(times)),
        "p95_ms": round(times[int(0.95 * len(times))]),
        "worst_ms": round(times[-1]),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("page")
    parser.add_argument("integration")
    parser.add_argument("--users", type=int, default=25)
    parser.add_argument("--think", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    figures = measure(
        chosen.address,
        chosen.page,
        [f"id={chosen.integration}"] * chosen.users,
        think=chosen.think,
        seconds=chosen.seconds,
    )
    print(json.dumps(asyncio.run(figures)))
